// One GET on one connection of its own, to the public internet only. What is done with the answer is the caller's; the connection ends with it.
// It sends no cookie, credential or header of anybody's choosing, keeps no connection, and honours no proxy environment.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import type { Socket } from 'node:net';
import { judgeUrl } from '../../core/public-address.ts';
import { PRODUCT_TOKEN } from '../../domain/tools/robots-rules.ts';
import { asFailure, refusal, tooSlow, unreadable } from './fetch-failure.ts';
import { type Dialer, openGuarded, type Resolver } from './guarded-connection.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const USER_AGENT = `${PRODUCT_TOKEN}/0.1 (autonomous agent; reads one page at a time)`;

export interface Way {
  dial: Dialer;
  resolve: Resolver;
  limits: {
    headerBytes: number;
    /** From the start (name, connection, TLS) to the end of the response headers. */
    firstByteMs: number;
  };
}

/** @throws Upstream for an address that may not be asked for */
export function requireAllowed(text: string): URL {
  const verdict = judgeUrl(text);
  if (!verdict.ok) throw refusal(verdict.reason);
  verdict.url.hash = '';
  return verdict.url;
}

function send(url: URL, socket: Socket, accept: string, maxHeaderSize: number): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // With `createConnection` and no agent, node pools nothing and consults no proxy setting.
  const request = requestHttp({
    createConnection: () => socket,
    path: url.pathname + url.search,
    setHost: false,
    headers: { host: url.host, 'user-agent': USER_AGENT, accept, 'accept-encoding': 'gzip, br', connection: 'close' },
    maxHeaderSize,
    insecureHTTPParser: false,
  });
  request.once('response', resolve);
  request.on('error', reject);
  request.end();
  return promise;
}

/** The judged place a redirect leads to; null when the response is no redirect. */
export function redirectTarget(response: IncomingMessage, from: URL): URL | null {
  if (!REDIRECTS.has(response.statusCode ?? 0)) return null;
  // Node hands headers over as latin1; servers that don't escape mean UTF-8.
  const location = Buffer.from(response.headers.location ?? '', 'latin1').toString('utf8');
  if (location === '' || !URL.canParse(location, from.href)) throw unreadable(`${from.host} redirects to nowhere.`);
  return requireAllowed(new URL(location, from).href);
}

/**
 * What `read` makes of the answer; its signal ends with the connection's time.
 * @throws Upstream for an address that is refused, and for every failure of the way; the signal's reason when it aborts
 */
export async function getGuarded<T>(
  asked: { url: URL; accept: string; signal: AbortSignal },
  { dial, resolve, limits }: Way,
  read: (response: IncomingMessage, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { url, accept, signal } = asked;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooSlow(`${url.host} did not answer in time.`)), limits.firstByteMs);
  const either = AbortSignal.any([signal, late.signal]);
  let socket: Socket | undefined;
  try {
    socket = await openGuarded(url, { resolve, dial, signal: either });
    const response = await send(url, socket, accept, limits.headerBytes);
    clearTimeout(timer);
    return await read(response, either);
  } catch (error) {
    // An abort shows up as whatever it broke; its reason is what happened.
    throw either.aborted ? either.reason : asFailure(error, url.host);
  } finally {
    clearTimeout(timer);
    socket?.destroy();
  }
}
