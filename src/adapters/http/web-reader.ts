// Reads one page of the open web for the agent: GET only, public addresses only, bounded in size, time and redirects.
// It sends no cookie, credential or header of anybody's choosing, keeps no connection, and honours no proxy environment.
import { createHash } from 'node:crypto';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import type { Socket } from 'node:net';
import { judgeUrl } from '../../core/public-address.ts';
import type { WebPage, WebReader } from '../../domain/tools/web-reader.ts';
import { readBoundedBody } from './bounded-body.ts';
import { asFailure, refusal, statusFailure, tooSlow, unreadable } from './fetch-failure.ts';
import { type Dialer, dialTcp, openGuarded, type Resolver, resolveName } from './guarded-connection.ts';
import { readHtmlText } from './html-text.ts';
import { cleanText, cutText, decodeText, mediaTypeOf } from './readable-text.ts';

export interface Limits {
  /** Body after decoding; the rest is cut off. */
  bodyBytes: number;
  headerBytes: number;
  /** From the start of a hop (name, connection, TLS) to the end of its response headers. */
  firstByteMs: number;
  /** Everything: all hops, the body, and reading it. */
  totalMs: number;
  redirects: number;
  textCharacters: number;
  /** Turning HTML into text. */
  htmlMs: number;
}

const DEFAULT_LIMITS: Limits = {
  bodyBytes: 2_000_000,
  headerBytes: 64 * 1024,
  firstByteMs: 10_000,
  totalMs: 20_000,
  redirects: 3,
  textCharacters: 40_000,
  htmlMs: 5_000,
};

const HTML_TYPES = new Set(['text/html', 'application/xhtml+xml']);
const OTHER_TYPES = new Set(['application/json', 'application/xml']);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const HEADERS = {
  'user-agent': 'Juggernaut/0.1 (autonomous agent; reads one page at a time)',
  accept: 'text/html, application/xhtml+xml, application/json;q=0.9, text/*;q=0.8, application/xml;q=0.8',
  'accept-encoding': 'gzip, br',
  connection: 'close',
};

interface Surroundings {
  dial: Dialer;
  resolve: Resolver;
  limits: Limits;
}

function requireAllowed(text: string): URL {
  const verdict = judgeUrl(text);
  if (!verdict.ok) throw refusal(verdict.reason);
  verdict.url.hash = '';
  return verdict.url;
}

function sendGet(url: URL, socket: Socket, maxHeaderSize: number): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // With `createConnection` and no agent, node pools nothing and consults no proxy setting.
  const request = requestHttp({
    createConnection: () => socket,
    path: url.pathname + url.search,
    setHost: false,
    headers: { host: url.host, ...HEADERS },
    maxHeaderSize,
    insecureHTTPParser: false,
  });
  request.once('response', resolve);
  request.on('error', reject);
  request.end();
  return promise;
}

/** The judged place a redirect leads to; null when the response is no redirect. */
function redirectTarget(response: IncomingMessage, from: URL): URL | null {
  if (!REDIRECTS.has(response.statusCode ?? 0)) return null;
  // Node hands headers over as latin1; servers that don't escape mean UTF-8.
  const location = Buffer.from(response.headers.location ?? '', 'latin1').toString('utf8');
  if (location === '' || !URL.canParse(location, from.href)) throw unreadable(`${from.host} redirects to nowhere.`);
  return requireAllowed(new URL(location, from).href);
}

function requireReadableType(header: string | undefined): string {
  const type = mediaTypeOf(header);
  if (type.startsWith('text/') || HTML_TYPES.has(type) || OTHER_TYPES.has(type)) return type;
  // The type is a stranger's text: only what looks like one is repeated.
  const named = /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type) ? type : 'an unnamed type';
  throw unreadable(`The page is ${named}; only text, HTML, JSON and XML can be read.`);
}

async function readPage(url: URL, response: IncomingMessage, limits: Limits, signal: AbortSignal): Promise<WebPage> {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) throw statusFailure(response, url.host);
  const header = response.headers['content-type'];
  const contentType = requireReadableType(header);
  const body = await readBoundedBody(response, limits.bodyBytes);
  const isHtml = HTML_TYPES.has(contentType);
  const source = decodeText(body.bytes, header, isHtml);
  const plain = isHtml ? '' : cleanText(source);
  const readable = isHtml
    ? await readHtmlText(source, { maxCharacters: limits.textCharacters, timeoutMs: limits.htmlMs, signal })
    : { title: null, text: cutText(plain, limits.textCharacters), truncated: plain.length > limits.textCharacters };
  return {
    finalUrl: url.href,
    status,
    contentType,
    title: readable.title,
    text: readable.text,
    sha256: createHash('sha256').update(body.bytes).digest('hex'),
    bytes: body.bytes.length,
    truncated: body.truncated || readable.truncated,
  };
}

/** One request on one connection of its own: the page, or the place to go on to. */
async function visit(url: URL, signal: AbortSignal, { dial, resolve, limits }: Surroundings): Promise<WebPage | URL> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooSlow(`${url.host} did not answer in time.`)), limits.firstByteMs);
  const either = AbortSignal.any([signal, late.signal]);
  let socket: Socket | undefined;
  try {
    socket = await openGuarded(url, { resolve, dial, signal: either });
    const response = await sendGet(url, socket, limits.headerBytes);
    clearTimeout(timer);
    return redirectTarget(response, url) ?? (await readPage(url, response, limits, either));
  } catch (error) {
    // An abort shows up as whatever it broke; its reason is what happened.
    throw either.aborted ? either.reason : asFailure(error, url.host);
  } finally {
    clearTimeout(timer);
    socket?.destroy();
  }
}

async function follow(text: string, signal: AbortSignal, surroundings: Surroundings): Promise<WebPage> {
  let url = requireAllowed(text);
  for (let hops = 0; hops <= surroundings.limits.redirects; hops += 1) {
    const found = await visit(url, signal, surroundings);
    if (!(found instanceof URL)) return found;
    url = found;
  }
  throw unreadable(`The page redirects more than ${surroundings.limits.redirects} times.`);
}

/**
 * The reader for the open web. `dial` and `resolve` are replaced in tests only, so that a public address can stand for a loopback server.
 * Reading throws Upstream: `retryable` when asking again can help (name not found, 408, 425, 429, 5xx, timeout, reset), else not (refused
 * address, other 4xx, other content). Aborting throws the signal's reason. `sha256` and `bytes` are of the body after content decoding, as
 * far as it was read; `contentType` is the media type alone; `finalUrl` has no fragment.
 */
export function createWebReader(options: { dial?: Dialer; resolve?: Resolver; limits?: Partial<Limits> } = {}): WebReader {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const surroundings: Surroundings = { dial: options.dial ?? dialTcp, resolve: options.resolve ?? resolveName, limits };
  return {
    async read(url, { signal }) {
      signal.throwIfAborted();
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(tooSlow('Reading the page took too long.')), limits.totalMs);
      try {
        return await follow(url, AbortSignal.any([signal, late.signal]), surroundings);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
