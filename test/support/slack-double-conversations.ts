// The reading methods of Slack's double: conversations.*, users.*, auth.test, reactions, and the status of an agent's session.
// Histories leave out what people cannot see: ephemeral and deleted messages.
import {
  addFault,
  type Fields,
  findChannel,
  findMessage,
  flag,
  list,
  type Method,
  openDirect,
  Refusal,
  type SlackChannel,
  type SlackMessage,
  text,
  type World,
} from './slack-double-model.ts';
import { showMessage } from './slack-double-posting.ts';

function readable(world: World, args: Fields): SlackChannel {
  const channel = findChannel(world, text(args, 'channel'));
  if (!channel.isMember) throw new Refusal('not_in_channel');
  return channel;
}

function select(world: World, args: Fields, belongs: (message: SlackMessage) => boolean): SlackMessage[] {
  const oldest = Number(text(args, 'oldest') || 0);
  const latest = Number(text(args, 'latest') || Number.POSITIVE_INFINITY);
  const inclusive = flag(args, 'inclusive') === true;
  const within = (ts: number): boolean => (inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest);
  return world.messages.filter((each) => !each.deleted && each.ephemeralTo === null && belongs(each) && within(Number(each.ts)));
}

/** One page; the cursor is where the next begins. */
function page(world: World, args: Fields, all: readonly SlackMessage[]): Fields {
  const start = Number(text(args, 'cursor') || 0);
  const end = start + Math.min(Number(text(args, 'limit') || 100), 999);
  const messages = all.slice(start, end).map((each) => showMessage(world, each, flag(args, 'include_all_metadata') === true));
  const more = end < all.length;
  return { messages, has_more: more, ...(more ? { response_metadata: { next_cursor: String(end) } } : {}) };
}

function history(world: World, args: Fields): Fields {
  const { id } = readable(world, args);
  return page(world, args, select(world, args, (each) => each.channel === id && each.threadTs === null).reverse());
}

function replies(world: World, args: Fields): Fields {
  const { id } = readable(world, args);
  const ts = text(args, 'ts');
  const named = findMessage(world, id, ts);
  if (named === undefined) throw new Refusal('thread_not_found');
  const thread = named.threadTs ?? ts;
  const answers = select(world, args, (each) => each.channel === id && each.threadTs === thread);
  const parent = findMessage(world, id, thread);
  return page(world, args, parent === undefined ? answers : [parent, ...answers]);
}

function showChannel(channel: SlackChannel): Fields {
  return {
    id: channel.id,
    name: channel.name,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: channel.kind === 'im',
    is_private: channel.kind !== 'public',
    is_archived: channel.isArchived,
    is_member: channel.isMember,
    ...(channel.person === null ? {} : { user: channel.person }),
  };
}

function open(world: World, args: Fields): Fields {
  const users = text(args, 'users').split(',').filter(Boolean);
  if (users.length > 1) throw new Refusal('not_supported_by_the_double');
  const channel = users[0] === undefined ? findChannel(world, text(args, 'channel')) : openDirect(world, users[0]);
  if (channel.kind !== 'im') throw new Refusal('method_not_supported_for_channel_type');
  return { channel: flag(args, 'return_im') === true ? showChannel(channel) : { id: channel.id } };
}

function join(world: World, args: Fields): Fields {
  const channel = findChannel(world, text(args, 'channel'));
  if (channel.isArchived) throw new Refusal('is_archived');
  channel.isMember = true;
  return { channel: showChannel(channel) };
}

function listChannels(world: World, args: Fields): Fields {
  const types = (text(args, 'types') || 'public_channel').split(',');
  const kinds = types.map((each) => each.replace('_channel', ''));
  const all = [...world.channels.values()].filter((each) => kinds.includes(each.kind) && (each.kind !== 'private' || each.isMember));
  const living = flag(args, 'exclude_archived') === true ? all.filter((each) => !each.isArchived) : all;
  return { channels: living.map(showChannel), response_metadata: { next_cursor: '' } };
}

export function showUser(world: World, id: string): Fields {
  const name = id.toLowerCase();
  const profile = { display_name: name, real_name: name };
  return { id, team_id: world.teamId, name, real_name: name, deleted: false, is_bot: id === world.botUserId, tz: 'Etc/UTC', profile };
}

function userInfo(world: World, args: Fields): Fields {
  const id = text(args, 'user');
  if (!/^[UW][A-Z0-9]+$/.test(id) || (world.users !== null && !world.users.has(id))) throw new Refusal('user_not_found');
  return { user: showUser(world, id) };
}

function authTest(world: World): Fields {
  const { teamId, botUserId, botId } = world;
  return {
    url: `${world.baseUrl}/`,
    team: 'Double',
    user: 'juggernaut',
    team_id: teamId,
    user_id: botUserId,
    bot_id: botId,
    is_enterprise_install: false,
  };
}

function react(world: World, args: Fields): Fields {
  const { id } = readable(world, args);
  const message = findMessage(world, id, text(args, 'timestamp'));
  const name = text(args, 'name');
  if (message === undefined) throw new Refusal('message_not_found');
  if (!/^[a-z0-9_+'-]+(::[a-z0-9-]+)?$/.test(name)) throw new Refusal('invalid_name');
  if (message.reactions.includes(name)) throw new Refusal('already_reacted');
  message.reactions.push(name);
  return {};
}

function setSessionStatus(world: World, args: Fields): Fields {
  findChannel(world, text(args, 'channel_id'));
  if (!['active', 'processing', 'suspended', 'closed'].includes(text(args, 'status'))) throw new Refusal('invalid_status');
  return {};
}

function setThreadStatus(world: World, args: Fields): Fields {
  const channel = findChannel(world, text(args, 'channel_id'));
  if (findMessage(world, channel.id, text(args, 'thread_ts')) === undefined) throw new Refusal('thread_not_found');
  const loading = args['loading_messages'];
  if (Array.isArray(loading) && loading.length > 10) throw new Refusal('invalid_arguments');
  return {};
}

function setPrompts(world: World, args: Fields): Fields {
  findChannel(world, text(args, 'channel_id'));
  const prompts = list(args['prompts']);
  if (prompts.length < 1 || prompts.length > 4) throw new Refusal('invalid_arguments');
  if (args['thread_ts'] !== undefined)
    addFault(world, 'warned', 'assistant.threads.setSuggestedPrompts', 'thread_ts', 'in an agent_view app this fails silently');
  return {};
}

const PAGE = 'limit cursor oldest latest inclusive include_all_metadata';
export const conversationMethods: Record<string, Method> = {
  'auth.test': { scope: null, args: '', run: authTest },
  'conversations.history': { scope: '*:history', args: `channel ${PAGE}`, run: history },
  'conversations.replies': { scope: '*:history', args: `channel ts ${PAGE}`, run: replies },
  'conversations.info': {
    scope: '*:read',
    args: 'channel include_locale include_num_members',
    run: (world, args) => ({ channel: showChannel(findChannel(world, text(args, 'channel'))) }),
  },
  'conversations.list': { scope: 'channels:read', args: 'types exclude_archived limit cursor', run: listChannels },
  'conversations.open': { scope: 'im:write', args: 'channel users return_im prevent_creation', run: open },
  'conversations.join': { scope: 'channels:join', args: 'channel', run: join },
  'users.info': { scope: 'users:read', args: 'user include_locale', run: userInfo },
  'reactions.add': { scope: 'reactions:write', args: 'channel name timestamp', run: react },
  'agents.sessions.setStatus': {
    scope: 'chat:write',
    args: 'channel_id status thread_ts title initiator_user_id icon_emoji icon_url username',
    run: setSessionStatus,
  },
  'assistant.threads.setStatus': {
    scope: 'chat:write',
    args: 'channel_id status thread_ts loading_messages icon_emoji icon_url username',
    run: setThreadStatus,
  },
  'assistant.threads.setSuggestedPrompts': {
    scope: 'assistant:write',
    args: 'channel_id prompts thread_ts title',
    run: setPrompts,
  },
};
