// Reads a typed line against a command's own schema: `goal earn $50 budget:20`, `approve 17`, `deny 17 reason: too dear`.
// Nothing typed is dropped: words that fit no field come back under `_`, which every schema refuses.
import { z } from 'zod';
import type { Command } from './command.ts';

export interface Typed {
  name: string;
  input: Record<string, unknown>;
}

/** The command a line names with its first word; null when it is free text. */
export function readTyped(line: string, commands: readonly Command[]): Typed | null {
  const match = /^\s*\/?([a-z]+)(?:\s+([\s\S]*))?$/i.exec(line);
  const name = match?.[1]?.toLowerCase();
  const command = commands.find((candidate) => candidate.name === name);
  return command === undefined ? null : { name: command.name, input: readFields(match?.[2] ?? '', command) };
}

interface Marker {
  field: string;
  start: number;
  end: number;
}

/** Text in quotes, standing by itself: straight ones, and the curly ones that phones make of them. */
const QUOTED = /(?<=^|[\s:=])(?:"[^"]*"|“[^”]*”)(?=\s|$)/g;
const NUMBER_FIRST = /^#?(\d+)(?:\s+([\s\S]+))?$/;

/**
 * `field:value`, `--field value`, `--field=value`; quotes hold a value together. A field of sentences takes all words up to the next
 * field, any other takes one word. The words left over fill the positional field, or a sentence behind its number.
 */
export function readFields(text: string, command: Command): Record<string, unknown> {
  const wordy = listWordy(command);
  const markers = findMarkers(text, command, wordy);
  const input: Record<string, unknown> = {};
  const strange: string[] = [];
  const loose = [text.slice(0, markers[0]?.start ?? text.length)];
  for (const [index, { field, end }] of markers.entries()) {
    const raw = text.slice(end, markers[index + 1]?.start ?? text.length).trim();
    const [value, rest] = wordy.has(field) ? [unquote(raw), ''] : takeWord(raw);
    if (input[field] === undefined) input[field] = value;
    else strange.push(`${field}:${value}`);
    loose.push(rest);
  }
  const words = loose.map((part) => part.trim()).filter((part) => part !== '');
  strange.push(...placeWords(input, words.join(' '), command, wordy));
  if (strange.length > 0) input['_'] = strange.join(' ');
  return input;
}

/** Where fields are named outside quotes. A field that the words at the front fill already is not one: there its name is a word. */
function findMarkers(text: string, command: Command, wordy: ReadonlySet<string>): Marker[] {
  const fields = Object.keys(command.input.shape);
  if (fields.length === 0) return [];
  const names = fields.join('|');
  const pattern = new RegExp(`(?<=^|\\s)(?:--(${names})(?:=|\\s+|$)|(${names}):)`, 'gi');
  const open = text.replace(QUOTED, (quoted) => '"'.repeat(quoted.length));
  const found = [...open.matchAll(pattern)].map((match) => ({
    field: fields.find((field) => field.toLowerCase() === (match[1] ?? match[2])?.toLowerCase()) ?? '',
    start: match.index,
    end: match.index + match[0].length,
  }));
  const front = text.slice(0, found[0]?.start ?? text.length).trim();
  const { positional } = command;
  const isTaken = positional !== undefined && front !== '' && (wordy.has(positional) || NUMBER_FIRST.test(front));
  return isTaken ? found.filter((marker) => marker.field !== positional) : found;
}

/** Bare words fill the positional field; where that is a number and words follow, `deny 17 too dear` fills both. Returns what fits nowhere. */
function placeWords(input: Record<string, unknown>, words: string, command: Command, wordy: ReadonlySet<string>): string[] {
  if (words === '') return [];
  const { positional } = command;
  if (positional === undefined) return placePair(input, words, command);
  if (input[positional] !== undefined) return placeSentence(input, words, wordy);
  const numbered = wordy.has(positional) ? null : NUMBER_FIRST.exec(words);
  input[positional] = numbered?.[1] ?? unquote(words);
  return numbered?.[2] === undefined ? [] : placeSentence(input, numbered[2], wordy);
}

/** Where no field takes bare words, a field's name and a value do: `budget standing 100`. */
function placePair(input: Record<string, unknown>, words: string, command: Command): string[] {
  const [name = '', value, ...rest] = words.split(/\s+/);
  const field = Object.keys(command.input.shape).find((known) => known.toLowerCase() === name.toLowerCase());
  if (field === undefined || value === undefined || rest.length > 0 || input[field] !== undefined) return [words];
  input[field] = unquote(value);
  return [];
}

/** The first sentence still open takes the words. */
function placeSentence(input: Record<string, unknown>, words: string, wordy: ReadonlySet<string>): string[] {
  const field = [...wordy].find((candidate) => input[candidate] === undefined);
  if (field === undefined) return [words];
  input[field] = unquote(words);
  return [];
}

function takeWord(raw: string): [string, string] {
  const quoted = /^("[^"]*"|“[^”]*”)(?:\s+([\s\S]*))?$/.exec(raw);
  const word = quoted ?? /^(\S*)\s*([\s\S]*)$/.exec(raw);
  return [unquote(word?.[1] ?? ''), word?.[2] ?? ''];
}

/** Quotes around the whole of it were meant for us. */
function unquote(text: string): string {
  return /^(?:"[^"]*"|“[^”]*”)$/.test(text) ? text.slice(1, -1) : text;
}

/** Fields that hold sentences say so in their schema: `.meta({ words: true })`. In the schema's order. */
function listWordy(command: Command): ReadonlySet<string> {
  const schema = z.toJSONSchema(command.input, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, { words?: boolean }>;
  };
  return new Set(Object.entries(schema.properties ?? {}).flatMap(([name, field]) => (field.words === true ? [name] : [])));
}
