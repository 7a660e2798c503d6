// The far side of the approvals bench: an HTTP server on loopback that counts acts by idempotency key, and believes nobody else's count.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FarSide {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Requests that acted, repetitions included. */
  requests: number;
  /** Distinct keys: effects. */
  effects: Set<string>;
  /** Called with the body of each act as it arrives. */
  onAct: (body: { offerId: string }) => void;
  stop(): Promise<void>;
}

export async function startFarSide(): Promise<FarSide> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.method !== 'POST') return void response.end(JSON.stringify({ id: request.url?.split('/').at(-1), status: 'running' }));
      const key = String(request.headers['idempotency-key']);
      far.requests += 1;
      far.effects.add(key);
      far.onAct(JSON.parse(Buffer.concat(chunks).toString()) as { offerId: string });
      return void response.end(JSON.stringify({ id: `act_${key}`, receipt: `receipt_${key}` }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far: FarSide = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    effects: new Set(),
    onAct: () => {},
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return far;
}
