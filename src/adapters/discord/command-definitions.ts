// Our commands as Discord's application commands, made from the same declarations as every other surface, and what comes back from one.
import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandInteractionDataOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  PermissionFlagsBits,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import { z } from 'zod';
import type { Command } from '../../chat/command.ts';

export interface FieldSchema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  words?: boolean;
}

const SUBJECTS = [
  'goal',
  'task',
  'request',
  'draft',
  'grant',
  'experiment',
  'opportunity',
  'offer',
  'order',
  'document',
  'errand',
  'tool',
] as const;

/** `errand`: what a person is asked to do. Neither customers nor what they wrote is ever suggested. */
export type Subject = (typeof SUBJECTS)[number];

const MAX_DESCRIPTION = 100;
const MAX_CHOICES = 25;
const MAX_TEXT = 6000;

export type CommandDefinition = RESTPostAPIChatInputApplicationCommandsJSONBody;

export function readFieldSchemas(command: Command): { fields: [string, FieldSchema][]; required: readonly string[] } {
  const schema = z.toJSONSchema(command.input, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, FieldSchema>;
    required?: string[];
  };
  return { fields: Object.entries(schema.properties ?? {}), required: schema.required ?? [] };
}

/** What a field's number counts, as fields.ts words it; null for other fields. */
export function subjectOf(field: FieldSchema): Subject | null {
  const words = field.description ?? '';
  if (/^number of a task (?:for a person|that )/.test(words)) return 'errand';
  const [, named] = /^number of (?:an?|the) ([a-z]+)\b/.exec(words) ?? [];
  return SUBJECTS.find((subject) => subject === named) ?? null;
}

/**
 * Who may do what is decided by our own roles, which Discord does not know. Its permissions only say who sees a command in the menu:
 * those who may write in the channel see what acts, everybody sees what only shows. "0" would hide a command from an approver of ours
 * who does not administer the server.
 */
function seenBy(command: Command): string | null {
  return command.role === 'viewer' || typeof command.role === 'function' ? null : PermissionFlagsBits.SendMessages.toString();
}

export function defineForDiscord(command: Command): CommandDefinition {
  const { fields, required } = readFieldSchemas(command);
  const options = fields.map(([name, field]) => toOption(name, field, required.includes(name)));
  return {
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    description: clip(command.summary),
    default_member_permissions: seenBy(command),
    // Discord wants what is required first.
    options: [...options.filter((option) => option.required), ...options.filter((option) => !option.required)],
  };
}

const clip = (text: string): string => (text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`);

function toOption(name: string, field: FieldSchema, required: boolean): APIApplicationCommandBasicOption {
  const common = { name: name.toLowerCase(), description: clip(field.description ?? name), required };
  const bounds = {
    ...(field.minimum === undefined ? {} : { min_value: field.minimum }),
    ...(field.maximum === undefined ? {} : { max_value: field.maximum }),
  };
  switch (field.type) {
    case 'integer':
      return { ...common, ...bounds, type: ApplicationCommandOptionType.Integer };
    case 'number':
      return { ...common, ...bounds, type: ApplicationCommandOptionType.Number };
    case 'boolean':
      return { ...common, type: ApplicationCommandOptionType.Boolean };
    default:
      return toTextOption(common, field);
  }
}

function toTextOption(
  common: { name: string; description: string; required: boolean },
  field: FieldSchema,
): APIApplicationCommandBasicOption {
  const type = ApplicationCommandOptionType.String as const;
  const words = (field.enum ?? []).filter((word) => typeof word === 'string');
  if (words.length > 0 && words.length <= MAX_CHOICES)
    return { ...common, type, choices: words.map((word) => ({ name: word.replaceAll('_', ' '), value: word })) };
  if (subjectOf(field) !== null) return { ...common, type, autocomplete: true };
  return { ...common, type, ...(field.maxLength === undefined ? {} : { max_length: Math.min(MAX_TEXT, field.maxLength) }) };
}

/** What was filled in, under our own names of the fields. */
export function readOptions(
  command: Command | undefined,
  options: readonly APIApplicationCommandInteractionDataOption[],
): Record<string, unknown> {
  const names = Object.keys(command?.input.shape ?? {});
  return Object.fromEntries(
    options.flatMap((option) =>
      'value' in option ? [[names.find((name) => name.toLowerCase() === option.name) ?? option.name, option.value]] : [],
    ),
  );
}
