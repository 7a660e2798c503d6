// Texts as vectors, by the embeddings endpoint of an OpenAI-compatible server. One call is one request; money and fallbacks are the caller's.
import { z } from 'zod';
import type { Embedder, ModelOffer } from '../domain/brain/chat-model.ts';
import type { ModelBreakers } from './model-breakers.ts';
import { openDeadline } from './model-deadline.ts';
import { toUpstream } from './model-errors.ts';
import { isNeverConnected, readSome } from './model-fetch.ts';

const MOST_BYTES = 8_000_000;
const LONGEST_VECTOR = 8_192;

const answer = z.object({
  data: z.array(z.object({ index: z.number().int(), embedding: z.array(z.number()).min(1).max(LONGEST_VECTOR) })),
  usage: z.object({ prompt_tokens: z.number().int().min(0), cost: z.number().min(0).optional() }).optional(),
});

interface Options {
  baseUrl: string;
  apiKey: string;
  timeoutMs: number;
}

export function createEmbedder(options: Options, offer: ModelOffer, breakers: ModelBreakers): Embedder {
  return { offer, embed: (texts, signal) => breakers.run(offer.model, () => embedOnce(options, offer.model, texts, signal)) };
}

async function embedOnce({ baseUrl, apiKey, timeoutMs }: Options, model: string, texts: readonly string[], signal: AbortSignal) {
  const deadline = openDeadline(signal, timeoutMs);
  const trace = { started: true, neverLeft: false, fault: null };
  try {
    const response = await fetch(`${baseUrl.replace(/\/$/, '')}/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
      redirect: 'manual',
      signal: deadline.signal,
    }).catch((error: unknown) => {
      trace.neverLeft = isNeverConnected(error);
      throw error;
    });
    deadline.onFirstByte();
    if (!response.ok) throw Object.assign(new Error(`answered ${response.status}`), { status: response.status, headers: response.headers });
    const { data, usage } = answer.parse(JSON.parse(await readSome(response, MOST_BYTES)));
    const vectors = texts.map((_text, at) => data.find(({ index }) => index === at)?.embedding ?? []);
    if (new Set(vectors.map(({ length }) => length)).size !== 1) throw new SyntaxError('the vectors are not of one length');
    const reported = usage?.cost === undefined ? null : BigInt(Math.round(usage.cost * 1_000_000));
    return {
      vectors,
      usage: usage === undefined ? null : { inputTokens: usage.prompt_tokens, outputTokens: 0, reportedCostMicros: reported },
    };
  } catch (error) {
    const host = new URL(baseUrl).host;
    const readable = error instanceof z.ZodError ? new SyntaxError('not what an embeddings endpoint answers') : error;
    throw toUpstream(readable, { model, host, ending: deadline.ending(), trace, replyStarted: false, now: Date.now(), apiKey });
  } finally {
    deadline.close();
  }
}
