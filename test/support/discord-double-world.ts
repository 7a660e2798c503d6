// The options of the double, and the world it begins with.
import { BUCKETS } from './discord-double-limits.ts';
import { MESSAGE_CONTENT } from './discord-double-message-wire.ts';
import { nextId, type Rule, type World } from './discord-double-model.ts';
import { createPerson } from './discord-double-people.ts';
import { BOT_ALLOWED, join, type PermissionName } from './discord-double-permissions.ts';
import { INTENTS } from './discord-double-sessions.ts';

export interface DiscordDoubleOptions {
  token?: string;
  /** Privileged intents switched on in the developer portal; none by default. */
  privileged?: readonly ('content' | 'members' | 'presences')[];
  /** Names of the server's text channels. */
  channels?: readonly string[];
  /** The bot's permissions in the server; by default what an invited bot needs. */
  permissions?: readonly PermissionName[];
  /** How long an interaction may wait for its first answer: 3 s on Discord. */
  answerWithinMs?: number;
  /** How long its token lives afterwards: 15 minutes on Discord. */
  tokenLifeMs?: number;
  heartbeatMs?: number;
  /** Buckets that differ from Discord's, by route. */
  buckets?: Record<string, Rule>;
}

const PRIVILEGED = { content: MESSAGE_CONTENT, members: INTENTS.members, presences: INTENTS.presences } as const;

export function createWorld(options: DiscordDoubleOptions): World {
  const applicationId = nextId();
  const permissions = options.permissions ? join(options.permissions) : BOT_ALLOWED;
  const bot = createPerson('Juggernaut', { id: applicationId, bot: true, permissions });
  return {
    token: options.token ?? 'discord-double-token',
    applicationId,
    guildId: nextId(),
    bot,
    botRoleId: nextId(),
    enabledIntents: (options.privileged ?? []).reduce((bits, name) => bits | PRIVILEGED[name], 0),
    answerWithinMs: options.answerWithinMs ?? 3000,
    tokenLifeMs: options.tokenLifeMs ?? 15 * 60_000,
    heartbeatMs: options.heartbeatMs ?? 41_250,
    buckets: { ...BUCKETS, ...options.buckets },
    port: 0,
    people: new Map([[bot.id, bot]]),
    places: new Map(),
    messages: new Map(),
    commands: new Map(),
    interactions: new Map(),
    interactionsById: new Map(),
    sessions: new Map(),
    journal: { requests: [], messages: [], interactions: [], gateway: [], faults: [] },
  };
}
