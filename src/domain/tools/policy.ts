// Fingerprints and hashes of calls: what is approved is what runs.
import { canonicalJson, hashOf, type Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { Quote } from './tool.ts';

/** The hash an approval covers: tool, version, arguments, amount, payee. Computed again from what will be sent. */
export function requestHash(call: {
  tool: string;
  version: string;
  arguments: unknown;
  amountMicros: Micros;
  payee: string | null;
}): string {
  return hashOf({
    tool: call.tool,
    version: call.version,
    arguments: call.arguments,
    amountMicros: call.amountMicros.toString(),
    payee: call.payee,
  });
}

/** Same tool, same arguments: the same call, whatever the model's id for it. */
export function fingerprint(tool: string, input: Json): string {
  return `${tool} ${canonicalJson(input)}`;
}

/** What a person reads about a call before they decide. */
export function effectWords(quote: Quote): string {
  return quote.expectedReturn === null ? quote.effect : `${quote.effect} ${quote.expectedReturn}`;
}

/** What code of a model says is the model's own word: it is no source for a figure and bears out no claim. */
export const CODE_TOOL = 'run_code';
