// The way to a service the owner named: every request judged on the connected socket, bounded, without redirects, cookies or proxies.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { judgeUrl } from '../../core/public-address.ts';
import { asFailure, refusal, unreadable } from './fetch-failure.ts';
import { type Dialer, openGuarded, type Resolver, requireOwned } from './guarded-connection.ts';

/** One answer, also one that comes as a stream of events. */
const LARGEST_ANSWER = 8_000_000;
const HEADER_BYTES = 32 * 1024;

interface Way {
  /** The owner says it stands on this machine or in its network. */
  isPrivate: boolean;
  dial: Dialer;
  resolve: Resolver;
  /** An answer broke off or was too long: nobody waits for the rest of it. */
  onBroken?: () => void;
}

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export function createGuardedFetch({ isPrivate, dial, resolve, onBroken = () => {} }: Way): Fetch {
  return async (target, init = {}) => {
    const url = requireAllowed(String(target), isPrivate);
    const signal = init.signal ?? new AbortController().signal;
    try {
      const socket = await openGuarded(url, { dial, resolve, signal, ...(isPrivate ? { require: requireOwned } : {}) });
      return toResponse(await send(url, socket, init), socket, onBroken);
    } catch (error) {
      throw asFailure(error, url.host);
    }
  };
}

function requireAllowed(text: string, isPrivate: boolean): URL {
  if (isPrivate) return new URL(text);
  const verdict = judgeUrl(text);
  if (!verdict.ok) throw refusal(verdict.reason);
  if (verdict.url.protocol !== 'https:') throw refusal('it is not https');
  return verdict.url;
}

function send(url: URL, socket: Socket, init: RequestInit): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const body = typeof init.body === 'string' ? init.body : '';
  const headers = Object.fromEntries(new Headers(init.headers).entries());
  const request = requestHttp({
    method: init.method ?? 'GET',
    createConnection: () => socket,
    path: url.pathname + url.search,
    setHost: false,
    headers: { ...headers, host: url.host, connection: 'close', 'content-length': Buffer.byteLength(body) },
    maxHeaderSize: HEADER_BYTES,
    insecureHTTPParser: false,
  });
  request.once('response', resolve);
  request.on('error', reject);
  request.end(body);
  return promise;
}

const WITHOUT_BODY = new Set([101, 103, 204, 205, 304]);

function toResponse(incoming: IncomingMessage, socket: Socket, onBroken: () => void): Response {
  const status = incoming.statusCode ?? 502;
  const kept = ['content-type', 'mcp-session-id', 'location'].flatMap((name) => {
    const value = incoming.headers[name];
    return typeof value === 'string' ? [[name, value] as [string, string]] : [];
  });
  const body = WITHOUT_BODY.has(status) ? null : (Readable.toWeb(Readable.from(bounded(incoming, socket, onBroken))) as ReadableStream);
  if (body === null) socket.destroy();
  return new Response(body, { status: status < 200 ? 502 : status, headers: kept });
}

async function* bounded(incoming: IncomingMessage, socket: Socket, onBroken: () => void): AsyncGenerator<Buffer> {
  let seen = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      seen += chunk.length;
      if (seen > LARGEST_ANSWER) throw unreadable('The server said more than may be read.');
      yield chunk;
    }
  } catch (error) {
    onBroken();
    throw error;
  } finally {
    socket.destroy();
  }
}
