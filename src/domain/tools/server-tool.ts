// A tool of somebody else's server: how it is named here, what of its own words is kept, and whether it is still the one that was accepted.
import { findUnstorable, hashOf, type Json } from '../../core/canonical-json.ts';
import { redactText } from '../../core/redact.ts';
import type { ToolDefinition } from '../../db/tables/tool-tables.ts';

/** What OpenAI-compatible servers take as the name of a tool. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const DIVIDER = '__';
const LONGEST_DESCRIPTION = 1_000;
const LONGEST_FIELD_DESCRIPTION = 300;
const LARGEST_DEFINITION = 20_000;
/** Controls, bidirectional overrides, zero-width and tag characters: nobody who accepts a tool would see them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** `server__tool`. No built-in tool has two underscores in its name, so none is shadowed. */
export function nameOf(server: string, tool: string): string {
  return `${server}${DIVIDER}${tool.replaceAll(/[./]/g, '_')}`;
}

export type Offered = { ok: true; definition: ToolDefinition; hash: string } | { ok: false; name: string; why: string };

/** What a server says of one tool, judged. The hash covers its words as they came, so no change slips through what is cut. */
export function readDefinition(server: string, raw: { name: string; title: string; description: string; inputSchema: unknown }): Offered {
  const name = raw.name.slice(0, 100);
  if (!TOOL_NAME.test(nameOf(server, raw.name))) return { ok: false, name, why: 'its name is too long or has characters no model takes' };
  const unstorable = findUnstorable(raw.inputSchema);
  if (unstorable !== null) return { ok: false, name, why: `its schema cannot be kept: ${unstorable}` };
  if (JSON.stringify(raw.inputSchema).length > LARGEST_DEFINITION) return { ok: false, name, why: 'its schema is too large' };
  const schema = raw.inputSchema as { [key: string]: Json };
  const definition = { name: raw.name, title: cleanWords(raw.title, 100), description: cleanWords(raw.description), inputSchema: schema };
  return { ok: true, definition, hash: hashOf({ name: raw.name, title: raw.title, description: raw.description, schema }) };
}

function cleanWords(text: string, longest = LONGEST_DESCRIPTION): string {
  const clean = redactText(text.slice(0, LARGEST_DEFINITION).toWellFormed()).replaceAll(INVISIBLE, ' ').trim();
  return clean.length > longest ? `${clean.slice(0, longest).toWellFormed()} …` : clean;
}

export interface Pin {
  id: number;
  name: string;
  accepted_hash: string | null;
  offered_hash: string | null;
  missing_since: Date | null;
}

/** What a server's list of tools means for what was accepted of it before. */
export interface Comparison {
  /** The owner named the server, and this is what it had when it was first asked. */
  first: Extract<Offered, { ok: true }>[];
  /** New to a known server, or other than accepted: waits for an owner. */
  quarantined: Extract<Offered, { ok: true }>[];
  /** As accepted again. */
  restored: number[];
  missing: number[];
  unusable: { name: string; why: string }[];
}

export function compareTools(server: string, listed: readonly Offered[], pins: readonly Pin[]): Comparison {
  const result: Comparison = { first: [], quarantined: [], restored: [], missing: [], unusable: [] };
  const seen = new Set<string>();
  for (const one of listed) {
    if (!one.ok) {
      result.unusable.push({ name: one.name, why: one.why });
      continue;
    }
    const name = nameOf(server, one.definition.name);
    if (seen.has(name)) result.unusable.push({ name: one.definition.name, why: 'another tool of the server has this name' });
    else judgeOffered(result, one, pins);
    seen.add(name);
  }
  result.missing = pins.filter((pin) => pin.missing_since === null && !seen.has(nameOf(server, pin.name))).map((pin) => pin.id);
  return result;
}

function judgeOffered(result: Comparison, one: Extract<Offered, { ok: true }>, pins: readonly Pin[]): void {
  const pin = pins.find((candidate) => candidate.name === one.definition.name);
  if (pins.length === 0) result.first.push(one);
  else if (pin === undefined) result.quarantined.push(one);
  else if (pin.accepted_hash === one.hash) {
    if (pin.offered_hash !== null || pin.missing_since !== null) result.restored.push(pin.id);
  } else if (pin.offered_hash !== one.hash || pin.missing_since !== null) result.quarantined.push(one);
}

/** What changed, in lines a person can compare: what was accepted, then what is offered. */
export function differences(before: ToolDefinition | null, now: ToolDefinition): { part: string; was: string; is: string }[] {
  const parts: [string, (definition: ToolDefinition) => string][] = [
    ['Title', (definition) => definition.title],
    ['Description', (definition) => definition.description],
    ['Input', (definition) => JSON.stringify(definition.inputSchema)],
  ];
  const found = parts
    .map(([part, read]) => ({ part, was: before === null ? '' : read(before), is: read(now) }))
    .filter(({ was, is }) => was !== is);
  // What differs lies behind the cut or was invisible: the hash knows.
  return found.length > 0 ? found : [{ part: 'Words that are not shown', was: 'accepted', is: 'others' }];
}

const KEPT_KEYS = ['type', 'enum', 'const', 'default', 'format', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'];
const NESTING = 6;
const MOST_PROPERTIES = 60;

/** The schema as a model is shown it: only words of JSON Schema that every provider takes, descriptions short. */
export function shownSchema(schema: Json, depth = 0): { [key: string]: Json } {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema) || depth > NESTING) return {};
  const shown: { [key: string]: Json } = {};
  for (const key of KEPT_KEYS) if (isSmall(schema[key])) shown[key] = schema[key] as Json;
  if (typeof schema['description'] === 'string') shown['description'] = cleanWords(schema['description'], LONGEST_FIELD_DESCRIPTION);
  const { properties, items, required, additionalProperties } = schema;
  if (isObject(properties)) shown['properties'] = shownProperties(properties, depth);
  if (isObject(items)) shown['items'] = shownSchema(items, depth + 1);
  if (Array.isArray(required)) shown['required'] = required.filter((name) => typeof name === 'string');
  if (typeof additionalProperties === 'boolean') shown['additionalProperties'] = additionalProperties;
  for (const union of ['anyOf', 'oneOf'] as const) {
    const choices = schema[union];
    if (Array.isArray(choices)) shown[union] = choices.slice(0, 10).map((choice) => shownSchema(choice, depth + 1));
  }
  return depth === 0 ? { properties: {}, ...shown, type: 'object' } : shown;
}

function shownProperties(properties: { [key: string]: Json }, depth: number): { [key: string]: Json } {
  const named = Object.entries(properties).filter(([name]) => /^[\w.$-]{1,64}$/.test(name) && name !== '__proto__');
  return Object.fromEntries(named.slice(0, MOST_PROPERTIES).map(([name, inner]) => [name, shownSchema(inner, depth + 1)]));
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSmall = (value: Json | undefined): boolean => value !== undefined && JSON.stringify(value).length <= 2_000;

/** What is plainly wrong with arguments, in one sentence; null when they may be sent. The server itself judges the rest. */
export function checkArguments(schema: { [key: string]: Json }, input: { [key: string]: Json }): string | null {
  const { properties, required, additionalProperties } = schema;
  const known = isObject(properties) ? properties : {};
  const missing = Array.isArray(required) ? required.filter((name) => typeof name === 'string' && !Object.hasOwn(input, name)) : [];
  if (missing.length > 0) return `these are missing: ${missing.join(', ')}`;
  for (const [name, value] of Object.entries(input)) {
    const field = Object.hasOwn(known, name) ? known[name] : undefined;
    if (field === undefined && (additionalProperties === false || Object.keys(known).length > 0))
      return `there is no field "${name.slice(0, 60)}"`;
    if (isObject(field) && typeof field['type'] === 'string' && !isOfType(value, field['type']))
      return `"${name}" must be of type ${field['type']}`;
  }
  return null;
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'null':
      return value === null;
    default:
      return !['string', 'number', 'boolean'].includes(type) || typeof value === type;
  }
}
