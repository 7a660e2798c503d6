// A person types a registered command: finds its definition, and turns option values into the interaction's data.
import { type Json, type Person, readRecords, readString, type World } from './discord-double-model.ts';
import { PERMISSIONS } from './discord-double-permissions.ts';

function mayUse(command: Json, user: Person): boolean {
  const needed = command['default_member_permissions'];
  if (typeof needed !== 'string' || (user.permissions & PERMISSIONS.ADMINISTRATOR) !== 0n) return true;
  return needed !== '0' && (user.permissions & BigInt(needed)) === BigInt(needed);
}

/** @throws Error when Discord would not offer it to this person in this channel */
export function findCommand(world: World, name: string, channelId: string, user: Person): Json {
  const place = world.places.get(channelId);
  if (!place) throw new Error(`There is no channel ${channelId}.`);
  if (place.guildId !== null && !world.bot.inGuild) throw new Error('The bot is not in the server, so there are no commands.');
  const own = place.guildId === null ? [] : (world.commands.get(place.guildId) ?? []);
  const offered = [...own, ...(world.commands.get('global') ?? [])].filter((each) => each['type'] === 1);
  const [first = ''] = name.split(' ');
  const command = offered.find((each) => each['name'] === first);
  if (!command) throw new Error(`No command /${first} here; there are: ${offered.map((each) => String(each['name'])).join(', ')}.`);
  if (!mayUse(command, user)) throw new Error(`/${first} is not shown to ${user.name}.`);
  return command;
}

function isFit(option: Json, value: string | number | boolean): boolean {
  if (option['type'] === 5) return typeof value === 'boolean';
  if (option['type'] === 4) return Number.isInteger(value);
  if (option['type'] === 10) return typeof value === 'number';
  return typeof value === 'string';
}

function checkValue(option: Json, value: string | number | boolean): void {
  const name = readString(option['name']);
  if (!isFit(option, value)) throw new Error(`The option ${name} does not take ${JSON.stringify(value)}.`);
  const choices = readRecords(option['choices']);
  if (choices.length > 0 && !choices.some((choice) => choice['value'] === value))
    throw new Error(`${JSON.stringify(value)} is no choice of ${name}.`);
  const size = typeof value === 'string' ? value.length : Number(value);
  const [least, most] = typeof value === 'string' ? ['min_length', 'max_length'] : ['min_value', 'max_value'];
  if (size < Number(option[least] ?? Number.NEGATIVE_INFINITY) || size > Number(option[most] ?? Number.POSITIVE_INFINITY))
    throw new Error(`The option ${name} does not take ${JSON.stringify(value)}: out of bounds.`);
}

function buildOptions(owner: Json, values: Record<string, string | number | boolean>, focused: string | null): Json[] {
  const defined = readRecords(owner['options']);
  for (const name of Object.keys(values))
    if (!defined.some((option) => option['name'] === name)) throw new Error(`/${String(owner['name'])} has no option ${name}.`);
  return defined.flatMap((option): Json[] => {
    const name = readString(option['name']);
    const value = values[name] ?? (name === focused ? '' : undefined);
    if (value === undefined) {
      if (option['required'] === true && focused === null) throw new Error(`/${String(owner['name'])} needs the option ${name}.`);
      return [];
    }
    // What is being typed is a text whatever the option's type is.
    if (name === focused) return [{ name, type: option['type'], value: String(value), focused: true }];
    checkValue(option, value);
    return [{ name, type: option['type'], value }];
  });
}

/** The data of a command interaction; words after the first name a subcommand. */
export function buildCommandInput(
  command: Json,
  typed: string,
  values: Record<string, string | number | boolean>,
  focused: string | null,
): Json {
  const [, ...below] = typed.split(' ');
  const descend = (owner: Json, words: readonly string[]): Json[] => {
    const [word, ...rest] = words;
    if (word === undefined) return buildOptions(owner, values, focused);
    const next = readRecords(owner['options']).find((option) => option['name'] === word && Number(option['type']) <= 2);
    if (!next) throw new Error(`/${String(owner['name'])} has no subcommand ${word}.`);
    return [{ name: word, type: next['type'], options: descend(next, rest) }];
  };
  return { id: command['id'], name: command['name'], type: 1, guild_id: command['guild_id'], options: descend(command, below) };
}
