// How messages look on the wire, and to whom their content is left out.
import { isRecord, type Json, type PostedMessage, type World } from './discord-double-model.ts';
import { showMember, showPlace, showUser } from './discord-double-wire.ts';

export const MESSAGE_CONTENT = 1 << 15;

function isBlank(world: World, message: PostedMessage, intents: number): boolean {
  const direct = world.places.get(message.channelId)?.type === 1;
  const own = message.authorId === world.bot.id || message.mentions.includes(world.bot.id);
  return (intents & MESSAGE_CONTENT) === 0 && !direct && !own;
}

function showReference(world: World, message: PostedMessage, intents: number): Json {
  const answered = message.replyTo === null ? undefined : world.messages.get(message.replyTo);
  if (!answered) return {};
  const guildId = world.places.get(message.channelId)?.guildId;
  return {
    type: 19,
    message_reference: { type: 0, message_id: answered.id, channel_id: answered.channelId, ...(guildId ? { guild_id: guildId } : {}) },
    referenced_message: answered.deleted ? null : showMessage(world, { ...answered, replyTo: null }, intents),
  };
}

function showOrigin(world: World, message: PostedMessage): Json {
  if (message.interactionId === null) return {};
  const interaction = world.interactionsById.get(message.interactionId);
  const reply = interaction?.type === 2 && interaction.originalId === message.id;
  return { ...(reply ? { type: 20 } : {}), application_id: world.applicationId, webhook_id: world.applicationId };
}

function showContent(world: World, message: PostedMessage, blank: boolean): Json {
  if (blank) return { content: '', embeds: [], components: [], attachments: [] };
  const { content, embeds, components } = message;
  return { content, embeds, components, attachments: message.files.map((file) => showFile(world, message, file)) };
}

/** @param intents what the reader may see; without MESSAGE_CONTENT, content of others arrives empty. */
export function showMessage(world: World, message: PostedMessage, intents: number): Json {
  const author = world.people.get(message.authorId);
  const thread = message.threadId === null ? undefined : world.places.get(message.threadId);
  return {
    id: message.id,
    channel_id: message.channelId,
    author: author ? showUser(author) : undefined,
    type: 0,
    ...showContent(world, message, isBlank(world, message, intents)),
    timestamp: new Date(message.at).toISOString(),
    edited_timestamp: message.editedAt === null ? null : new Date(message.editedAt).toISOString(),
    tts: false,
    pinned: false,
    mention_everyone: message.pings.includes('everyone'),
    mentions: message.mentions.flatMap((id) => world.people.get(id) ?? []).map(showUser),
    mention_roles: message.pings.filter((ping) => ping.startsWith('role:')).map((ping) => ping.slice(5)),
    flags: message.flags,
    ...(thread ? { thread: showPlace(world, thread) } : {}),
    ...showReference(world, message, intents),
    ...showOrigin(world, message),
  };
}

function showFile(world: World, message: PostedMessage, file: PostedMessage['files'][number]): Json {
  const url = `http://127.0.0.1:${world.port}/attachments/${message.channelId}/${file.id}/${encodeURIComponent(file.name)}`;
  const shown = { id: file.id, filename: file.name, size: file.size, url, proxy_url: url, content_type: file.type };
  return file.description === null ? shown : { ...shown, description: file.description };
}

/** The message as an event carries it: with its server and the author's membership. */
export function showMessageEvent(world: World, message: PostedMessage, intents: number): Json {
  const place = world.places.get(message.channelId);
  const author = world.people.get(message.authorId);
  const shown = { ...showMessage(world, message, intents), channel_type: place?.type ?? 0 };
  if (!place?.guildId || !author) return shown;
  const { user: _user, ...member } = showMember(world, author);
  return { ...shown, guild_id: place.guildId, member: isRecord(member) ? member : {} };
}

/** Discord does not store a nonce: only the answer to the send and the first event carry it. */
export function showNonce(message: PostedMessage): Json {
  return message.nonce === null ? {} : { nonce: message.nonce };
}
