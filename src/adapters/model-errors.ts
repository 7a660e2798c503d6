// Every way a model call can fail, as one Upstream: may asking again help, when, and did the request leave.
import { Upstream } from '../core/errors.ts';
import { type CallFailureKind, ModelCallFailure } from '../domain/brain/call-failure.ts';
import type { CallEnding } from './model-deadline.ts';
import type { CallTrace } from './model-fetch.ts';

const MAX_RETRY_AFTER_MS = 3_600_000;
const MAX_DETAIL_CHARACTERS = 300;

export interface FailedCall {
  model: string;
  host: string;
  /** Our own reason for ending the call, if we did. */
  ending: CallEnding | null;
  trace: CallTrace;
  /** Part of a reply had already come. */
  replyStarted: boolean;
  now: number;
  apiKey: string;
}

export function toUpstream(error: unknown, call: FailedCall): Upstream {
  const { kind, status, retryable, reply } = classify(error, call);
  const sent = call.trace.started && !call.trace.neverLeft;
  const turnedAway = status !== null && status >= 300 && status < 500 && !call.replyStarted;
  return new Upstream(reply, {
    retryable,
    retryAfterMs: retryable ? parseRetryAfter(headersOf(error), call.now) : null,
    cause: new ModelCallFailure(detailOf(error, call.apiKey), {
      ...{ kind, status, sent, mayCost: sent && !turnedAway },
      tooLong: status === 413 || field(error, 'code') === 'context_length_exceeded',
    }),
  });
}

interface Verdict {
  kind: CallFailureKind;
  status: number | null;
  retryable: boolean;
  reply: string;
}

function classify(error: unknown, call: FailedCall): Verdict {
  const { ending, trace, host, model } = call;
  const verdict = (kind: CallFailureKind, retryable: boolean, reply: string): Verdict => ({ kind, status: null, retryable, reply });
  if (ending === 'stopped') return verdict('stopped', false, 'The call to the model was stopped.');
  if (ending === 'no_first_byte') return verdict('timeout', true, `The model ${model} did not begin to answer in time.`);
  if (ending === 'too_long') return verdict('timeout', true, `The model ${model} did not finish its answer in time.`);
  if (!trace.started) return verdict('rejected', false, 'The request to the model could not be built. Check OPENAI_BASE_URL.');
  if (trace.neverLeft) return verdict('connect', true, `The model provider at ${host} cannot be reached.`);
  const status = statusOf(error);
  if (status !== null) return { ...byStatus(status, error, call), status };
  const fault = trace.fault ?? (error instanceof ModelCallFailure ? error : null);
  if (fault?.kind === 'server' || isProviderError(error)) return verdict('server', true, `The model ${model} failed while answering.`);
  if (fault !== null || isUnreadable(error)) return garbled(call);
  return verdict('network', true, `The connection to the model provider at ${host} broke off.`);
}

/** Nonsense from the first byte is a server that doesn't speak this API; nonsense or an end in the middle is a bad connection. */
function garbled({ host, model, replyStarted }: FailedCall): Verdict {
  const reply = replyStarted
    ? `The answer of the model ${model} arrived damaged or cut off.`
    : `${host} does not answer like an OpenAI-compatible chat API. Check OPENAI_BASE_URL.`;
  return { kind: 'garbled', status: null, retryable: replyStarted, reply };
}

function byStatus(status: number, error: unknown, { model, host }: FailedCall): Omit<Verdict, 'status'> {
  const rejected = (reply: string): Omit<Verdict, 'status'> => ({ kind: 'rejected', retryable: false, reply });
  const isOutOfQuota = status === 402 || field(error, 'code') === 'insufficient_quota';
  if (isOutOfQuota) return rejected(`The account at ${host} has no credit left. Add credit there, then retry.`);
  if (status === 429) return { kind: 'rate_limited', retryable: true, reply: `The model provider at ${host} asks to slow down.` };
  if (status >= 500 || status === 408 || status === 409 || status === 425)
    return { kind: 'server', retryable: true, reply: `The model provider at ${host} has a problem (${status}).` };
  if (status === 401 || status === 403) return rejected(`The model provider at ${host} refused the key (${status}). Check OPENAI_API_KEY.`);
  if (status === 404)
    return rejected(`${host} knows no model ${model} or no chat API at this address. Check JUG_MODELS and OPENAI_BASE_URL.`);
  if (status < 400) return rejected(`${host} answered with a redirect. Set OPENAI_BASE_URL to the final address.`);
  return rejected(`The model provider at ${host} refused the request (${status}).`);
}

/**
 * Milliseconds the provider asked us to wait, at most one hour; null when it didn't say.
 * Reads `retry-after-ms`, then `retry-after` in seconds or as an HTTP date.
 */
function parseRetryAfter(headers: Headers | null, now: number): number | null {
  const millis = nonNegative(headers?.get('retry-after-ms'));
  if (millis !== null) return Math.min(millis, MAX_RETRY_AFTER_MS);
  const text = headers?.get('retry-after') ?? '';
  const seconds = nonNegative(text);
  if (seconds !== null) return Math.min(seconds * 1000, MAX_RETRY_AFTER_MS);
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.min(Math.max(at - now, 0), MAX_RETRY_AFTER_MS);
}

function nonNegative(text: string | null | undefined): number | null {
  return typeof text === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Math.ceil(Number(text)) : null;
}

/** The package's errors are read by shape, so that this file doesn't load it: an error inside a stream has its status in `code`. */
function statusOf(error: unknown): number | null {
  const status = Number(field(error, 'status') ?? field(error, 'code') ?? Number.NaN);
  return Number.isInteger(status) && status >= 300 && status < 600 ? status : null;
}

function isProviderError(error: unknown): boolean {
  return typeof field(error, 'error') === 'object' && field(error, 'error') !== null;
}

/** Text that is no JSON, or JSON of a shape the package stumbles over. A broken connection is a TypeError too, but has a cause. */
function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof TypeError && error.cause === undefined);
}

function headersOf(error: unknown): Headers | null {
  const headers = field(error, 'headers');
  return headers instanceof Headers ? headers : null;
}

function field(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}

function detailOf(error: unknown, apiKey: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const safe = apiKey === '' ? text : text.replaceAll(apiKey, '[secret]');
  return safe.slice(0, MAX_DETAIL_CHARACTERS);
}
