// Writing a message: what a body and its uploads make of it, checked first, then kept in the journal and told to the gateway.
import { readButtons, readComponentText } from './discord-double-components.ts';
import type { Call, Upload } from './discord-double-endpoint.ts';
import { FormErrors, type Path } from './discord-double-errors.ts';
import { COMPONENTS_V2, checkMessage, EPHEMERAL, findPings, LOADING, readEmbedText } from './discord-double-form.ts';
import { type Json, nextId, type PostedFile, type PostedMessage, readRecords, readString, type World } from './discord-double-model.ts';
import { announceMessage } from './discord-double-sessions.ts';

export interface Draft {
  channelId: string;
  authorId: string;
  interactionId: string | null;
  ephemeralTo: string | null;
  /** The reply that is still "thinking…". */
  loading: boolean;
}

export function createMessage(draft: Draft): PostedMessage {
  return {
    id: nextId(),
    channelId: draft.channelId,
    authorId: draft.authorId,
    content: '',
    embeds: [],
    components: [],
    files: [],
    flags: (draft.loading ? LOADING : 0) | (draft.ephemeralTo === null ? 0 : EPHEMERAL),
    nonce: null,
    replyTo: null,
    mentions: [],
    pings: [],
    edits: 0,
    editedAt: null,
    deleted: false,
    ephemeralTo: draft.ephemeralTo,
    interactionId: draft.interactionId,
    threadId: null,
    at: Date.now(),
    text: '',
    buttons: [],
  };
}

function keepFile(upload: Upload, listed: readonly Json[]): PostedFile {
  const described = listed.find((each) => String(each['id']) === upload.index) ?? {};
  return {
    id: nextId(),
    name: readString(described['filename']) || upload.name,
    size: upload.bytes.length,
    type: upload.type,
    description: readString(described['description']) || null,
    bytes: upload.bytes,
  };
}

/** The files it will have: those kept (all, unless `attachments` lists the ones to keep) and the uploaded ones. */
function planFiles(message: PostedMessage, { body, uploads }: Pick<Call, 'body' | 'uploads'>): PostedFile[] {
  const listed = readRecords(body['attachments']);
  const kept = Array.isArray(body['attachments'])
    ? message.files.filter((file) => listed.some((each) => String(each['id']) === file.id))
    : message.files;
  return [...kept, ...uploads.map((upload) => keepFile(upload, listed))];
}

function planFlags(message: PostedMessage, body: Json): number {
  const wanted = Number(body['flags'] ?? 0);
  // What it is stays: private, a thread's start, and components v2, which cannot be undone.
  const lasting = message.flags & (EPHEMERAL | COMPONENTS_V2 | (1 << 5));
  const settable = COMPONENTS_V2 | (1 << 2) | (1 << 12);
  return lasting | (body['flags'] === undefined ? message.flags & settable : wanted & settable);
}

export interface WriteOptions {
  fields: readonly string[];
  fromInteraction: boolean;
  path?: Path;
}

/** Fills a new or an existing message from a body. @throws ApiError 50035, 50006; then nothing has changed */
export function fillMessage(world: World, message: PostedMessage, call: Pick<Call, 'body' | 'uploads'>, options: WriteOptions): void {
  const { body } = call;
  const files = planFiles(message, call);
  const after = {
    content: body['content'] === undefined ? message.content : readString(body['content']),
    embeds: body['embeds'] === undefined ? message.embeds : readRecords(body['embeds']),
    components: body['components'] === undefined ? message.components : readRecords(body['components']),
    flags: planFlags(message, body),
  };
  const names = files.map((file) => file.name);
  checkMessage(new FormErrors(world), {
    body,
    files: names,
    after,
    fields: options.fields,
    fromInteraction: options.fromInteraction,
    path: options.path ?? [],
  });
  Object.assign(message, after, { files });
  const texts = [after.content, ...readComponentText(after.components)];
  const answered = message.replyTo === null ? undefined : world.messages.get(message.replyTo);
  message.pings = findPings(texts, body['allowed_mentions'], options.fromInteraction, answered?.authorId ?? null);
  message.mentions = message.pings.filter((ping) => world.people.has(ping));
  message.text = [...texts, ...readEmbedText(after.embeds)].filter((text) => text !== '').join('\n');
  message.buttons = readButtons(after.components);
}

/** Puts a new message into its channel, for everybody to see. */
export function publish(world: World, message: PostedMessage): void {
  world.messages.set(message.id, message);
  world.journal.messages.push(message);
  announceMessage(world, 'MESSAGE_CREATE', message);
}

/** An edit, also the one that replaces "thinking…" (which is no edit to people: it carries no "edited" mark). */
export function editMessage(world: World, message: PostedMessage, call: Pick<Call, 'body' | 'uploads'>, options: WriteOptions): void {
  const first = (message.flags & LOADING) !== 0;
  fillMessage(world, message, call, options);
  message.flags &= ~LOADING;
  if (!first) {
    message.edits += 1;
    message.editedAt = Date.now();
  }
  announceMessage(world, 'MESSAGE_UPDATE', message);
}
