// Streams at Slack's double: for a reader, in a thread, in order, within Slack's limits; silent or old ones end by themselves.
import { takeBlocks } from './slack-double-blocks.ts';
import { takeChunks } from './slack-double-chunks.ts';
import {
  type Fields,
  findChannel,
  findMessage,
  findThread,
  findWritable,
  list,
  type Method,
  Refusal,
  type SlackChannel,
  type SlackMessage,
  text,
  type World,
} from './slack-double-model.ts';
import { addMessage, showMessage, takeMetadata, takePings } from './slack-double-posting.ts';

const SILENT_MS = 30_000;
const LONGEST_MS = 300_000;
const MOST_BLOCKS = 50;
const MODES = ['', 'plan', 'timeline'];
const SESSIONS = ['', 'active', 'processing', 'suspended', 'closed'];
/** Calls a minute and method, over all streams. */
const PER_MINUTE: Record<string, number> = { 'chat.startStream': 20, 'chat.stopStream': 20, 'chat.appendStream': 100 };

function checkRate(world: World, method: string): void {
  if (!world.limitsChannels) return;
  const from = world.now() - 60_000;
  const count = world.journal.filter((call) => call.method === method && call.at > from && call.response?.['ok'] === true).length;
  if (count >= (PER_MINUTE[method] ?? 0)) throw new Refusal('ratelimited', { retryAfter: 1 });
}

/** Outside of direct messages Slack must know who reads along. */
function checkReader(world: World, channel: SlackChannel, args: Fields): void {
  if (channel.kind === 'im') return;
  const [user, team] = [text(args, 'recipient_user_id'), text(args, 'recipient_team_id')];
  if (user === '') throw new Refusal('missing_recipient_user_id');
  if (team === '') throw new Refusal('missing_recipient_team_id');
  if (!/^[UW][A-Z0-9]+$/i.test(user) || (world.users !== null && !world.users.has(user)) || user === world.botUserId)
    throw new Refusal('user_not_found');
  if (!/^[TE][A-Z0-9]+$/.test(team)) throw new Refusal('team_not_found');
}

function startStream(world: World, args: Fields): Fields {
  checkRate(world, 'chat.startStream');
  const channel = findWritable(world, text(args, 'channel'));
  const threadTs = findThread(world, channel.id, args);
  if (threadTs === null) throw new Refusal('invalid_thread_ts');
  checkReader(world, channel, args);
  if (!MODES.includes(text(args, 'task_display_mode'))) throw new Refusal('invalid_arguments');
  const shown = takeChunks(world, args, []);
  const at = world.now();
  const pings = takePings(shown.text, shown.blocks);
  const message = addMessage(world, {
    ...{ channel: channel.id, threadTs, ...shown, pings },
    ...{ stream: 'open', streamed: { since: at, last: at }, via: 'chat.startStream' },
  });
  return { channel: channel.id, ts: message.ts };
}

/** Slack ends what was silent for too long, and what takes too long. */
export function expireSilent(world: World, message: SlackMessage): void {
  const { stream, streamed } = message;
  if (stream !== 'open' || streamed === null) return;
  if (world.now() - streamed.last > SILENT_MS || world.now() - streamed.since > LONGEST_MS) message.stream = 'expired';
}

function findStream(world: World, args: Fields): SlackMessage {
  const message = findMessage(world, findChannel(world, text(args, 'channel')).id, text(args, 'ts'));
  if (message === undefined) throw new Refusal('message_not_found');
  if (!message.byApp) throw new Refusal('message_not_owned_by_app');
  expireSilent(world, message);
  if (message.stream !== 'open') throw new Refusal('message_not_in_streaming_state');
  return message;
}

function appendStream(world: World, args: Fields): Fields {
  checkRate(world, 'chat.appendStream');
  const message = findStream(world, args);
  if (text(args, 'markdown_text') === '' && list(args['chunks']).length === 0) throw new Refusal('invalid_arguments');
  addChunks(world, message, args);
  return { channel: message.channel, ts: message.ts };
}

function addChunks(world: World, message: SlackMessage, args: Fields): void {
  const { text: words, blocks } = takeChunks(world, args, message.blocks);
  if (blocks.length > MOST_BLOCKS) throw new Refusal('msg_blocks_too_long');
  if (message.text.length + words.length > 40_000) throw new Refusal('msg_too_long');
  message.text += words;
  message.blocks = blocks;
  message.edits += 1;
  message.streamed = { since: message.streamed?.since ?? world.now(), last: world.now() };
  message.pings = [...new Set([...message.pings, ...takePings(message.text, blocks)])];
}

function stopStream(world: World, args: Fields): Fields {
  checkRate(world, 'chat.stopStream');
  const message = findStream(world, args);
  const blocks = takeBlocks(world, 'chat.stopStream', args['blocks']);
  const metadata = takeMetadata(args['metadata']);
  if (!SESSIONS.includes(text(args, 'session_status'))) throw new Refusal('invalid_arguments');
  addChunks(world, message, args);
  message.blocks.push(...blocks);
  Object.assign(message, { stream: 'done', metadata: metadata ?? message.metadata });
  message.pings = [...new Set([...message.pings, ...takePings(message.text, message.blocks)])];
  return { channel: message.channel, ts: message.ts, message: showMessage(world, message, true) };
}

export const streamMethods: Record<string, Method> = {
  'chat.startStream': {
    scope: 'chat:write',
    args: 'channel thread_ts markdown_text chunks recipient_team_id recipient_user_id task_display_mode icon_emoji icon_url username',
    run: startStream,
  },
  'chat.appendStream': { scope: 'chat:write', args: 'channel ts markdown_text chunks', run: appendStream },
  'chat.stopStream': {
    scope: 'chat:write',
    args: 'channel ts markdown_text chunks blocks metadata session_status',
    run: stopStream,
  },
};
