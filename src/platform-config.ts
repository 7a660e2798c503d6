// The part of the configuration that connects Slack and Discord. Only config.ts reads the environment itself.
import { z } from 'zod';
import { secret, text, webUrl } from './config-fields.ts';
import type { Secret } from './core/secret.ts';

export const platformEnvironment = {
  SLACK_BOT_TOKEN: secret.optional(),
  SLACK_APP_TOKEN: secret.optional(),
  SLACK_SIGNING_SECRET: secret.optional(),
  SLACK_API_URL: webUrl.optional(),
  SLACK_CHANNEL_GOALS: text.optional(),
  SLACK_CHANNEL_APPROVALS: text.optional(),
  SLACK_CHANNEL_EXPERIMENTS: text.optional(),
  SLACK_CHANNEL_REVENUE: text.optional(),
  DISCORD_TOKEN: secret.optional(),
  DISCORD_APPLICATION_ID: text.optional(),
  DISCORD_GUILD_ID: text.optional(),
  DISCORD_API_URL: webUrl.optional(),
  DISCORD_CHANNEL_GOALS: text.optional(),
  DISCORD_CHANNEL_APPROVALS: text.optional(),
  DISCORD_CHANNEL_EXPERIMENTS: text.optional(),
  DISCORD_CHANNEL_REVENUE: text.optional(),
  DISCORD_MESSAGE_CONTENT: z.enum(['0', '1']).optional(),
};

const whole = z.object(platformEnvironment);
type PlatformEnvironment = z.output<typeof whole>;

/** Channel ids a kind of report goes to; null: said in the goal's own thread, or nowhere on this platform. */
export interface ChannelIds {
  goals: string | null;
  approvals: string | null;
  experiments: string | null;
  revenue: string | null;
}

export interface SlackConfig {
  botToken: Secret;
  /** Socket Mode with an app token, else HTTP at /slack/events with a signing secret. */
  door: { kind: 'socket'; appToken: Secret } | { kind: 'http'; signingSecret: Secret };
  /** Another Slack-compatible server, like http://127.0.0.1:9000/api/; null is Slack itself. */
  apiUrl: string | null;
  channels: ChannelIds;
}

export interface DiscordConfig {
  token: Secret;
  applicationId: string;
  guildId: string;
  /** Another Discord-compatible server, like http://127.0.0.1:9001/api; null is Discord itself. */
  apiUrl: string | null;
  channels: ChannelIds;
  /** The optional privileged intent: plain messages in a goal's thread reach it without a mention. */
  readsMessages: boolean;
}

/** A report without a channel of its own goes to the first one named. */
function readChannels(env: PlatformEnvironment, platform: 'SLACK' | 'DISCORD'): ChannelIds {
  const { [`${platform}_CHANNEL_GOALS` as const]: goals, [`${platform}_CHANNEL_APPROVALS` as const]: approvals } = env;
  const { [`${platform}_CHANNEL_EXPERIMENTS` as const]: experiments, [`${platform}_CHANNEL_REVENUE` as const]: revenue } = env;
  const first = goals ?? approvals ?? experiments ?? revenue ?? null;
  return { goals: goals ?? first, approvals: approvals ?? first, experiments: experiments ?? first, revenue: revenue ?? first };
}

export function readSlack(env: PlatformEnvironment): SlackConfig | null {
  if (env.SLACK_BOT_TOKEN === undefined) return null;
  const door =
    env.SLACK_APP_TOKEN !== undefined
      ? { kind: 'socket' as const, appToken: env.SLACK_APP_TOKEN }
      : env.SLACK_SIGNING_SECRET !== undefined
        ? { kind: 'http' as const, signingSecret: env.SLACK_SIGNING_SECRET }
        : null;
  return door === null
    ? null
    : { botToken: env.SLACK_BOT_TOKEN, door, apiUrl: env.SLACK_API_URL ?? null, channels: readChannels(env, 'SLACK') };
}

export function readDiscord(env: PlatformEnvironment): DiscordConfig | null {
  const { DISCORD_TOKEN: token, DISCORD_APPLICATION_ID: applicationId, DISCORD_GUILD_ID: guildId } = env;
  if (token === undefined || applicationId === undefined || guildId === undefined) return null;
  return {
    token,
    applicationId,
    guildId,
    apiUrl: env.DISCORD_API_URL ?? null,
    channels: readChannels(env, 'DISCORD'),
    readsMessages: env.DISCORD_MESSAGE_CONTENT === '1',
  };
}

/** A token without its pair, or a pair without its token. */
export function findHalves(env: PlatformEnvironment): string[] {
  const problems: string[] = [];
  const set = (name: keyof PlatformEnvironment): boolean => env[name] !== undefined;
  const named = (prefix: string): string[] =>
    Object.keys(env).filter((name) => name.startsWith(prefix) && set(name as keyof PlatformEnvironment));
  const slack = named('SLACK_');
  if (slack.length > 0 && !set('SLACK_BOT_TOKEN')) problems.push(`SLACK_BOT_TOKEN: is missing, but ${slack[0]} is set`);
  if (set('SLACK_BOT_TOKEN') && !set('SLACK_APP_TOKEN') && !set('SLACK_SIGNING_SECRET'))
    problems.push('SLACK_APP_TOKEN: is missing (Socket Mode), or set SLACK_SIGNING_SECRET (HTTP at /slack/events)');
  if (set('SLACK_APP_TOKEN') && set('SLACK_SIGNING_SECRET'))
    problems.push('SLACK_SIGNING_SECRET: set either it (HTTP) or SLACK_APP_TOKEN (Socket Mode), not both');
  const discord = named('DISCORD_');
  for (const name of ['DISCORD_TOKEN', 'DISCORD_APPLICATION_ID', 'DISCORD_GUILD_ID'] as const)
    if (discord.length > 0 && !set(name)) problems.push(`${name}: is missing, but ${discord[0]} is set`);
  return problems;
}
