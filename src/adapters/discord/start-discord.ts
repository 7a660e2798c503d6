// Discord, opened: messages go out from every process, and one process at a time listens to the gateway.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type APIInteraction,
  GatewayDispatchEvents,
  type GatewayGuildCreateDispatchData,
  type GatewayGuildDeleteDispatchData,
  type GatewayReadyDispatchData,
} from 'discord.js';
import type { Dispatch, Hear } from '../../chat/answer.ts';
import type { ChatChannel, PlatformHealth } from '../../chat/channel.ts';
import type { Command } from '../../chat/command.ts';
import { startGatewayLock } from '../../db/gateway-lock.ts';
import type { Deps } from '../../flows/deps.ts';
import type { DiscordConfig } from '../../platform-config.ts';
import { defineForDiscord } from './command-definitions.ts';
import { createDiscordChannel } from './discord-channel.ts';
import { type HEARD, runGateway } from './gateway.ts';
import { answerInteraction } from './interactions.ts';
import { onChannelDeleted, onGuildGone, onMessageDeleted, onMessagesDeleted } from './lost-places.ts';
import { hearMessage } from './messages.ts';
import type { DiscordParts } from './parts.ts';
import { createPlaces } from './places.ts';
import { registerCommands } from './register-commands.ts';
import { createRest, keepToken } from './rest.ts';

export interface DiscordOptions {
  config: DiscordConfig;
  deps: Deps;
  commands: readonly Command[];
  dispatch: Dispatch;
  hear: Hear;
}

export interface Discord {
  channel: ChatChannel;
  health(): PlatformHealth;
  stop(): Promise<void>;
}

/** How long answers under way may take once we are told to stop. */
const DRAIN_MS = 3_000;

/** Returns at once: a Discord that is away is said in health() and tried again. */
export async function startDiscord(options: DiscordOptions): Promise<Discord> {
  const { config, deps } = options;
  const rest = createRest(config, { mayWait: true });
  const outbox = createRest(config, { mayWait: false });
  const answers = createRest(config, { mayWait: true, perSecond: Number.POSITIVE_INFINITY });
  const publicUrl = deps.config.http.publicUrl?.replace(/\/+$/, '') ?? null;
  const parts: DiscordParts = { ...options, rest, answers, places: createPlaces(rest), publicUrl };
  const listener = createListener(parts);
  const lock = startGatewayLock({
    db: deps.db,
    whileHeld: (lost) => listener.listen(lost),
    onTrouble: (error) => deps.log.warn({ err: error }, 'the lock of the Discord gateway is in trouble'),
  });
  return {
    channel: createDiscordChannel({
      rest: outbox,
      places: createPlaces(outbox),
      publicUrl,
      onError: (error) => keepToken(outbox, config, error),
    }),
    // Where another process listens, there is nothing to be in trouble here.
    health: () => (lock.state() === 'elsewhere' ? { state: 'ok', why: null } : listener.health()),
    stop: async () => {
      await lock.stop();
      await listener.drain();
    },
  };
}

const NOT_INVITED: PlatformHealth = {
  state: 'down',
  why: 'The bot is not in the server DISCORD_GUILD_ID. npm run manifest -- discord prints the address to invite it.',
};
const WITHOUT_COMMANDS: PlatformHealth = {
  state: 'degraded',
  why: 'The slash commands are not registered yet; the log says why if this stays. Mentions and buttons work.',
};

interface Listener {
  listen(lost: AbortSignal): Promise<void>;
  health(): PlatformHealth;
  drain(): Promise<void>;
}

function createListener(parts: DiscordParts): Listener {
  const { deps, config } = parts;
  let health: PlatformHealth = { state: 'degraded', why: 'The connection to Discord is being made.' };
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
    const changed = await registerCommands(parts.rest, config, parts.commands.map(defineForDiscord));
    hasCommands = true;
    deps.log.info({ changed }, 'listening to Discord');
  };

  const works: Record<(typeof HEARD)[number], (payload: never) => Promise<void>> = {
    [GatewayDispatchEvents.Ready]: onReady,
    [GatewayDispatchEvents.InteractionCreate]: (raised: APIInteraction) => answerInteraction(parts, raised),
    [GatewayDispatchEvents.MessageCreate]: (message: Parameters<typeof hearMessage>[1]) => hearMessage(parts, message, ownId),
    [GatewayDispatchEvents.MessageDelete]: (gone: Parameters<typeof onMessageDeleted>[1]) => onMessageDeleted(parts, gone),
    [GatewayDispatchEvents.MessageDeleteBulk]: (gone: Parameters<typeof onMessagesDeleted>[1]) => onMessagesDeleted(parts, gone),
    [GatewayDispatchEvents.ChannelDelete]: (gone: Parameters<typeof onChannelDeleted>[1]) => onChannelDeleted(parts, gone),
    [GatewayDispatchEvents.GuildCreate]: async ({ id }: GatewayGuildCreateDispatchData) => {
      if (id === config.guildId) isInGuild = true;
    },
    [GatewayDispatchEvents.GuildDelete]: async (gone: GatewayGuildDeleteDispatchData) => {
      if (await onGuildGone(parts, gone)) isInGuild = false;
    },
  };

  return {
    listen: (lost) =>
      runGateway(
        {
          config,
          onEvent: (event, payload) => start(() => works[event](payload as never), event),
          onHealth: (told) => {
            health = told;
          },
          onTrouble: (error) => deps.log.warn({ err: error }, 'the connection to Discord is in trouble'),
        },
        lost,
      ),
    health: () => {
      if (!isInGuild) return NOT_INVITED;
      return health.state === 'ok' && !hasCommands ? WITHOUT_COMMANDS : health;
    },
    drain: async () => {
      const ended = new AbortController();
      await Promise.race([Promise.all(running), sleep(DRAIN_MS, null, { signal: ended.signal }).catch(() => null)]);
      ended.abort();
    },
  };
}
