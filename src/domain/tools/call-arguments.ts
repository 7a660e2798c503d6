// What a model wrote as a call's arguments: text that may be anything, read once, so that nothing unreadable goes further.
import { z } from 'zod';
import { findUnstorable, type Json, storableText } from '../../core/canonical-json.ts';
import { redactText } from '../../core/redact.ts';

/** So much of unusable arguments is kept to show, in characters. */
const KEPT_CHARACTERS = 2_000;

/** `kept` is what a row of a call that cannot be used may hold: small, storable, without secrets. */
export type ReadArguments = { kept: Json } & (
  | { ok: true; value: { [key: string]: Json } /** Something like a secret stood there and was cut. */; hadSecret: boolean }
  | { ok: false; why: string }
);

/** Never throws. A model has no business with secrets: what looks like one is cut before anything else happens. */
export function readArguments(text: string): ReadArguments {
  const written = redactText(text);
  const kept = storableText(written.slice(0, KEPT_CHARACTERS));
  let value: unknown;
  try {
    value = JSON.parse(written === '' ? '{}' : written);
  } catch {
    return { ok: false, kept, why: 'the arguments are not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, kept, why: 'the arguments are not a JSON object' };
  const trouble = findUnstorable(value);
  if (trouble !== null) return { ok: false, kept, why: `the arguments cannot be used: ${trouble}` };
  const fields = value as { [key: string]: Json };
  return { ok: true, value: fields, kept: written.length <= KEPT_CHARACTERS ? fields : kept, hadSecret: written !== text };
}

/** A field that no tool knows (a currency, a recipient) would change what the call means: it is refused, never dropped. */
export function strictly(input: z.ZodType): z.ZodType {
  const known = strict.get(input);
  if (known !== undefined) return known;
  const made = input instanceof z.ZodObject ? input.strict() : input;
  strict.set(input, made);
  return made;
}

/** Made once for each schema: making one costs more than reading with it. */
const strict = new WeakMap<z.ZodType, z.ZodType>();
