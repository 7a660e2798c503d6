// The practice model's endpoint: OpenAI-compatible, loopback only, deterministic. It stands in for a provider when there
// is no key, behind the same client; it follows playbooks and is no language model.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from '../../core/canonical-json.ts';
import { PRACTICE_MODEL, streamCompletion, wholeCompletion } from './model-wire.ts';
import { answerRequest } from './playbook.ts';

export interface PracticeModel {
  /** `http://127.0.0.1:PORT/v1` */
  baseUrl: string;
  /** New at every start; no other process on the machine can use the endpoint. */
  apiKey: string;
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 8_000_000;

export async function startPracticeModel(): Promise<PracticeModel> {
  const apiKey = `practice-${randomBytes(18).toString('base64url')}`;
  const server = createServer((request, response) => {
    route(request, response, apiKey).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'the practice model failed on this request');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(request: IncomingMessage, response: ServerResponse, apiKey: string): Promise<void> {
  if (!isAuthorised(request, apiKey)) return refuse(response, 401, 'wrong key');
  if (request.method === 'GET' && request.url === '/v1/models') {
    return json(response, 200, { object: 'list', data: [{ id: PRACTICE_MODEL, object: 'model', created: 0, owned_by: 'juggernaut' }] });
  }
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') return refuse(response, 404, 'no such route');
  const text = await readBody(request);
  if (text === null) return refuse(response, 413, 'the request is too large');
  const body = parseObject(text);
  if (body === null) return refuse(response, 400, 'the body is not a JSON object');
  complete(response, body, text);
}

function complete(response: ServerResponse, body: Record<string, unknown>, text: string): void {
  const answer = answerRequest(body);
  if (body['stream'] !== true) {
    json(response, 200, wholeCompletion(answer, text));
    return;
  }
  const options = body['stream_options'];
  const includeUsage = typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  for (const event of streamCompletion(answer, text, includeUsage)) response.write(event);
  response.end();
}

/** Compared as hashes, so that neither length nor content shows in the time it takes. */
function isAuthorised(request: IncomingMessage, apiKey: string): boolean {
  const sent = sha256(request.headers.authorization ?? '');
  return timingSafeEqual(Buffer.from(sent), Buffer.from(sha256(`Bearer ${apiKey}`)));
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  // What is left of an unread body must not be taken for the next request.
  response.setHeader('connection', 'close');
  json(response, status, { error: { message, type: 'invalid_request_error', code: null } });
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
