// ChatModel over any OpenAI-compatible server. One call is one request, always streamed; retries, fallbacks and
// money are the caller's, because each try is reserved and booked on its own.
import type { OpenAI } from 'openai';
import { Upstream } from '../core/errors.ts';
import type { Micros } from '../core/money.ts';
import { ModelCallFailure } from '../domain/brain/call-failure.ts';
import type { ChatModel, ChatReply, ChatRequest, ModelOffer } from '../domain/brain/chat-model.ts';
import { LISTED_MODEL, MODES, type ModelMode, type ModeModels } from '../domain/brain/modes.ts';
import type { BreakerLimits } from './breakers.ts';
import { createEmbedder } from './embeddings-client.ts';
import { createModelBreakers } from './model-breakers.ts';
import { openDeadline } from './model-deadline.ts';
import { toUpstream } from './model-errors.ts';
import { createModelFetch } from './model-fetch.ts';
import { createListing } from './model-listing.ts';
import { toRequestBody } from './model-request.ts';
import { createReplyCollector } from './model-stream.ts';

type Models = Pick<ModeModels, 'primary' | 'fallbacks'> & { temperature?: number | null };

export interface OpenAiOptions {
  /** With the version part: `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey: string;
  /** A mode that is absent here uses the models of `execute`. */
  models: { plan: Models; execute: Models } & Partial<Record<ModelMode, Models>>;
  /** Micro-dollars per million tokens; `*` is every other model. One that is absent here has no stated price. */
  prices: Record<string, { inputMicros: Micros; outputMicros: Micros }>;
  /** The model for embeddings; null when none is named. */
  embed?: string | null;
  /** The built-in model: nothing real is owed for its calls. */
  practice: boolean;
  /** Milliseconds to the first byte; the whole call gets twice that. */
  timeoutMs: number;
  /** Default: 5 failures in a row, one probe every 30 s. */
  breaker?: BreakerLimits;
}

export function createOpenAiModel(options: OpenAiOptions): ChatModel {
  const breakers = createModelBreakers(options.breaker ?? { failures: 5, halfOpenAfterMs: 30_000 });
  const firstListed = createListing(options);
  const embedder = options.embed == null ? null : createEmbedder(options, offerOf(options, options.embed), breakers);
  const nameOf = (model: string, signal: AbortSignal): Promise<string> =>
    model === LISTED_MODEL ? firstListed(signal) : Promise.resolve(model);
  return {
    offers: (mode) => offersOf(options, mode),
    chat: (offer, request) => breakers.run(offer.model, async () => callOnce(options, await nameOf(offer.model, request.signal), request)),
    embedder: () => embedder,
    onBreaker: (listener) => breakers.onChange(listener),
    health() {
      const models = MODES.map((mode) => offersOf(options, mode).map((offer) => offer.model));
      if (models.some((names) => names.every(breakers.isFailing))) return 'down';
      const isTroubled = (names: string[]): boolean =>
        names.some((name, place) => (place === 0 ? breakers.isFailing : breakers.isResting)(name));
      return models.some(isTroubled) ? 'degraded' : 'ok';
    },
  };
}

const modelsOf = (options: OpenAiOptions, mode: ModelMode): Models => options.models[mode] ?? options.models.execute;

function offersOf(options: OpenAiOptions, mode: ModelMode): ModelOffer[] {
  const { primary, fallbacks } = modelsOf(options, mode);
  return [...new Set([primary, ...fallbacks])].map((model) => offerOf(options, model));
}

const offerOf = (options: OpenAiOptions, model: string): ModelOffer => ({
  model,
  // Own keys only: a model may be called "constructor".
  price: [model, '*'].flatMap((name) => (Object.hasOwn(options.prices, name) ? [options.prices[name] ?? null] : []))[0] ?? null,
  practice: options.practice,
});

async function callOnce(options: OpenAiOptions, model: string, request: ChatRequest): Promise<ChatReply> {
  // Loading the package takes a quarter of a second and 35 MB, so an idle process never does; it must not eat into the deadline either.
  const { OpenAI } = await import('openai');
  refuseStopped(request.signal);
  const deadline = openDeadline(request.signal, options.timeoutMs);
  const wire = createModelFetch(deadline.onFirstByte);
  const collector = createReplyCollector(model, request.onText);
  try {
    const client = new OpenAI(clientOptions(options, wire.fetch));
    const stream = await client.chat.completions.create(
      toRequestBody(model, request, { baseUrl: options.baseUrl, temperature: modelsOf(options, request.mode).temperature ?? null }),
      { signal: deadline.signal },
    );
    for await (const chunk of stream) collector.add(chunk);
    // The package ends an aborted stream as if it were complete. Out of time after the last word is no failure, being stopped is.
    request.signal.throwIfAborted();
    return collector.finish();
  } catch (error) {
    throw toUpstream(error, {
      model,
      host: hostOf(options.baseUrl),
      ending: deadline.ending(),
      trace: wire.trace,
      replyStarted: collector.hasStarted(),
      now: Date.now(),
      apiKey: options.apiKey,
    });
  } finally {
    deadline.close();
  }
}

function refuseStopped(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new Upstream('The call to the model was stopped.', {
    retryable: false,
    cause: new ModelCallFailure('stopped before it was sent', { kind: 'stopped', sent: false, mayCost: false }),
  });
}

/** Nothing is taken from the environment or logged behind our back: config.ts is the only reader, pino the only writer. */
function clientOptions(options: OpenAiOptions, fetch: typeof globalThis.fetch): ConstructorParameters<typeof OpenAI>[0] {
  return {
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    // Above our own deadline, which knows the reason.
    timeout: options.timeoutMs * 2 + 1_000,
    maxRetries: 0,
    logLevel: 'off',
    fetch,
  };
}

function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : 'OPENAI_BASE_URL';
}
