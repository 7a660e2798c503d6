// The name of the model that a server of one's own lists first: asked for once, when the first call needs it.
import { Upstream } from '../core/errors.ts';
import { ModelCallFailure } from '../domain/brain/call-failure.ts';
import { isNeverConnected, readSome } from './model-fetch.ts';

const MOST_BYTES = 1_000_000;

/** @throws Upstream, never sent and free of cost, when the list cannot be had; then it is asked for again. */
export function createListing(options: { baseUrl: string; apiKey: string; timeoutMs: number }): (signal: AbortSignal) => Promise<string> {
  let known: string | null = null;
  return async (signal) => {
    known ??= await readFirst(options, signal);
    return known;
  };
}

async function readFirst(options: { baseUrl: string; apiKey: string; timeoutMs: number }, signal: AbortSignal): Promise<string> {
  const host = new URL(options.baseUrl).host;
  let body: string;
  try {
    const response = await fetch(`${options.baseUrl.replace(/\/$/, '')}/models`, {
      headers: { authorization: `Bearer ${options.apiKey}` },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]),
    });
    if (!response.ok) throw unlisted(host, null, false);
    body = await readSome(response, MOST_BYTES);
  } catch (error) {
    throw error instanceof Upstream ? error : unlisted(host, error, !signal.aborted);
  }
  const first = firstName(body);
  if (first === null) throw unlisted(host, null, false);
  return first;
}

function unlisted(host: string, cause: unknown, retryable: boolean): Upstream {
  return new Upstream(`The model server at ${host} does not say which models it has. Name one in JUG_MODELS.`, {
    retryable,
    cause: new ModelCallFailure('the list of models could not be read', {
      kind: isNeverConnected(cause) ? 'connect' : retryable ? 'network' : 'rejected',
      sent: false,
      mayCost: false,
    }),
  });
}

function firstName(body: string): string | null {
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    const first: unknown = Array.isArray(data) ? data[0] : null;
    const id = typeof first === 'object' && first !== null ? (first as { id?: unknown }).id : null;
    return typeof id === 'string' && id !== '' ? id : null;
  } catch {
    return null;
  }
}
