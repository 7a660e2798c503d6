// REST: application commands, global and per server, with Discord's rules for their definitions.
import type { Call, Endpoint } from './discord-double-endpoint.ts';
import { FormErrors, type Path, refuse } from './discord-double-errors.ts';
import { isRecord, type Json, nextId, readRecords, readString, type World } from './discord-double-model.ts';

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const COMMAND_FIELDS = [
  'id',
  'type',
  'name',
  'name_localizations',
  'description',
  'description_localizations',
  'options',
  'default_member_permissions',
  'dm_permission',
  'default_permission',
  'integration_types',
  'contexts',
  'nsfw',
  'handler',
];
const OPTION_FIELDS = [
  'type',
  'name',
  'name_localizations',
  'description',
  'description_localizations',
  'required',
  'choices',
  'options',
  'channel_types',
  'min_value',
  'max_value',
  'min_length',
  'max_length',
  'autocomplete',
];

function checkName(form: FormErrors, name: unknown, path: Path): void {
  const text = readString(name);
  if (!NAME.test(text) || text !== text.toLowerCase())
    form.report([...path, 'name'], 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
}

function checkChoices(form: FormErrors, option: Json, path: Path): void {
  const choices = form.list([...path, 'choices'], option['choices'], 0, 25);
  if (option['autocomplete'] === true && choices.length > 0)
    form.report([...path, 'autocomplete'], 'APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES', 'Choices and autocomplete exclude each other');
  if (option['autocomplete'] === true && ![3, 4, 10].includes(Number(option['type'])))
    form.report([...path, 'autocomplete'], 'APPLICATION_COMMAND_AUTOCOMPLETE_TYPE', 'Only strings and numbers autocomplete');
  for (const [index, choice] of choices.entries()) {
    form.length([...path, 'choices', index, 'name'], choice['name'], 1, 100);
    if (option['type'] === 3) form.length([...path, 'choices', index, 'value'], choice['value'], 1, 100);
    else if (typeof choice['value'] !== 'number') form.report([...path, 'choices', index, 'value'], 'NUMBER_TYPE_COERCE', 'Not a number.');
  }
}

function checkOptions(form: FormErrors, owner: Json, path: Path): void {
  const options = form.list([...path, 'options'], owner['options'], 0, 25);
  const names = new Set<string>();
  let optionalSeen = false;
  for (const [index, option] of options.entries()) {
    const at = [...path, 'options', index];
    form.known(`command option ${String(option['name'])}`, option, OPTION_FIELDS);
    checkName(form, option['name'], at);
    form.length([...at, 'description'], option['description'], 1, 100);
    const type = Number(option['type']);
    if (!(type >= 1 && type <= 11)) form.report([...at, 'type'], 'BASE_TYPE_CHOICES', 'Value must be 1 to 11.');
    const name = readString(option['name']);
    if (names.has(name)) form.report([...at, 'name'], 'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option names must be unique');
    names.add(name);
    if (option['required'] === true && optionalSeen)
      form.report(
        [...at, 'required'],
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    optionalSeen ||= option['required'] !== true;
    checkChoices(form, option, at);
    if (type <= 2) checkOptions(form, option, at);
  }
}

function measure(node: Json): number {
  const own =
    readString(node['name']).length +
    readString(node['description']).length +
    (typeof node['value'] === 'string' ? node['value'].length : 0);
  return [...readRecords(node['options']), ...readRecords(node['choices'])].reduce((sum, each) => sum + measure(each), own);
}

function checkCommand(form: FormErrors, command: Json, path: Path): void {
  form.known(`command ${String(command['name'])}`, command, COMMAND_FIELDS);
  if (Number(command['type'] ?? 1) !== 1) {
    form.length([...path, 'name'], command['name'], 1, 32);
    return;
  }
  checkName(form, command['name'], path);
  form.length([...path, 'description'], command['description'], 1, 100);
  checkOptions(form, command, path);
  if (measure(command) > 8000) form.report(path, 'APPLICATION_COMMAND_TOO_LARGE', 'Command exceeds maximum size (8000)');
}

function readScope(world: World, { params }: Call): string {
  if (params['application'] !== world.applicationId) throw refuse('missingAccess');
  if (params['guild'] === undefined) return 'global';
  if (params['guild'] !== world.guildId || !world.bot.inGuild) throw refuse('missingAccess');
  return params['guild'];
}

function keep(world: World, scope: string, command: Json): Json {
  const before = (world.commands.get(scope) ?? []).find((each) => each['name'] === command['name']);
  return {
    default_member_permissions: null,
    contexts: null,
    nsfw: false,
    ...command,
    type: Number(command['type'] ?? 1),
    id: before?.['id'] ?? nextId(),
    application_id: world.applicationId,
    version: nextId(),
    ...(scope === 'global' ? {} : { guild_id: scope }),
  };
}

function overwrite(world: World, call: Call): Json[] {
  const scope = readScope(world, call);
  const form = new FormErrors(world);
  const commands = Array.isArray(call.whole) ? call.whole.filter(isRecord) : [];
  if (!Array.isArray(call.whole)) form.report([], 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
  if (commands.filter((each) => Number(each['type'] ?? 1) === 1).length > 100)
    form.report([], 'APPLICATION_COMMANDS_MAX', 'Maximum number of application commands reached (100)');
  const names = new Set<string>();
  for (const [index, command] of commands.entries()) {
    checkCommand(form, command, [index]);
    const key = `${Number(command['type'] ?? 1)} ${String(command['name'])}`;
    if (names.has(key)) form.report([index, 'name'], 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique');
    names.add(key);
  }
  form.end();
  const kept = commands.map((command) => keep(world, scope, command));
  world.commands.set(scope, kept);
  return kept;
}

function create(world: World, call: Call): Json {
  const scope = readScope(world, call);
  const form = new FormErrors(world);
  checkCommand(form, call.body, []);
  form.end();
  const kept = keep(world, scope, call.body);
  const others = (world.commands.get(scope) ?? []).filter((each) => each['id'] !== kept['id']);
  world.commands.set(scope, [...others, kept]);
  return kept;
}

export const commandEndpoints: readonly Endpoint[] = [
  '/applications/:application/commands',
  '/applications/:application/guilds/:guild/commands',
].flatMap((path): Endpoint[] => [
  { method: 'GET', path, run: (world, call) => ({ status: 200, body: world.commands.get(readScope(world, call)) ?? [] }) },
  { method: 'PUT', path, run: (world, call) => ({ status: 200, body: overwrite(world, call) }) },
  { method: 'POST', path, run: (world, call) => ({ status: 201, body: create(world, call) }) },
]);
