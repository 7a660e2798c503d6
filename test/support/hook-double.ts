// Somebody else's server that fulfils orders: on loopback, with a journal of its own, and a way to keep it from answering.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dialTcp } from '../../src/adapters/http/guarded-connection.ts';
import { createHookSender } from '../../src/adapters/http/hook-sender.ts';
import type { HookSender } from '../../src/domain/orders/hook-sender.ts';

/** What a rule names; it stands for the double behind a public address. */
export const HOOK_URL = 'http://shop.example/orders';
const PUBLIC = '93.184.216.34';

export interface HookDouble {
  port: number;
  /** Every request in order: a repetition under the same key is here twice. */
  heard: { key: string; signature: string; body: string }[];
  /** What it answers; `silence` takes the request and says nothing. */
  answer: number | 'silence';
  close(): Promise<void>;
}

export async function startHookDouble(): Promise<HookDouble> {
  const waiting = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const of = (name: string): string => String(request.headers[name] ?? '');
    double.heard.push({ key: of('idempotency-key'), signature: of('jug-signature'), body: Buffer.concat(chunks).toString() });
    if (double.answer === 'silence') waiting.add(response);
    else response.writeHead(double.answer).end(JSON.stringify({ id: `far-${double.heard.length}` }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const double: HookDouble = {
    port: (server.address() as AddressInfo).port,
    heard: [],
    answer: 200,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return double;
}

/** The real sender, which believes that the double is on the internet. */
export const senderTo = (port: number): HookSender =>
  createHookSender({
    resolve: async () => [PUBLIC],
    dial: async ({ signal }) => ({ socket: (await dialTcp({ addresses: ['127.0.0.1'], port, signal })).socket, remoteAddress: PUBLIC }),
  });
