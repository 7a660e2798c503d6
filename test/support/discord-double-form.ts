// Whether Discord would take a message's body: lengths, embeds, components, allowed mentions, nonce, flags.
import { checkComponents } from './discord-double-components.ts';
import { type FormErrors, type Path, refuse } from './discord-double-errors.ts';
import { isRecord, type Json, readRecords, readString } from './discord-double-model.ts';

export const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;
export const COMPONENTS_V2 = 1 << 15;
const SUPPRESS = (1 << 2) | (1 << 12);

/** discord.js writes tts and enforce_nonce into every body, also where Discord does not look at them. */
const MESSAGE_FIELDS = ['content', 'embeds', 'components', 'allowed_mentions', 'attachments', 'flags', 'tts', 'poll', 'enforce_nonce'];
export const CREATE_FIELDS = [...MESSAGE_FIELDS, 'nonce', 'message_reference', 'sticker_ids'];
export const EDIT_FIELDS = MESSAGE_FIELDS;
export const FOLLOW_UP_FIELDS = [...MESSAGE_FIELDS, 'username', 'avatar_url', 'thread_name', 'applied_tags'];

const EMBED_FIELDS = [
  'title',
  'type',
  'description',
  'url',
  'timestamp',
  'color',
  'footer',
  'image',
  'thumbnail',
  'author',
  'fields',
  'provider',
  'video',
];

function checkEmbed(form: FormErrors, embed: Json, path: Path): number {
  form.known(`embed at ${path.join('.')}`, embed, EMBED_FIELDS);
  form.optionalLength([...path, 'title'], embed['title'], 0, 256);
  form.optionalLength([...path, 'description'], embed['description'], 0, 4096);
  const footer = isRecord(embed['footer']) ? embed['footer'] : {};
  const author = isRecord(embed['author']) ? embed['author'] : {};
  form.optionalLength([...path, 'footer', 'text'], footer['text'], 0, 2048);
  form.optionalLength([...path, 'author', 'name'], author['name'], 0, 256);
  const fields = form.list([...path, 'fields'], embed['fields'], 0, 25);
  for (const [index, field] of fields.entries()) {
    form.length([...path, 'fields', index, 'name'], field['name'], 1, 256);
    form.length([...path, 'fields', index, 'value'], field['value'], 1, 1024);
  }
  const texts = [
    embed['title'],
    embed['description'],
    footer['text'],
    author['name'],
    ...fields.flatMap((field) => [field['name'], field['value']]),
  ];
  return texts.reduce<number>((sum, text) => sum + readString(text).length, 0);
}

function checkEmbeds(form: FormErrors, embeds: unknown, path: Path): void {
  const listed = form.list(path, embeds, 0, 10);
  const total = listed.map((embed, index) => checkEmbed(form, embed, [...path, index])).reduce((sum, each) => sum + each, 0);
  if (total > 6000) form.report(path, 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000');
}

function checkAllowedMentions(form: FormErrors, allowed: unknown, path: Path): void {
  if (!isRecord(allowed)) return;
  form.known('allowed_mentions', allowed, ['parse', 'users', 'roles', 'replied_user']);
  const parse = Array.isArray(allowed['parse']) ? allowed['parse'] : [];
  for (const kind of ['users', 'roles'] as const) {
    const list = Array.isArray(allowed[kind]) ? allowed[kind] : [];
    if (list.length > 100) form.report([...path, kind], 'BASE_TYPE_MAX_LENGTH', 'Must be 100 or fewer in length.');
    if (list.length > 0 && parse.includes(kind))
      form.report(path, 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`);
  }
  for (const each of parse)
    if (!['users', 'roles', 'everyone'].includes(String(each)))
      form.report([...path, 'parse'], 'BASE_TYPE_CHOICES', "Value must be one of ('everyone', 'roles', 'users').");
}

function checkNonce(form: FormErrors, body: Json, path: Path): void {
  const nonce = body['nonce'];
  if (nonce === undefined || nonce === null) return;
  if (typeof nonce !== 'string' && !Number.isInteger(nonce))
    form.report([...path, 'nonce'], 'NONCE_TYPE', 'Must be a string or an integer');
  if (String(nonce).length > 25) form.report([...path, 'nonce'], 'NONCE_TYPE_TOO_LONG', 'Must be 25 or fewer in length.');
}

function checkFlags(form: FormErrors, flags: number, fromInteraction: boolean): void {
  const allowed = SUPPRESS | COMPONENTS_V2 | (fromInteraction ? EPHEMERAL : 0);
  if ((flags & ~allowed) !== 0) form.fault(`flags ${flags}: Discord ignores ${flags & ~allowed} here`);
}

/** A body is looked at together with what stays of the message it edits. */
export interface MessageForm {
  body: Json;
  fields: readonly string[];
  /** Names of the files it will have. */
  files: readonly string[];
  /** The message as it will be. */
  after: { content: string; embeds: Json[]; components: Json[]; flags: number };
  fromInteraction: boolean;
  /** Where the body stands in the request: `data` for interaction callbacks. */
  path: Path;
}

/** @throws ApiError 50035 with nested errors, 50006 when nothing would be left to see. */
export function checkMessage(form: FormErrors, { body, fields, files, after, fromInteraction, path }: MessageForm): void {
  form.known('message', body, fields);
  form.optionalLength([...path, 'content'], body['content'], 0, 2000);
  checkEmbeds(form, body['embeds'], [...path, 'embeds']);
  checkAllowedMentions(form, body['allowed_mentions'], [...path, 'allowed_mentions']);
  checkNonce(form, body, path);
  checkFlags(form, Number(body['flags'] ?? 0), fromInteraction);
  const v2 = (after.flags & COMPONENTS_V2) !== 0;
  for (const field of v2 ? (['content', 'embeds'] as const) : [])
    if (after[field].length > 0)
      form.report(
        [...path, field],
        'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
        `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
      );
  // A list that is not even a list is reported as it came; otherwise the message as it will be is what counts.
  checkComponents(form, Array.isArray(body['components']) ? body['components'] : after.components, v2, files, [...path, 'components']);
  form.end();
  const visible = v2 ? after.components.length : after.content.trim().length + after.embeds.length + files.length + after.components.length;
  if (visible === 0) throw refuse('emptyMessage');
}

/** Without allowed_mentions a message of the bot pings everybody it names, an interaction's answer only users. */
function readAllowed(allowed: unknown, fromInteraction: boolean): Json {
  if (isRecord(allowed)) return allowed;
  return { parse: fromInteraction ? ['users'] : ['users', 'roles', 'everyone'], replied_user: true };
}

/**
 * Who is pinged.
 * @param repliedTo author of the message replied to, pinged unless replied_user says no
 */
export function findPings(texts: readonly string[], allowed: unknown, fromInteraction: boolean, repliedTo: string | null): string[] {
  const rule = readAllowed(allowed, fromInteraction);
  const includes = (list: string, name: string): boolean => Array.isArray(rule[list]) && rule[list].includes(name);
  const text = texts.join('\n');
  const named = [...text.matchAll(/<@([!&]?)(\d+)>/g)].flatMap(([, sign, id = '']) => {
    const kind = sign === '&' ? 'roles' : 'users';
    if (!includes('parse', kind) && !includes(kind, id)) return [];
    return [kind === 'roles' ? `role:${id}` : id];
  });
  const everyone = /@(?:everyone|here)/.test(text) && includes('parse', 'everyone') ? ['everyone'] : [];
  const answered = repliedTo !== null && rule['replied_user'] === true ? [repliedTo] : [];
  return [...new Set([...everyone, ...named, ...answered])];
}

export function readEmbedText(embeds: readonly Json[]): string[] {
  return embeds
    .flatMap((embed) => [
      embed['title'],
      embed['description'],
      ...readRecords(embed['fields']).flatMap((field) => [field['name'], field['value']]),
      isRecord(embed['footer']) ? embed['footer']['text'] : '',
    ])
    .map(readString)
    .filter((text) => text !== '');
}
