// A new workspace at Slack's double: what a test may ask for, what it gets otherwise, and how ids and timestamps are made.
// Timestamps are unique and rise, as Slack's do: seconds and six digits.
import type { SlackChannel, World } from './slack-double-model.ts';

export interface SlackDoubleOptions {
  botToken?: string;
  appToken?: string;
  signingSecret?: string;
  teamId?: string;
  /** What the bot token was granted. */
  scopes?: readonly string[];
  /** By id. Default: C1 "general" with the bot in it. */
  channels?: Record<string, Partial<Omit<SlackChannel, 'id' | 'person'>>>;
  /** Who exists; default: every id is somebody. */
  users?: readonly string[];
  /** Events the app is subscribed to, like `message.channels`. */
  subscriptions?: readonly string[];
  /** Refuses more than one message a second to a channel. */
  limitsChannels?: boolean;
  /** Until an acknowledgement is too late; Slack's is 3000. */
  ackTimeoutMs?: number;
  /** Before each retry of an event; Slack's are at once, a minute, five minutes. */
  retryDelaysMs?: readonly number[];
  now?: () => number;
}

const SCOPES = `app_mentions:read channels:history channels:read chat:write commands files:write groups:history groups:read im:history
  im:read im:write reactions:write users:read assistant:write`.split(/\s+/);
export const SUBSCRIPTIONS =
  `app_mention message.channels message.groups message.im app_home_opened channel_archive group_archive channel_left
  group_left`.split(/\s+/);

export function createWorld(options: SlackDoubleOptions): World {
  const now = options.now ?? Date.now;
  let lastTs = 0;
  let lastId = 0;
  const given = Object.entries(options.channels ?? { C1: { name: 'general' } });
  const channels = given.map(([id, each]): [string, SlackChannel] => [
    id,
    { ...{ id, name: id.toLowerCase(), kind: 'public', isArchived: false, isMember: true, person: null }, ...each },
  ]);
  return {
    teamId: options.teamId ?? 'T1',
    appId: 'ADOUBLE',
    botUserId: 'UBOT',
    botId: 'BBOT',
    botToken: options.botToken ?? 'xoxb-double-bot',
    appToken: options.appToken ?? 'xapp-1-double-app',
    signingSecret: options.signingSecret ?? 'double-signing-secret',
    scopes: new Set(options.scopes ?? SCOPES),
    limitsChannels: options.limitsChannels ?? false,
    users: options.users === undefined ? null : new Set(options.users),
    baseUrl: '',
    channels: new Map(channels),
    ...{ messages: [], views: [], triggers: new Map(), replyAddresses: new Map(), uploads: new Map(), journal: [], faults: [] },
    now,
    nextTs() {
      lastTs = Math.max(lastTs + 1, now() * 1000);
      return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, '0')}`;
    },
    nextId: (prefix) => `${prefix}${(++lastId).toString(36).toUpperCase().padStart(6, '0')}`,
    emit: () => undefined,
  };
}
