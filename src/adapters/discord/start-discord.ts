// Discord, opened: messages go out from every process, and one process at a time listens to the gateway.
import type { ClientConfig } from 'pg';
import type { Dispatch, Hear } from '../../chat/answer.ts';
import type { ChatChannel, PlatformHealth } from '../../chat/channel.ts';
import type { Command } from '../../chat/command.ts';
import { startGatewayLock } from '../../db/gateway-lock.ts';
import type { Deps } from '../../flows/deps.ts';
import type { DiscordConfig } from '../../platform-config.ts';
import { createDiscordChannel } from './discord-channel.ts';
import { createListener } from './listener.ts';
import type { DiscordParts } from './parts.ts';
import { createPlaces } from './places.ts';
import { createRest, keepToken } from './rest.ts';
import { createTurns } from './turns.ts';

export interface DiscordOptions {
  config: DiscordConfig;
  deps: Deps;
  /** For the lock's own connection. */
  connection: ClientConfig;
  commands: readonly Command[];
  dispatch: Dispatch;
  hear: Hear;
}

export interface Discord {
  channel: ChatChannel;
  health(): PlatformHealth;
  stop(): Promise<void>;
}

/** An orderly end with its handover takes no longer, unless answers under way need their shortest time. */
const STOP_MS = 4_500;
const SHORTEST_DRAIN_MS = 1_000;

/** Fewer than the database's pool has connections. */
const ANSWERS_AT_ONCE = 4;

/** Returns at once: a Discord that is away is said in health() and tried again. */
export async function startDiscord(options: DiscordOptions): Promise<Discord> {
  const { config, deps } = options;
  const rest = createRest(config, { mayWait: true });
  const outbox = createRest(config, { mayWait: false });
  const answers = createRest(config, { mayWait: true, perSecond: Number.POSITIVE_INFINITY });
  const publicUrl = deps.config.http.publicUrl?.replace(/\/+$/, '') ?? null;
  const parts: DiscordParts = { ...options, rest, answers, places: createPlaces(rest), publicUrl, turns: createTurns(ANSWERS_AT_ONCE) };
  const listener = createListener(parts);
  const lock = startGatewayLock({
    connection: options.connection,
    whileHeld: (lost, onReady) => listener.listen(lost, onReady),
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
      const began = performance.now();
      await lock.stop();
      await listener.drain(Math.max(SHORTEST_DRAIN_MS, STOP_MS - (performance.now() - began)));
    },
  };
}
