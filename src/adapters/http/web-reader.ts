// Reads one page of the open web for the agent: over the guarded way, politely, bounded in size, time and redirects, as text.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebPage, WebReader } from '../../domain/tools/web-reader.ts';
import { readBoundedBody } from './bounded-body.ts';
import { statusFailure, tooSlow, unreadable } from './fetch-failure.ts';
import { type Dialer, dialTcp, type Resolver, resolveName } from './guarded-connection.ts';
import { getGuarded, redirectTarget, requireAllowed, type Way } from './guarded-get.ts';
import { readHtmlText } from './html-text.ts';
import { readPdfText } from './pdf-text.ts';
import { cleanText, cutText, decodeText, mediaTypeOf } from './readable-text.ts';
import type { Courtesy } from './web-courtesy.ts';

export interface Limits {
  /** Body after decoding; the rest is cut off. */
  bodyBytes: number;
  /** Of a PDF, which is of no use when it is cut. */
  pdfBytes: number;
  headerBytes: number;
  /** From the start of a hop (name, connection, TLS) to the end of its response headers. */
  firstByteMs: number;
  /** Everything but waiting for the host's turn: all hops, the body, and reading it. */
  totalMs: number;
  redirects: number;
  textCharacters: number;
  /** Turning HTML into text. */
  htmlMs: number;
  /** Turning a PDF into text. */
  pdfMs: number;
  pdfPages: number;
}

const DEFAULT_LIMITS: Limits = {
  bodyBytes: 2_000_000,
  pdfBytes: 10_000_000,
  headerBytes: 64 * 1024,
  firstByteMs: 10_000,
  totalMs: 20_000,
  redirects: 3,
  textCharacters: 40_000,
  htmlMs: 5_000,
  pdfMs: 8_000,
  pdfPages: 100,
};

const PDF = 'application/pdf';
const HTML_TYPES = new Set(['text/html', 'application/xhtml+xml']);
const OTHER_TYPES = new Set(['application/json', 'application/xml', PDF]);
const ACCEPT = 'text/html, application/xhtml+xml, application/json;q=0.9, application/pdf;q=0.8, text/*;q=0.8, application/xml;q=0.8';

interface Surroundings extends Way {
  limits: Limits;
  courtesy: Courtesy | null;
}

function requireReadableType(header: string | undefined): string {
  const type = mediaTypeOf(header);
  if (type.startsWith('text/') || HTML_TYPES.has(type) || OTHER_TYPES.has(type)) return type;
  // The type is a stranger's text: only what looks like one is repeated.
  const named = /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type) ? type : 'an unnamed type';
  throw unreadable(`The page is ${named}; only text, HTML, JSON and XML can be read, and PDF files.`);
}

type Readable = Pick<WebPage, 'title' | 'text' | 'truncated'>;

async function readText(bytes: Buffer, header: string | undefined, limits: Limits, signal: AbortSignal): Promise<Readable> {
  const isHtml = HTML_TYPES.has(mediaTypeOf(header));
  const source = decodeText(bytes, header, isHtml);
  const maxCharacters = limits.textCharacters;
  if (isHtml) return readHtmlText(source, { maxCharacters, timeoutMs: limits.htmlMs, signal });
  const plain = cleanText(source);
  return { title: null, text: cutText(plain, maxCharacters), truncated: plain.length > maxCharacters };
}

async function readPage(url: URL, response: IncomingMessage, limits: Limits, signal: AbortSignal): Promise<WebPage> {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) throw statusFailure(response, url.host);
  const header = response.headers['content-type'];
  const contentType = requireReadableType(header);
  const isPdf = contentType === PDF;
  const body = await readBoundedBody(response, isPdf ? limits.pdfBytes : limits.bodyBytes);
  if (isPdf && body.truncated) throw unreadable(`The PDF is larger than ${limits.pdfBytes / 1_000_000} MB.`);
  const pdf = { maxCharacters: limits.textCharacters, maxPages: limits.pdfPages, timeoutMs: limits.pdfMs, signal };
  const readable = isPdf ? await readPdfText(body.bytes, pdf) : await readText(body.bytes, header, limits, signal);
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
function visit(url: URL, signal: AbortSignal, surroundings: Surroundings): Promise<WebPage | URL> {
  return getGuarded(
    { url, accept: ACCEPT, signal },
    surroundings,
    async (response, either) => redirectTarget(response, url) ?? (await readPage(url, response, surroundings.limits, either)),
  );
}

async function withinTime<T>(ms: number, signal: AbortSignal, work: (either: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooSlow('Reading the page took too long.')), ms);
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function follow(text: string, signal: AbortSignal, surroundings: Surroundings): Promise<WebPage> {
  const { courtesy, limits } = surroundings;
  let url = requireAllowed(text);
  let leftMs = limits.totalMs;
  for (let hops = 0; hops <= limits.redirects; hops += 1) {
    // Every hop is a visit to a host, with rules and a turn of its own.
    await courtesy?.admit(url, signal);
    const startedAt = performance.now();
    const found = await withinTime(leftMs, signal, (either) => visit(url, either, surroundings));
    if (!(found instanceof URL)) return found;
    leftMs = Math.max(0, leftMs - (performance.now() - startedAt));
    url = found;
  }
  throw unreadable(`The page redirects more than ${limits.redirects} times.`);
}

/**
 * The reader for the open web. `dial` and `resolve` are replaced in tests only, so that a public address can stand for a loopback server;
 * `courtesy` keeps to what hosts ask for.
 * Reading throws Upstream: `retryable` when asking again can help (name not found, 408, 425, 429, 5xx, timeout, reset), else not (refused
 * address, other 4xx, other content). Aborting throws the signal's reason. `sha256` and `bytes` are of the body after content decoding, as
 * far as it was read; `contentType` is the media type alone; `finalUrl` has no fragment.
 */
export function createWebReader(
  options: { dial?: Dialer; resolve?: Resolver; limits?: Partial<Limits>; courtesy?: Courtesy } = {},
): WebReader {
  const { dial = dialTcp, resolve = resolveName, courtesy = null } = options;
  const surroundings: Surroundings = { dial, resolve, courtesy, limits: { ...DEFAULT_LIMITS, ...options.limits } };
  return {
    async read(url, { signal }) {
      signal.throwIfAborted();
      return follow(url, signal, surroundings);
    },
  };
}
