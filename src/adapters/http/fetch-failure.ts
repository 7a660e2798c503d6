// Turns what goes wrong while reading a page into an Upstream error whose reply is safe to show and whose `retryable` is right.
// Replies never repeat what a resolver or a socket said: that would tell a stranger about the network we stand in.
import type { IncomingMessage } from 'node:http';
import { Upstream } from '../../core/errors.ts';

/** Failures of the way there, which may be over in a minute. Everything else (a bad certificate, broken HTTP, broken gzip) stays wrong. */
const PASSING = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
const PASSING_STATUS = new Set([408, 425, 429]);
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The address, its port or a place it leads to is not one we go to. `detail` is for the log only. */
export function refusal(reason: string, detail?: string): Upstream {
  const cause = detail === undefined ? {} : { cause: new Error(detail) };
  return new Upstream(`This address was refused: ${reason}.`, { retryable: false, ...cause });
}

export function unreadable(what: string, cause?: unknown): Upstream {
  return new Upstream(what, { retryable: false, cause });
}

export function tooSlow(what: string): Upstream {
  return new Upstream(what, { retryable: true });
}

export function unresolved(host: string, cause?: unknown): Upstream {
  return new Upstream(`The name ${host} could not be found.`, { retryable: true, cause });
}

/** What a socket, TLS, HTTP or decoding failure means to the one who asked. An error without a code is a fault of ours and stays as it is. */
export function asFailure(error: unknown, host: string): unknown {
  const code = codeOf(error);
  if (code === '' || error instanceof Upstream) return error;
  if (PASSING.has(code)) return new Upstream(`The connection to ${host} failed (${code}).`, { retryable: true, cause: error });
  if (code === 'HPE_HEADER_OVERFLOW') return unreadable(`${host} sent too large headers.`, error);
  return unreadable(`${host} could not be read (${code}).`, error);
}

/** Milliseconds a Retry-After header asks for (seconds or an HTTP date), at most a day; null when it says nothing usable. */
function parseRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Math.min(Number(header) * 1000, LONGEST_RETRY_AFTER_MS);
  // Date.parse takes nearly anything for a date ("-5" too); an HTTP date begins with the day of the week.
  const ms = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(header) ? Date.parse(header) - now : Number.NaN;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS) : null;
}

/** The error for a final status outside 2xx. */
export function statusFailure(response: IncomingMessage, host: string): Upstream {
  const status = response.statusCode ?? 0;
  const retryable = status >= 500 || PASSING_STATUS.has(status);
  const retryAfterMs = retryable ? parseRetryAfter(response.headers['retry-after'], Date.now()) : null;
  return new Upstream(`${host} answered with status ${status}.`, { retryable, retryAfterMs });
}
