// One text for one value: keys sorted, no spaces. Hashes over it mean the same on every machine and after every restart.
import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** @throws TypeError for values JSON cannot hold (undefined inside arrays, functions, NaN, infinities). Bigints become strings of digits. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return JSON.stringify(value.toString());
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`JSON cannot hold ${value}`);
    return JSON.stringify(value);
  }
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  throw new TypeError(`JSON cannot hold a ${typeof value}`);
}

/** Hex SHA-256 of the text's UTF-8 bytes. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Hex SHA-256 of the canonical JSON. */
export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** Deeper than any honest argument; recursion over what is accepted stays far from the end of the stack. */
const DEEPEST = 64;
/** NUL, and halves of surrogate pairs: jsonb and text columns refuse the one, UTF-8 has no bytes for the other. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');
/** The same as JSON.stringify writes them. */
const ESCAPED_UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/**
 * Why parsed JSON of a stranger or a model cannot be kept as it is; null when it can. Walks without recursion, so depth cannot hurt it.
 */
export function findUnstorable(value: unknown): string | null {
  const open: { item: unknown; depth: number }[] = [{ item: value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { item, depth } = next;
    const trouble = judgeScalar(item);
    if (trouble !== null) return trouble;
    if (typeof item !== 'object' || item === null) continue;
    if (depth >= DEEPEST) return `it is nested more than ${DEEPEST} levels deep`;
    for (const [key, inner] of Object.entries(item)) open.push({ item: key, depth }, { item: inner, depth: depth + 1 });
  }
  return null;
}

function judgeScalar(item: unknown): string | null {
  if (typeof item === 'string') return isStorable(item) ? null : 'it holds a NUL character or half of a surrogate pair';
  return typeof item === 'number' && !Number.isFinite(item) ? 'it holds a number too large to keep' : null;
}

/** JSON text as jsonb takes it: what it refuses becomes U+FFFD. */
export function cleanJsonText(json: string): string {
  return json.replace(ESCAPED_UNSTORABLE, '$1\ufffd');
}

export function storableJson(value: unknown): string {
  return cleanJsonText(JSON.stringify(value));
}

/** Text that a text column takes: NUL and half surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd');
}
