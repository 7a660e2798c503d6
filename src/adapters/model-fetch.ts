// The wire under the openai package: bounds what a server can make us read, and knows whether a request left.
// The package itself reads error bodies and lines without any limit.
import { ModelCallFailure } from '../domain/brain/call-failure.ts';

export interface CallTrace {
  /** The request was handed to the network stack. */
  started: boolean;
  /** The connection was never made, so nothing was sent. */
  neverLeft: boolean;
  /** What this wire itself found wrong with the answer. */
  fault: ModelCallFailure | null;
}

/** A stream's envelope is a hundred times its text, so this is far above the limit on the text itself. */
const MAX_STREAM_BYTES = 32_000_000;
const MAX_LINE_BYTES = 2_000_000;
const MAX_ERROR_BYTES = 64_000;

const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** A `fetch` for one call; `onFirstByte` fires with the first byte of a good answer's body. */
export function createModelFetch(onFirstByte: () => void): { fetch: typeof fetch; trace: CallTrace } {
  const trace: CallTrace = { started: false, neverLeft: false, fault: null };
  const fault = (message: string): ModelCallFailure => {
    trace.fault = new ModelCallFailure(message, { kind: 'garbled', sent: true, mayCost: true });
    return trace.fault;
  };
  return {
    trace,
    async fetch(input, init) {
      trace.started = true;
      const response = await fetch(input, { ...init, redirect: 'manual' }).catch((error: unknown) => {
        trace.neverLeft = isNeverConnected(error);
        throw error;
      });
      if (!response.ok) return new Response(await readSome(response, MAX_ERROR_BYTES), response);
      const type = response.headers.get('content-type') ?? '';
      if (type.includes('text/html')) throw fault('answered with a web page instead of the chat API');
      if (type.includes('application/json')) {
        const text = await readSome(response, MAX_LINE_BYTES);
        onFirstByte();
        return new Response(asEventStream(text), response);
      }
      // An iterable instead of a piped stream: the package takes both, and the pipe costs more than all the rest of a call.
      if (response.body !== null) Object.defineProperty(response, 'body', { value: boundedChunks(response.body, onFirstByte, fault) });
      return response;
    },
  };
}

export function isNeverConnected(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  if (typeof cause !== 'object' || cause === null) return false;
  const { code, syscall } = cause as { code?: unknown; syscall?: unknown };
  return (typeof code === 'string' && NEVER_CONNECTED.has(code)) || syscall === 'connect' || syscall === 'getaddrinfo';
}

/** Some servers ignore `stream: true`; one whole completion is one event. */
function asEventStream(text: string): string {
  return `data: ${text.replace(/[\r\n]+/g, ' ')}\n\ndata: [DONE]\n\n`;
}

/** At most `limit` bytes of a body, as text. */
export async function readSome(response: Response, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let left = limit;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    if (left <= 0) break;
  }
  return text;
}

async function* boundedChunks(
  body: ReadableStream<Uint8Array>,
  onFirstByte: () => void,
  fault: (message: string) => ModelCallFailure,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  let line = 0;
  for await (const chunk of body) {
    if (total === 0) onFirstByte();
    total += chunk.length;
    const newline = chunk.lastIndexOf(10);
    line = newline < 0 ? line + chunk.length : chunk.length - newline - 1;
    if (total > MAX_STREAM_BYTES || line > MAX_LINE_BYTES) throw fault(`sent more than can be read (${total} bytes)`);
    yield chunk;
  }
}
