// An OpenAI-compatible server on loopback, scripted by the test. Its journal is the far side's count of requests.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ScriptedReply, sendReply } from './model-double-replies.ts';

interface RecordedRequest {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  /** The parsed JSON body; null when it isn't JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape.
  body: any;
  /** Settles when the client's side of the exchange is over: answered, or the client hung up. */
  ended: Promise<'answered' | 'hung_up'>;
}

type Script = ScriptedReply | ((request: RecordedRequest) => ScriptedReply | Promise<ScriptedReply>);

export interface ModelDouble {
  /** `http://127.0.0.1:PORT/v1` */
  baseUrl: string;
  apiKey: string;
  /** Every request that arrived, in order, answered or not. */
  requests: RecordedRequest[];
  /** Replies in order, one a request. */
  enqueue(...replies: Script[]): void;
  /** What to answer once the queue is empty; without it such a request is refused and fails `assertComplete`. */
  otherwise(reply: Script): void;
  /** From now on it has an embeddings endpoint, which says this of each text; null is a failure of the whole request. */
  embedWith(vectorOf: (text: string) => number[] | null): void;
  /** @throws when scripted replies were not asked for, or requests came that were not scripted. */
  assertComplete(): void;
  /** Refuses connections (an outage) until `listen` on the same port. */
  close(): Promise<void>;
  listen(): Promise<void>;
  stop(): Promise<void>;
}

export async function startModelDouble(): Promise<ModelDouble> {
  const apiKey = `sk-double-${randomUUID()}`;
  const queue: Script[] = [];
  const requests: RecordedRequest[] = [];
  let fallback: Script | null = null;
  let vectorOf: ((text: string) => number[] | null) | null = null;
  let unscripted = 0;
  const sockets = new Set<Socket>();

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await record(incoming, response);
    requests.push(request);
    if (vectorOf !== null && request.path.endsWith('/embeddings')) return sendVectors(response, request.body.input, vectorOf);
    const script = queue.shift() ?? fallback;
    if (incoming.headers.authorization !== `Bearer ${apiKey}`) return sendReply(response, request.body, { status: 401 });
    if (script !== null) return sendReply(response, request.body, typeof script === 'function' ? await script(request) : script);
    unscripted += 1;
    sendReply(response, request.body, { status: 400, body: { error: { message: 'the test scripted no reply for this request' } } });
  }

  const server = createServer((incoming, response) => void answer(incoming, response).catch(() => response.destroy()));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listenOn(server, 0);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });

  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey,
    requests,
    enqueue: (...replies) => void queue.push(...replies),
    otherwise(reply) {
      fallback = reply;
    },
    embedWith(given) {
      vectorOf = given;
    },
    assertComplete() {
      if (queue.length > 0) throw new Error(`${queue.length} scripted model replies were never asked for`);
      if (unscripted > 0) throw new Error(`${unscripted} model requests came that no reply was scripted for`);
    },
    close,
    listen: async () => void (await listenOn(server, port)),
    stop: close,
  };
}

function sendVectors(response: ServerResponse, input: string[], vectorOf: (text: string) => number[] | null): void {
  const vectors = input.map(vectorOf);
  if (vectors.some((vector) => vector === null)) return void response.writeHead(500, { 'content-type': 'application/json' }).end('{}');
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  const usage = { prompt_tokens: 10 * input.length, total_tokens: 10 * input.length };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data, usage }));
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function record(incoming: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const ended = new Promise<'answered' | 'hung_up'>((resolve) => {
    response.once('close', () => resolve(response.writableFinished ? 'answered' : 'hung_up'));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return { path: incoming.url ?? '', headers: incoming.headers, body: parse(Buffer.concat(chunks).toString('utf8')), ended };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
