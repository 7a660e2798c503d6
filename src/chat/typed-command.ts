// Reads a typed line against a command's own schema: `goal earn $50 budget:20`, `approve 17`, `deny 17 reason: too dear`.
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

/** `field:value`, `--field value`, `--field=value`; a value in quotes may hold spaces. What is left goes to the positional field. */
export function readFields(text: string, command: Command): Record<string, unknown> {
  const fields = Object.keys(command.input.shape);
  if (fields.length === 0) return {};
  const names = fields.join('|');
  const marker = new RegExp(`(?:^|\\s)(?:--(${names})(?:=|\\s+)|(${names}):\\s*)`, 'g');
  const found = [...text.matchAll(marker)];
  const input: Record<string, unknown> = {};
  const bare = text.slice(0, found[0]?.index ?? text.length).trim();
  for (const [index, match] of found.entries()) {
    const field = match[1] ?? match[2];
    if (field === undefined) continue;
    const raw = text.slice(match.index + match[0].length, found[index + 1]?.index ?? text.length).trim();
    // A short field takes one word, the words behind it belong to the positional field; the last textual field takes all.
    const [value, rest] = takeValue(raw, isWordy(command, field));
    input[field] = value;
    if (rest !== '' && command.positional !== undefined) input[command.positional] = `${input[command.positional] ?? ''} ${rest}`.trim();
  }
  if (bare !== '') placeBare(input, bare, command, fields);
  return input;
}

/** Bare words fill the positional field; where the first field is a number and words follow, `deny 17 too dear` fills both. */
function placeBare(input: Record<string, unknown>, bare: string, command: Command, fields: string[]): void {
  const positional = command.positional;
  if (positional === undefined) {
    input['_'] = bare;
    return;
  }
  const numbered = /^#?(\d+)(?:\s+([\s\S]+))?$/.exec(bare);
  const wordy = fields.find((field) => field !== positional && isWordy(command, field) && input[field] === undefined);
  if (numbered !== null && !isWordy(command, positional)) {
    input[positional] = numbered[1];
    if (numbered[2] !== undefined) input[wordy ?? '_'] = numbered[2];
  } else input[positional] = `${bare} ${input[positional] ?? ''}`.trim();
}

function takeValue(raw: string, wordy: boolean): [string, string] {
  const quoted = /^"([^"]*)"\s*([\s\S]*)$/.exec(raw);
  if (quoted !== null) return [quoted[1] ?? '', quoted[2] ?? ''];
  if (wordy) return [raw, ''];
  const word = /^(\S*)\s*([\s\S]*)$/.exec(raw);
  return [word?.[1] ?? '', word?.[2] ?? ''];
}

/** Fields that hold sentences say so in their schema: `.meta({ words: true })`. */
function isWordy(command: Command, field: string): boolean {
  const schema = z.toJSONSchema(command.input, { io: 'input' }) as { properties?: Record<string, { words?: boolean }> };
  return schema.properties?.[field]?.words === true;
}
