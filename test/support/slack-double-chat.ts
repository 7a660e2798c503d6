// The chat.* methods of Slack's double: post, update, delete, ephemeral. What is refused here is refused as Slack does. Streams: -streams.ts.
// Limits of arrival (tokens, scopes, unknown arguments, rates) are in slack-double-web-api.ts.
import {
  addFault,
  type Fields,
  findChannel,
  findMessage,
  findThread,
  findWritable,
  flag,
  type Method,
  Refusal,
  type SlackMessage,
  text,
  type World,
} from './slack-double-model.ts';
import { addMessage, changeMessage, removeMessage, showMessage, takeContent, takeMetadata } from './slack-double-posting.ts';
import { expireSilent, streamMethods } from './slack-double-streams.ts';

/** Slack warns at these by turning them into something else, so the app meant something else. */
function checkSending(world: World, method: string, args: Fields): void {
  if (args['thread_ts'] !== undefined && !/^\d+\.\d{6}$/.test(text(args, 'thread_ts'))) throw new Refusal('invalid_thread_ts');
  if (args['as_user'] !== undefined) addFault(world, 'warned', method, 'as_user', 'only for classic apps');
}

function post(world: World, args: Fields): Fields {
  checkSending(world, 'chat.postMessage', args);
  const channel = findWritable(world, text(args, 'channel'));
  const content = takeContent(world, 'chat.postMessage', args);
  const message = addMessage(world, {
    channel: channel.id,
    threadTs: findThread(world, channel.id, args),
    ...content,
    metadata: takeMetadata(args['metadata']),
    unfurl: { links: flag(args, 'unfurl_links'), media: flag(args, 'unfurl_media') },
    via: 'chat.postMessage',
  });
  return { channel: channel.id, ts: message.ts, message: showMessage(world, message, true) };
}

function postEphemeral(world: World, args: Fields): Fields {
  checkSending(world, 'chat.postEphemeral', args);
  const channel = findWritable(world, text(args, 'channel'));
  const user = text(args, 'user');
  if (world.users !== null && !world.users.has(user)) throw new Refusal('user_not_in_channel');
  if (channel.kind === 'im' && channel.person !== user) throw new Refusal('user_not_in_channel');
  const threadTs = findThread(world, channel.id, args);
  const content = takeContent(world, 'chat.postEphemeral', args);
  const message = addMessage(world, { channel: channel.id, threadTs, ...content, ephemeralTo: user, via: 'chat.postEphemeral' });
  return { message_ts: message.ts };
}

/** The app's own message that is to be changed. @throws Refusal, `cant` when it is somebody else's. */
function findOwn(world: World, args: Fields, cant: string): SlackMessage {
  const channel = findChannel(world, text(args, 'channel'));
  if (channel.isArchived) throw new Refusal('is_inactive');
  if (!channel.isMember && channel.kind !== 'public') throw new Refusal('channel_not_found');
  const message = findMessage(world, channel.id, text(args, 'ts'));
  if (message === undefined) throw new Refusal('message_not_found');
  if (!message.byApp) throw new Refusal(cant);
  return message;
}

function update(world: World, args: Fields): Fields {
  const message = findOwn(world, args, 'cant_update_message');
  expireSilent(world, message);
  if (message.stream === 'open') throw new Refusal('streaming_state_conflict');
  // Text without blocks removes the blocks; metadata that is not mentioned stays.
  const content = takeContent(world, 'chat.update', args);
  if (args['metadata'] !== undefined) message.metadata = takeMetadata(args['metadata']);
  changeMessage(world, message, content);
  return { channel: message.channel, ts: message.ts, text: message.text, message: showMessage(world, message, true) };
}

function remove(world: World, args: Fields): Fields {
  const message = findOwn(world, args, 'cant_delete_message');
  removeMessage(world, message);
  return { channel: message.channel, ts: message.ts };
}

function permalink(world: World, args: Fields): Fields {
  const channel = findChannel(world, text(args, 'channel'));
  const message = findMessage(world, channel.id, text(args, 'message_ts'));
  if (message === undefined) throw new Refusal('message_not_found');
  return { channel: channel.id, permalink: `${world.baseUrl}/archives/${channel.id}/p${message.ts.replace('.', '')}` };
}

const CONTENT = 'channel text blocks attachments markdown_text parse link_names';
const LOOK = 'as_user icon_emoji icon_url username';
export const chatMethods: Record<string, Method> = {
  'chat.postMessage': {
    scope: 'chat:write',
    args: `${CONTENT} ${LOOK} thread_ts reply_broadcast unfurl_links unfurl_media mrkdwn metadata`,
    run: post,
  },
  'chat.postEphemeral': { scope: 'chat:write', args: `${CONTENT} ${LOOK} thread_ts user`, run: postEphemeral },
  'chat.update': { scope: 'chat:write', args: `${CONTENT} ts as_user metadata file_ids reply_broadcast`, run: update },
  'chat.delete': { scope: 'chat:write', args: 'channel ts as_user', run: remove },
  'chat.getPermalink': { scope: null, args: 'channel message_ts', run: permalink },
  ...streamMethods,
};
