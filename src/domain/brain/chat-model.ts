// The port to a language model: one request, one reply, streamed on the way. Two real things stand behind it:
// any OpenAI-compatible server (adapters/openai-client) and, in tests, a scripted one.
import type { Micros } from '../../core/money.ts';
import type { BreakerState } from '../tools/breakers.ts';
import type { ModelMode } from './modes.ts';

export type ChatMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls: RequestedCall[] }
  | { role: 'tool'; toolCallId: string; content: string };

/** A tool call as the model wrote it: `arguments` is unparsed text and may be anything. */
export interface RequestedCall {
  id: string;
  name: string;
  arguments: string;
}

export interface ToolSpec {
  name: string;
  description: string;
  /** JSON Schema of the input. */
  parameters: Record<string, unknown>;
}

export interface ChatRequest {
  mode: ModelMode;
  messages: ChatMessage[];
  tools: ToolSpec[];
  /** Ask for JSON of this shape instead of prose. */
  schema: { name: string; jsonSchema: Record<string, unknown> } | null;
  maxOutputTokens: number;
  signal: AbortSignal;
  /** Called with each piece of text as it arrives. */
  onText?: (delta: string) => void;
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  /** Of the input, what the provider had in its cache. */
  cachedTokens?: number;
  /** What the provider itself says the call cost; null when it does not say. */
  reportedCostMicros: Micros | null;
}

export interface ChatReply {
  text: string;
  toolCalls: RequestedCall[];
  finish: 'stop' | 'tool_calls' | 'length' | 'refusal';
  /** Null when the provider sent none: the reserved amount is then booked. */
  usage: Usage | null;
  model: string;
}

/** One reachable model with its price; `mode` practice means the built-in one, which costs nothing real. */
export interface ModelOffer {
  model: string;
  /** Micro-dollars per million tokens; null when nobody stated a price (then the assumed ceiling is reserved and booked). */
  price: { inputMicros: Micros; outputMicros: Micros } | null;
  practice: boolean;
}

/** Texts as vectors: one for each text, all of one length. */
export interface Embedder {
  offer: ModelOffer;
  /** @throws Upstream as `chat` does */
  embed(texts: readonly string[], signal: AbortSignal): Promise<{ vectors: number[][]; usage: Usage | null }>;
}

export interface ChatModel {
  /** The primary first, then the fallbacks, for a mode. Never empty. */
  offers(mode: ModelMode): ModelOffer[];
  /**
   * @throws Upstream when the provider cannot be reached or refuses; `sent` on the error's cause tells whether the request may have left.
   */
  chat(offer: ModelOffer, request: ChatRequest): Promise<ChatReply>;
  /** Health for /readyz: `ok`, `degraded` (a breaker is open or a fallback serves), `down`. */
  health(): 'ok' | 'degraded' | 'down';
  /** Null where no model for embeddings is named. */
  embedder?(): Embedder | null;
  /** Told of every change of a model's circuit breaker. */
  onBreaker?(listener: (state: BreakerState) => void): void;
}
