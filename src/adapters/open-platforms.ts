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
  channels: ChatChannel[];
  health(): Record<Platform, PlatformHealth['state']>;
  handleSlack: ((request: Request) => Promise<Response>) | null;
  stop(): Promise<void>;
}

export async function openPlatforms(parts: PlatformParts): Promise<Platforms> {
  const [slack, discord] = await Promise.all([openSlack(parts), openDiscord(parts)]);
  const open = [slack, discord].filter((platform) => platform !== null);
  return {
    channels: open.map(({ channel }) => channel),
    health: () => ({ slack: slack?.health().state ?? 'off', discord: discord?.health().state ?? 'off' }),
    handleSlack: slack?.handleHttp ?? null,
    stop: async () => {
      await Promise.all(open.map((platform) => platform.stop()));
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
