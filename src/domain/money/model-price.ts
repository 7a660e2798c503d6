// What a model call may cost and did cost. No price from memory: stated, reported by the provider, or an assumed ceiling that says so.

import { type Micros, usd } from '../../core/money.ts';
import type { ModelOffer, Usage } from '../brain/chat-model.ts';

/** Reserved and booked when nobody stated a price; dollars per million tokens. */
const ASSUMED = { inputMicros: usd(30), outputMicros: usd(120) };
const MILLION = 1_000_000n;
/** Fewer characters a token than any real tokenizer averages, so that the estimate errs upwards. */
const CHARS_PER_TOKEN = 3;

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

function priceTokens(offer: ModelOffer, inputTokens: number, outputTokens: number): Micros {
  const price = offer.price ?? ASSUMED;
  return ceilDiv(price.inputMicros * BigInt(inputTokens) + price.outputMicros * BigInt(outputTokens), MILLION);
}

/** The most a call can reasonably cost, in micro-dollars: what is reserved before it leaves. 0n only where a price of 0 was written out. */
export function estimateCost(offer: ModelOffer, promptChars: number, maxOutputTokens: number): Micros {
  return priceTokens(offer, Math.ceil(promptChars / CHARS_PER_TOKEN), maxOutputTokens);
}

export interface ModelCost {
  micros: Micros;
  assumed: boolean;
}

/** The provider's own figure first, then tokens at the stated price, else the ceiling, marked assumed. */
export function costOf(offer: ModelOffer, usage: Usage | null, reservedMicros: Micros): ModelCost {
  if (usage === null) return { micros: reservedMicros, assumed: true };
  if (usage.reportedCostMicros !== null) return { micros: usage.reportedCostMicros, assumed: false };
  return { micros: priceTokens(offer, usage.inputTokens, usage.outputTokens), assumed: offer.price === null };
}
