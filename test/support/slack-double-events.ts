// What people say and do that Slack reports to an app as events: mentions, replies, direct messages, an opened home, deletions.
// An event goes out only if the app is subscribed to it and the bot is where it happens, as at Slack.
import type { Delivery, Shown, Wire } from './slack-double-delivery.ts';
import { type Fields, findMessage, openDirect, type SlackChannel, type SlackMessage, type World } from './slack-double-model.ts';
import { removeMessage, showMessage } from './slack-double-posting.ts';
import type { Attempt } from './slack-double-socket.ts';

export interface Saying {
  channel: string;
  user: string;
  text: string;
  /** The person's workspace; the bot's own if not said. */
  team?: string;
  thread?: string;
  eventId?: string;
}

export interface Said extends Shown {
  channel: string;
  ts: string;
}

export interface EventPeople {
  /** Says `@bot TEXT` in a channel. Where the app also listens to messages, Slack sends those too, as another event. */
  mention(saying: Saying, wire?: Wire): Promise<Said>;
  /** Says something in a thread (or channel) without a mention. */
  reply(saying: Saying, wire?: Wire): Promise<Said>;
  directMessage(saying: Omit<Saying, 'channel'>, wire?: Wire): Promise<Said>;
  /** Presses Slack's own stop button in an agent's thread: Slack stops its streams and tells the app. */
  stopSession(channel: string, thread: string, user: string): Promise<Shown>;
  openHome(user: string, tab?: 'home' | 'messages'): Promise<Shown>;
  /** Somebody deletes any message, also the app's. */
  deleteMessage(channel: string, ts: string): void;
  archive(channel: string): Promise<Shown>;
  unarchive(channel: string): void;
  /** The bot is put out of the channel. */
  kick(channel: string): Promise<Shown>;
  invite(channel: string): void;
  /** Any event at all, wrapped as Slack does; `payload` of the answer can be delivered again. */
  sendEvent(event: Fields, options?: { eventId?: string; wire?: Wire }): Promise<Shown>;
  /** The same delivery so many times more, all at once. */
  deliver(payload: Fields, times: number): Promise<Attempt[]>;
}

/** Slack escapes what people type and marks links; mentions are markup already. */
export function escapeTyped(text: string): string {
  return text
    .split(/(<(?:@|#|!)[^>]*>|https?:\/\/[^\s<>]+)/)
    .map((part, index) => {
      const escaped = part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      if (index % 2 === 0) return escaped;
      return part.startsWith('<') ? part : `<${escaped}>`;
    })
    .join('');
}

function wrap(world: World, event: Fields, eventId: string): Fields {
  return {
    token: 'verification-double',
    team_id: world.teamId,
    context_team_id: world.teamId,
    context_enterprise_id: null,
    api_app_id: world.appId,
    event,
    type: 'event_callback',
    event_id: eventId,
    event_time: Math.floor(world.now() / 1000),
    authorizations: [{ enterprise_id: null, team_id: world.teamId, user_id: world.botUserId, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
    event_context: `4-${eventId}`,
  };
}

const SUFFIX = { public: 'channels', private: 'groups', im: 'im' } as const;
const TYPE = { public: 'channel', private: 'group', im: 'im' } as const;

export function createEventPeople(world: World, delivery: Delivery, subscriptions: ReadonlySet<string>): EventPeople {
  const sendEvent: EventPeople['sendEvent'] = (event, options = {}) =>
    delivery.send({ kind: 'events_api', payload: wrap(world, event, options.eventId ?? world.nextId('Ev')) }, options.wire);

  const unsent = (): Shown => ({ outcome: 'unreachable', status: null, body: null, attempts: 0, ms: 0, payload: {} });

  function hears(channel: SlackChannel): boolean {
    return channel.isMember && subscriptions.has(`message.${SUFFIX[channel.kind]}`);
  }

  /** Writes a person's message down. @returns the event that tells of it. */
  function write(saying: Saying, words: string): { message: SlackMessage; event: Fields } {
    const channel = world.channels.get(saying.channel);
    if (channel === undefined || channel.isArchived) throw new Error(`People cannot write to ${saying.channel}.`);
    const parent = saying.thread === undefined ? undefined : findMessage(world, saying.channel, saying.thread);
    if (saying.thread !== undefined && parent === undefined) throw new Error(`There is no thread ${saying.thread} in ${saying.channel}.`);
    const text = escapeTyped(words);
    const elements = [{ type: 'rich_text_section', elements: [{ type: 'text', text: words }] }];
    const message: SlackMessage = {
      ...{ channel: saying.channel, ts: world.nextTs(), threadTs: saying.thread ?? null, user: saying.user, byApp: false, text },
      ...{ blocks: [{ type: 'rich_text', block_id: world.nextId('b'), elements }], metadata: null, edits: 0, deleted: false },
      ...{
        ephemeralTo: null,
        pings: [],
        unfurl: { links: null, media: null },
        stream: null,
        streamed: null,
        reactions: [],
        files: [],
        via: 'person',
      },
    };
    world.messages.push(message);
    const event: Fields = {
      ...{
        type: 'message',
        user: saying.user,
        ts: message.ts,
        text,
        team: saying.team ?? world.teamId,
        client_msg_id: world.nextId('msg-'),
      },
      ...{ blocks: message.blocks, channel: saying.channel, event_ts: message.ts },
      ...(parent === undefined ? {} : { thread_ts: saying.thread, parent_user_id: parent.user }),
      ...(saying.team === undefined || saying.team === world.teamId ? {} : { user_team: saying.team, source_team: saying.team }),
    };
    return { message, event };
  }

  async function say(saying: Saying, wire?: Wire): Promise<Said> {
    const { message, event } = write(saying, saying.text);
    const channel = world.channels.get(saying.channel) as SlackChannel;
    const options = { ...(saying.eventId === undefined ? {} : { eventId: saying.eventId }), ...(wire === undefined ? {} : { wire }) };
    const shown = hears(channel) ? await sendEvent({ ...event, channel_type: TYPE[channel.kind] }, options) : unsent();
    return { ...shown, channel: message.channel, ts: message.ts };
  }

  async function mention(saying: Saying, wire?: Wire): Promise<Said> {
    const name = `<@${world.botUserId}>`;
    const { message, event } = write(saying, saying.text.includes(name) ? saying.text : `${name} ${saying.text}`);
    const channel = world.channels.get(saying.channel) as SlackChannel;
    const options = { ...(saying.eventId === undefined ? {} : { eventId: saying.eventId }), ...(wire === undefined ? {} : { wire }) };
    const isTold = channel.isMember && channel.kind !== 'im' && subscriptions.has('app_mention');
    const told = isTold ? sendEvent({ ...event, type: 'app_mention' }, options) : unsent();
    const heard = hears(channel) ? sendEvent({ ...event, channel_type: TYPE[channel.kind] }) : null;
    const [shown] = await Promise.all([told, heard]);
    return { ...shown, channel: message.channel, ts: message.ts };
  }

  function channelOf(id: string): SlackChannel {
    const channel = world.channels.get(id);
    if (channel === undefined) throw new Error(`There is no channel ${id}.`);
    return channel;
  }

  return {
    mention,
    reply: say,
    directMessage: (saying, wire) => say({ ...saying, channel: openDirect(world, saying.user).id }, wire),
    openHome: (user, tab = 'home') => {
      const view = world.views.findLast((each) => each.open && each.type === 'home' && each.user === user)?.raw;
      const event = { type: 'app_home_opened', user, channel: openDirect(world, user).id, tab, event_ts: world.nextTs() };
      return subscriptions.has('app_home_opened')
        ? sendEvent({ ...event, ...(view === undefined ? {} : { view }) })
        : Promise.resolve(unsent());
    },
    stopSession(channel, thread, user) {
      const streams = world.messages.filter((each) => each.channel === channel && each.threadTs === thread && each.stream === 'open');
      for (const each of streams) each.stream = 'expired';
      const event = { type: 'agent_session_stopped', channel, thread_ts: thread, user, event_ts: world.nextTs() };
      return subscriptions.has('agent_session_stopped')
        ? sendEvent({ ...event, streaming_message_ts: streams.map(({ ts }) => ts) })
        : Promise.resolve(unsent());
    },
    deleteMessage(channel, ts) {
      const message = findMessage(world, channel, ts);
      if (message === undefined)
        throw new Error(`There is no message ${ts} in ${channel} to delete: ${JSON.stringify(showIds(world, channel))}`);
      removeMessage(world, message);
    },
    archive(id) {
      const channel = channelOf(id);
      channel.isArchived = true;
      const type = channel.kind === 'private' ? 'group_archive' : 'channel_archive';
      return subscriptions.has(type) && channel.isMember
        ? sendEvent({ type, channel: id, user: 'UADMIN', event_ts: world.nextTs() })
        : Promise.resolve(unsent());
    },
    unarchive(id) {
      channelOf(id).isArchived = false;
      if (subscriptions.has('channel_unarchive'))
        void sendEvent({ type: 'channel_unarchive', channel: id, user: 'UADMIN', event_ts: world.nextTs() });
    },
    kick(id) {
      const channel = channelOf(id);
      channel.isMember = false;
      const type = channel.kind === 'private' ? 'group_left' : 'channel_left';
      return subscriptions.has(type)
        ? sendEvent({ type, channel: id, actor_id: 'UADMIN', event_ts: world.nextTs() })
        : Promise.resolve(unsent());
    },
    invite(id) {
      channelOf(id).isMember = true;
      const event = { type: 'member_joined_channel', user: world.botUserId, channel: id, team: world.teamId, event_ts: world.nextTs() };
      if (subscriptions.has(event.type)) void sendEvent(event);
    },
    sendEvent,
    deliver: (payload, times) => Promise.all(Array.from({ length: times }, () => delivery.sendOnce({ kind: 'events_api', payload }))),
  };
}

function showIds(world: World, channel: string): unknown[] {
  return world.messages.filter((each) => each.channel === channel).map((each) => showMessage(world, each, false)['ts']);
}
