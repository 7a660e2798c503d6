// What a provider says a call used and cost. A count that makes no sense is no count: the reserved amount is booked then.
import type { Micros } from '../core/money.ts';
import type { Usage } from '../domain/brain/chat-model.ts';

/** No single call costs this many dollars; a larger figure is a mistake of the server. */
const MAX_COST_USD = 100_000;

/** Null when absent, negative, fractional or not a number. */
export function readUsage(value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null;
  const { prompt_tokens: input, completion_tokens: output } = value as Record<string, unknown>;
  if (!isCount(input) || !isCount(output)) return null;
  const cached = readCached((value as Record<string, unknown>)['prompt_tokens_details']);
  return {
    inputTokens: input,
    outputTokens: output,
    ...(cached === null || cached > input ? {} : { cachedTokens: cached }),
    reportedCostMicros: readCost(value as Record<string, unknown>),
  };
}

function readCached(details: unknown): number | null {
  const cached = typeof details === 'object' && details !== null ? (details as Record<string, unknown>)['cached_tokens'] : null;
  return isCount(cached) ? cached : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** OpenRouter's `cost` in dollars; with one's own provider key (`is_byok`) the upstream's bill comes on top. */
function readCost(usage: Record<string, unknown>): Micros | null {
  const cost = toMicros(usage['cost']);
  if (cost === null || usage['is_byok'] !== true) return cost;
  const details = usage['cost_details'];
  const upstream = typeof details === 'object' && details !== null ? (details as Record<string, unknown>)['upstream_inference_cost'] : null;
  // An unknown part makes the whole unknown.
  const extra = toMicros(upstream);
  return extra === null ? null : cost + extra;
}

/** Dollars as micro-dollars, rounded up. Through decimal text: 0.0001 * 1e6 is 100.00000000000001 in floating point. */
function toMicros(dollars: unknown): Micros | null {
  if (typeof dollars !== 'number' || !Number.isFinite(dollars) || dollars < 0 || dollars > MAX_COST_USD) return null;
  const picos = BigInt(dollars.toFixed(12).replace('.', ''));
  return (picos + 999_999n) / 1_000_000n;
}
