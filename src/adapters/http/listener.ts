// A port with a server behind it: the limits every listener of ours has, and an orderly end.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { turnAway } from './front-door.ts';

const HEADERS_MS = 10_000;
/** A whole request must have arrived by then, however slowly it is sent. */
const REQUEST_MS = 20_000;
const CHECK_EVERY_MS = 2_000;
const MAX_CONNECTIONS = 2_000;
/** How long running requests may take to end when the server stops. */
const DRAIN_MS = 3_000;

export interface Listener {
  /** The port really listened on. */
  port: number;
  close(): Promise<void>;
}

/**
 * @param at port 0 takes any free one.
 * @throws Error with code EADDRINUSE when the port is held by someone else.
 */
export async function openListener(
  fetch: (request: Request) => Response | Promise<Response>,
  at: { host: string; port: number },
): Promise<Listener> {
  const listener = getRequestListener(fetch);
  const server = createServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16 * 1024,
    },
    (incoming, outgoing) => {
      if (!turnAway(incoming, outgoing)) void listener(incoming, outgoing);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, at);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection turns idle when its last answer ends, which may be after this call.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
