// Tells Discord our commands, once for each change: what it has is asked first, and left alone when it says the same.
import { type APIApplicationCommand, type REST, Routes } from 'discord.js';
import { canonicalJson, sha256 } from '../../core/canonical-json.ts';
import type { DiscordConfig } from '../../platform-config.ts';
import type { CommandDefinition } from './command-definitions.ts';

/** @returns whether anything had to be changed. */
export async function registerCommands(rest: REST, config: DiscordConfig, definitions: readonly CommandDefinition[]): Promise<boolean> {
  const route = Routes.applicationGuildCommands(config.applicationId, config.guildId);
  const known = (await rest.get(route)) as APIApplicationCommand[];
  if (fingerprint(known) === fingerprint(definitions)) return false;
  await rest.put(route, { body: definitions });
  return true;
}

type Definition = Pick<CommandDefinition, 'name' | 'description' | 'default_member_permissions'> & { options?: unknown };

/** What the two sides must agree on: Discord answers with more fields, and leaves out what is not set. */
function fingerprint(commands: readonly Definition[]): string {
  const shapes = commands.map(({ name, description, default_member_permissions, options }) => ({
    name,
    description,
    seenBy: default_member_permissions ?? null,
    options: ((options ?? []) as Record<string, unknown>[]).map(shapeOption),
  }));
  return sha256(canonicalJson(shapes.sort((one, other) => one.name.localeCompare(other.name))));
}

function shapeOption(option: Record<string, unknown>) {
  const { type, name, description, required, autocomplete, min_value, max_value, max_length, choices } = option;
  return {
    type,
    name,
    description,
    required: required === true,
    autocomplete: autocomplete === true,
    min: min_value ?? null,
    max: max_value ?? null,
    length: max_length ?? null,
    choices: ((choices ?? []) as { name: string; value: string }[]).map((choice) => [choice.name, choice.value]),
  };
}
