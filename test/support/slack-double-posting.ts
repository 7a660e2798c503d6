// How a message comes into being, changes and goes away at Slack's double, whoever asked for it, and how it is shown in answers.
// Also finds the notifications ("pings") that the app's own text would set off.
import { takeBlocks } from './slack-double-blocks.ts';
import { addFault, type Fields, flag, isFields, Refusal, type SlackMessage, text, type World } from './slack-double-model.ts';

const PING = /<!(?:channel|here|everyone|subteam\^[A-Z0-9]+)(?:\|[^>]*)?>|<@[UW][A-Z0-9]+(?:\|[^>]*)?>/g;

/** Texts that Slack reads for mentions: mrkdwn and markdown, not plain_text and not table cells. */
function readMentions(value: unknown, found: string[]): void {
  if (Array.isArray(value)) for (const each of value) readMentions(each, found);
  if (!isFields(value)) return;
  if ((value['type'] === 'mrkdwn' || value['type'] === 'markdown') && typeof value['text'] === 'string')
    found.push(...(value['text'].match(PING) ?? []));
  if (value['type'] === 'user' && typeof value['user_id'] === 'string') found.push(`<@${value['user_id']}>`);
  if (value['type'] === 'broadcast' && typeof value['range'] === 'string') found.push(`<!${value['range']}>`);
  for (const each of Object.values(value)) readMentions(each, found);
}

function findPings(message: string, blocks: readonly Fields[], args: Fields): string[] {
  const found = [...(message.match(PING) ?? [])];
  // With these, Slack turns plain names into mentions by itself.
  if (flag(args, 'link_names') === true || args['parse'] === 'full') found.push(...(message.match(/@(?:channel|here|everyone)\b/g) ?? []));
  readMentions(blocks, found);
  return [...new Set(found)];
}

/** What the words and blocks of a stream set off. */
export const takePings = (words: string, blocks: readonly Fields[]): string[] => findPings(words, blocks, {});

export interface Content {
  text: string;
  blocks: Fields[];
  pings: string[];
}

/** @throws Refusal `no_text`, `invalid_blocks`, … */
export function takeContent(world: World, where: string, args: Fields): Content {
  const blocks = takeBlocks(world, where, args['blocks']);
  let words = text(args, 'text') || text(args, 'markdown_text');
  if (text(args, 'markdown_text') !== '' && (args['text'] !== undefined || args['blocks'] !== undefined))
    throw new Refusal('markdown_text_conflict');
  if (text(args, 'markdown_text').length > 12_000) throw new Refusal('msg_too_long');
  if (words.trim() === '' && blocks.length === 0 && !Array.isArray(args['attachments'])) throw new Refusal('no_text');
  if (words.trim() === '') addFault(world, 'warned', where, 'missing_text_in_message', 'blocks without text: notifications show nothing');
  if (words.length > 40_000) {
    addFault(world, 'warned', where, 'message_truncated', `${words.length} characters, 40000 were kept`);
    words = words.slice(0, 40_000);
  }
  return { text: words, blocks, pings: findPings(words, blocks, args) };
}

/** @throws Refusal `invalid_metadata_format`, `metadata_too_large` */
export function takeMetadata(value: unknown): Fields | null {
  if (value === undefined || value === '') return null;
  if (!isFields(value)) throw new Refusal('invalid_metadata_format');
  if (Object.keys(value).length === 0) return null;
  if (typeof value['event_type'] !== 'string' || !isFields(value['event_payload'])) throw new Refusal('invalid_metadata_format');
  if (JSON.stringify(value).length > 8_000) throw new Refusal('metadata_too_large');
  return value;
}

export function addMessage(world: World, given: Partial<SlackMessage> & Pick<SlackMessage, 'channel' | 'via'>): SlackMessage {
  const message: SlackMessage = {
    ts: world.nextTs(),
    threadTs: null,
    user: world.botUserId,
    byApp: true,
    text: '',
    blocks: [],
    metadata: null,
    edits: 0,
    deleted: false,
    ephemeralTo: null,
    pings: [],
    unfurl: { links: null, media: null },
    stream: null,
    streamed: null,
    reactions: [],
    files: [],
    ...given,
  };
  world.messages.push(message);
  if (message.byApp && message.ephemeralTo === null) emitMessage(world, message, showMessage(world, message, true));
  return message;
}

export function changeMessage(world: World, message: SlackMessage, content: Content): void {
  // What once notified people has notified them, whatever the message says now.
  const pings = [...new Set([...message.pings, ...content.pings])];
  Object.assign(message, content, { pings, edits: message.edits + 1 });
  const shown = showMessage(world, message, true);
  if (message.ephemeralTo === null)
    emitMessage(world, message, { subtype: 'message_changed', hidden: true, ts: world.nextTs(), message: shown });
}

export function removeMessage(world: World, message: SlackMessage): void {
  const before = showMessage(world, message, true);
  message.deleted = true;
  if (message.ephemeralTo !== null) return;
  const change = { subtype: 'message_deleted', hidden: true, deleted_ts: message.ts, ts: world.nextTs(), previous_message: before };
  emitMessage(world, message, change);
}

/** As Slack tells the app about any message where it listens, its own included. */
function emitMessage(world: World, message: SlackMessage, fields: Fields): void {
  const kind = world.channels.get(message.channel)?.kind ?? 'public';
  const channelType = kind === 'im' ? 'im' : kind === 'private' ? 'group' : 'channel';
  world.emit({ ...fields, type: 'message', channel: message.channel, channel_type: channelType, event_ts: fields['ts'] });
}

/** The message as Slack puts it into answers and payloads. */
export function showMessage(world: World, message: SlackMessage, withMetadata: boolean): Fields {
  const replies = world.messages.filter((each) => each.channel === message.channel && each.threadTs === message.ts && !each.deleted);
  return {
    type: 'message',
    user: message.user,
    team: world.teamId,
    ts: message.ts,
    text: message.text,
    ...(message.byApp ? { bot_id: world.botId, app_id: world.appId } : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.threadTs !== null || replies.length > 0 ? { thread_ts: message.threadTs ?? message.ts } : {}),
    ...(replies.length > 0 ? { reply_count: replies.length, latest_reply: replies.at(-1)?.ts } : {}),
    ...(message.edits > 0 && message.stream === null
      ? { edited: { user: message.user, ts: `${Math.floor(world.now() / 1000)}.000000` } }
      : {}),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
    ...(message.reactions.length > 0 ? { reactions: message.reactions.map((name) => ({ name, count: 1, users: [world.botUserId] })) } : {}),
    ...(message.files.length > 0 ? { files: message.files.map((id) => ({ id, name: world.uploads.get(id)?.filename })) } : {}),
    ...(message.stream === null ? {} : { streaming_state: message.stream === 'open' ? 'in_progress' : 'completed' }),
  };
}
