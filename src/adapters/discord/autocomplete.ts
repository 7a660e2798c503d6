// Suggestions while somebody types a number: by title, and only for people with a role.
import type { APIApplicationCommandAutocompleteInteraction } from 'discord.js';
import { plainLine } from '../../chat/escape.ts';
import { hasRole } from '../../domain/people/role.ts';
import { findChatCaller } from '../../flows/chat-caller.ts';
import { listChoices } from './choice-store.ts';
import { readFieldSchemas, subjectOf } from './command-definitions.ts';
import { platformIdOf } from './interaction-words.ts';
import type { DiscordParts } from './parts.ts';
import { suggest } from './replies.ts';

const MAX_NAME = 100;

export async function answerAutocomplete(parts: DiscordParts, raised: APIApplicationCommandAutocompleteInteraction): Promise<void> {
  const choices = await listSuggestions(parts, raised);
  await suggest(parts, raised, choices);
}

async function listSuggestions(parts: DiscordParts, raised: APIApplicationCommandAutocompleteInteraction) {
  const { deps, commands } = parts;
  const focused = raised.data.options.find((option) => 'focused' in option && option.focused === true);
  const command = commands.find(({ name }) => name === raised.data.name);
  if (focused === undefined || command === undefined) return [];
  const [, field] = readFieldSchemas(command).fields.find(([name]) => name.toLowerCase() === focused.name) ?? [];
  const subject = field === undefined ? null : subjectOf(field);
  if (subject === null) return [];
  const caller = await findChatCaller(deps, { platform: 'discord', platformId: platformIdOf(raised), said: null });
  // What a command would not show is not suggested for it either.
  if (!hasRole(caller, typeof command.role === 'string' ? command.role : 'viewer')) return [];
  const typed = 'value' in focused ? String(focused.value) : '';
  const found = await listChoices(deps.db, subject, deps.mode, typed);
  return found.map(({ id, title }) => ({ name: nameOf(id, title), value: String(id) }));
}

function nameOf(id: number, title: string): string {
  const name = `#${id} ${plainLine(title, 200)}`;
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
