// The command menu as data: for the terminal, the console's completion and its forms.
import { z } from 'zod';
import type { Command } from '../../chat/command.ts';

/** One field of a command, read from its JSON schema. */
export interface MenuField {
  name: string;
  type: 'text' | 'number' | 'integer' | 'boolean';
  description: string;
  required: boolean;
  choices: string[];
  defaultValue: string | null;
  maxLength: number | null;
  /** Takes a sentence, not one word. */
  words: boolean;
}

export interface MenuEntry {
  name: string;
  summary: string;
  /** Null when it depends on the input. */
  role: string | null;
  positional: string | null;
  examples: readonly string[];
  fields: MenuField[];
  schema: object;
}

interface JsonSchema {
  type?: string | string[];
  description?: string;
  title?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  default?: unknown;
  maxLength?: number;
  words?: boolean;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

export function describeMenu(commands: readonly Command[]): MenuEntry[] {
  return commands.map((command) => {
    const schema = z.toJSONSchema(command.input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    return {
      name: command.name,
      summary: command.summary,
      role: typeof command.role === 'string' ? command.role : null,
      positional: command.positional ?? null,
      examples: command.examples,
      fields: Object.entries(schema.properties ?? {}).map(([name, field]) => describeField(name, field, schema.required ?? [])),
      schema,
    };
  });
}

function describeField(name: string, field: JsonSchema, required: readonly string[]): MenuField {
  const shapes = [field, ...(field.anyOf ?? []), ...(field.oneOf ?? [])];
  return {
    name,
    type: pickType(shapes),
    description: field.description ?? field.title ?? '',
    required: required.includes(name),
    choices: shapes
      .flatMap((shape) => [...(shape.enum ?? []), ...(shape.const === undefined ? [] : [shape.const])])
      .filter((value) => value !== null)
      .map(String),
    defaultValue: field.default === undefined || typeof field.default === 'object' ? null : String(field.default),
    maxLength: field.maxLength ?? null,
    words: field.words === true,
  };
}

/** Text wins where several shapes are allowed: the schema then reads it itself. */
function pickType(shapes: readonly JsonSchema[]): MenuField['type'] {
  const types = shapes.flatMap((shape) => shape.type ?? []);
  if (types.includes('string')) return 'text';
  return (['integer', 'number', 'boolean'] as const).find((type) => types.includes(type)) ?? 'text';
}

/** Words typed into a form or a terminal as the values the schema expects; what does not fit stays text, for the schema to refuse by name. */
export function readFields(entry: Pick<MenuEntry, 'fields'>, given: Record<string, string>): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(given)) {
    if (text.trim() === '') continue;
    const type = entry.fields.find((field) => field.name === name)?.type ?? 'text';
    input[name] = readValue(type, text);
  }
  return input;
}

function readValue(type: MenuField['type'], text: string): unknown {
  const word = text.trim();
  if (type === 'boolean' && /^(true|yes|on|1)$/i.test(word)) return true;
  if (type === 'boolean' && /^(false|no|off|0)$/i.test(word)) return false;
  if ((type === 'integer' || type === 'number') && /^#?-?\d+(\.\d+)?$/.test(word)) return Number(word.replace('#', ''));
  return text;
}
