// A server on loopback that stands for a host on the internet, and the dialers and resolvers that make the reader believe so.
// It counts what reaches it: connections, bytes, requests. A test about what must not be asked for believes these counts only.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createRawServer, type Server, type Socket } from 'node:net';
import { type Dialer, dialTcp, type Resolver } from '../../src/adapters/http/guarded-connection.ts';

export interface FarServer extends AsyncDisposable {
  port: number;
  connections: number;
  /** Connections that are still open. */
  open: Set<Socket>;
  bytes: number;
  requests: IncomingMessage[];
}

async function listen(server: Server, far: FarServer): Promise<void> {
  server.on('connection', (socket: Socket) => {
    far.connections += 1;
    far.open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      far.open.delete(socket);
      far.bytes += socket.bytesRead;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  far.port = address !== null && typeof address === 'object' ? address.port : 0;
}

function createFar(stop: () => Server): FarServer {
  const far: FarServer = {
    port: 0,
    connections: 0,
    open: new Set(),
    bytes: 0,
    requests: [],
    async [Symbol.asyncDispose]() {
      for (const socket of far.open) socket.destroy();
      const server = stop();
      server.close();
      await once(server, 'close');
    },
  };
  return far;
}

/** Speaks HTTP, or HTTPS with a key and certificate. */
export async function startFarServer(listener: RequestListener, secure?: { key: string; cert: string }): Promise<FarServer> {
  const note = (request: IncomingMessage, response: ServerResponse): void => {
    far.requests.push(request);
    void listener(request, response);
  };
  const server = secure === undefined ? createServer(note) : createSecureServer(secure, note);
  const far = createFar(() => server);
  await listen(server, far);
  return far;
}

/** Speaks whatever `onSocket` writes. */
export async function startRawServer(onSocket: (socket: Socket) => void): Promise<FarServer> {
  const server = createRawServer((socket) => {
    socket.resume();
    onSocket(socket);
  });
  const far = createFar(() => server);
  await listen(server, far);
  return far;
}

/** Answers every name in `names`; any other name is unknown. */
export function resolveAs(names: Record<string, readonly string[]>): Resolver {
  return async (name) => {
    const addresses = names[name];
    if (addresses === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
    return addresses;
  };
}

/** Puts loopback servers behind public addresses; the judge is told the public one. `fallback` takes every other address. */
export function dialAs(behind: Record<string, FarServer>, fallback?: FarServer): Dialer {
  return async ({ addresses, signal }) => {
    const address = addresses[0] ?? '';
    const port = (behind[address] ?? fallback)?.port ?? 0;
    const { socket } = await dialTcp({ addresses: ['127.0.0.1'], port, signal });
    return { socket, remoteAddress: address };
  };
}
