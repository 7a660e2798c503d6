// Opens the chat platforms that are configured. Their libraries are loaded only then: a bot on the console alone starts without them.
import type pg from 'pg';
import type { Dispatch, Hear } from '../chat/answer.ts';
import type { ChatChannel, PlatformHealth } from '../chat/channel.ts';
import type { Command } from '../chat/command.ts';
import type { Platform } from '../db/tables/states.ts';
import type { Deps } from '../flows/deps.ts';

export interface PlatformParts {
  deps: Deps;
  /** For a connection of one's own, beside the pool's. */
  connection: pg.PoolConfig;
  commands: readonly Command[];
  dispatch: Dispatch;
  hear: Hear;
}

export interface ConnectedPlatform {
  channel: ChatChannel;
  health(): PlatformHealth;
  /** Lets what runs finish for a moment, then ends. */
  stop(): Promise<void>;
  /** Slack in HTTP mode: the signed requests to /slack/events. */
  handleHttp?: (request: Request) => Promise<Response>;
}

export interface Platforms {
  /** Nothing is heard or said before. */
  open(): Promise<void>;
  /** Those that are open. */
  channels(): ChatChannel[];
  health(): Record<Platform, PlatformHealth['state']>;
  /** Null unless Slack comes over HTTP; before Slack is open it is asked to come again. */
  handleSlack: ((request: Request) => Promise<Response>) | null;
  stop(): Promise<void>;
}

/** A port can be taken and the routes made before anybody outside hears of this start. */
export function preparePlatforms(parts: PlatformParts): Platforms {
  const { slack, discord } = parts.deps.config;
  const opened: Record<Platform, ConnectedPlatform | null> = { slack: null, discord: null };
  const all = (): ConnectedPlatform[] => [opened.slack, opened.discord].filter((platform) => platform !== null);
  const stateOf = (platform: Platform, config: object | null): PlatformHealth['state'] =>
    opened[platform]?.health().state ?? (config === null ? 'off' : 'down');
  return {
    open: async () => {
      await Promise.all([
        openSlack(parts).then((running) => {
          opened.slack = running;
        }),
        openDiscord(parts).then((running) => {
          opened.discord = running;
        }),
      ]);
    },
    channels: () => all().map(({ channel }) => channel),
    health: () => ({ slack: stateOf('slack', slack), discord: stateOf('discord', discord) }),
    handleSlack:
      slack?.door.kind === 'http'
        ? async (request) => (await opened.slack?.handleHttp?.(request)) ?? new Response(null, { status: 503 })
        : null,
    stop: async () => {
      await Promise.all(all().map((platform) => platform.stop()));
    },
  };
}

async function openSlack(parts: PlatformParts): Promise<ConnectedPlatform | null> {
  const config = parts.deps.config.slack;
  if (config === null) return null;
  const { startSlack } = await import('./slack/start-slack.ts');
  return startSlack({ ...parts, config });
}

async function openDiscord(parts: PlatformParts): Promise<ConnectedPlatform | null> {
  const config = parts.deps.config.discord;
  if (config === null) return null;
  const { startDiscord } = await import('./discord/start-discord.ts');
  return startDiscord({ ...parts, config });
}
