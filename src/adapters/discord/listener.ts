// What this process does with what Discord tells it: each event to its place, errors to the log, answers under way let finish.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type APIInteraction,
  GatewayDispatchEvents,
  type GatewayGuildCreateDispatchData,
  type GatewayGuildDeleteDispatchData,
  type GatewayGuildMemberUpdateDispatchData,
  type GatewayReadyDispatchData,
} from 'discord.js';
import type { PlatformHealth } from '../../chat/channel.ts';
import { hurryDeliveries } from '../../chat/place-store.ts';
import { defineForDiscord } from './command-definitions.ts';
import { type HEARD, runGateway } from './gateway.ts';
import { answerInteraction } from './interactions.ts';
import {
  onChannelChanged,
  onChannelDeleted,
  onGuildGone,
  onGuildThere,
  onMessageDeleted,
  onMessagesDeleted,
  onRolesChanged,
} from './lost-places.ts';
import { hearMessage } from './messages.ts';
import type { DiscordParts } from './parts.ts';
import { registerCommands } from './register-commands.ts';
import { keepToken } from './rest.ts';

const CONNECTING: PlatformHealth = { state: 'degraded', why: 'The connection to Discord is being made.' };
const NOT_INVITED: PlatformHealth = {
  state: 'down',
  why: 'The bot is not in the server DISCORD_GUILD_ID. npm run manifest -- discord prints the address to invite it.',
};
const WITHOUT_COMMANDS: PlatformHealth = {
  state: 'degraded',
  why: 'The slash commands are not registered yet; the log says why if this stays. Mentions and buttons work.',
};

/** How long answers under way may take once we are told to stop. */
const DRAIN_MS = 3_000;

export interface Listener {
  /** @param onReady called each time a session with Discord begins. */
  listen(lost: AbortSignal, onReady: () => void): Promise<void>;
  health(): PlatformHealth;
  drain(ms: number): Promise<void>;
}

export function createListener(parts: DiscordParts): Listener {
  const { deps, config } = parts;
  let health = CONNECTING;
  let isInGuild = true;
  let hasCommands = false;
  let ownId = '';
  const running = new Set<Promise<void>>();

  /** The outermost frame of everything that Discord tells us: nobody else would hear of its errors. */
  const start = (work: () => Promise<void>, what: string): void => {
    const run = work()
      .catch((error: unknown) => {
        keepToken(parts.rest, config, error);
        deps.log.error({ err: error, what }, 'an event of Discord could not be answered');
      })
      .finally(() => running.delete(run));
    running.add(run);
  };

  const onReady = async ({ user, guilds }: GatewayReadyDispatchData): Promise<void> => {
    ownId = user.id;
    isInGuild = guilds.some(({ id }) => id === config.guildId);
    await hurryDeliveries(deps.db, 'discord');
    const changed = await registerCommands(parts.rest, config, parts.commands.map(defineForDiscord));
    hasCommands = true;
    deps.log.info({ changed }, 'listening to Discord');
  };

  const works: { [Event in (typeof HEARD)[number]]: (payload: never) => Promise<void> } = {
    [GatewayDispatchEvents.Ready]: onReady,
    // Discord was away and is back, and with it what could not be sent meanwhile.
    [GatewayDispatchEvents.Resumed]: () => hurryDeliveries(deps.db, 'discord'),
    [GatewayDispatchEvents.InteractionCreate]: (raised: APIInteraction) => answerInteraction(parts, raised),
    [GatewayDispatchEvents.MessageCreate]: (message: Parameters<typeof hearMessage>[1]) => hearMessage(parts, message, ownId),
    [GatewayDispatchEvents.MessageDelete]: (gone: Parameters<typeof onMessageDeleted>[1]) => onMessageDeleted(parts, gone),
    [GatewayDispatchEvents.MessageDeleteBulk]: (gone: Parameters<typeof onMessagesDeleted>[1]) => onMessagesDeleted(parts, gone),
    [GatewayDispatchEvents.ChannelCreate]: (channel: { id: string }) => onChannelChanged(parts, channel),
    [GatewayDispatchEvents.ChannelUpdate]: (channel: { id: string }) => onChannelChanged(parts, channel),
    [GatewayDispatchEvents.ChannelDelete]: (gone: Parameters<typeof onChannelDeleted>[1]) => onChannelDeleted(parts, gone),
    [GatewayDispatchEvents.GuildCreate]: async (guild: GatewayGuildCreateDispatchData) => {
      if (guild.id !== config.guildId) return;
      isInGuild = true;
      await onGuildThere(parts, guild);
    },
    [GatewayDispatchEvents.GuildDelete]: async (gone: GatewayGuildDeleteDispatchData) => {
      if (await onGuildGone(parts, gone)) isInGuild = false;
    },
    [GatewayDispatchEvents.GuildRoleUpdate]: () => onRolesChanged(parts),
    [GatewayDispatchEvents.GuildMemberUpdate]: async ({ user }: GatewayGuildMemberUpdateDispatchData) => {
      if (user.id === ownId) await onRolesChanged(parts);
    },
  };

  return {
    listen: (lost, onReady) =>
      runGateway(
        {
          config,
          onEvent: (event, payload) => {
            if (event === GatewayDispatchEvents.Ready) onReady();
            start(() => works[event](payload as never), event);
          },
          onHealth: (told) => {
            health = told;
          },
          onTrouble: (error) => deps.log.warn({ err: error }, 'the connection to Discord is in trouble'),
        },
        lost,
      ).finally(() => {
        health = CONNECTING;
      }),
    health: () => {
      if (!isInGuild) return NOT_INVITED;
      return health.state === 'ok' && !hasCommands ? WITHOUT_COMMANDS : health;
    },
    drain: async (ms) => {
      const ended = new AbortController();
      await Promise.race([Promise.all(running), sleep(Math.min(ms, DRAIN_MS), null, { signal: ended.signal }).catch(() => null)]);
      ended.abort();
    },
  };
}
