// A story told in Slack and Discord: the whole app with real Bolt and discord.js against their doubles on loopback.
import { expect, vi } from 'vitest';
import { SLACK_EVENTS, SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { type DiscordDouble, type DiscordDoubleOptions, startDiscordDouble } from './discord-double.ts';
import type { Person, PostedMessage } from './discord-double-model.ts';
import { type SlackDouble, startSlackDouble } from './slack-double.ts';
import type { SlackMessage } from './slack-double-model.ts';
import type { SlackDoubleOptions } from './slack-double-world.ts';
import { type Story, type StoryOptions, startStory } from './story.ts';

export interface ChatStory {
  story: Story;
  slack: SlackDouble;
  discord: DiscordDouble;
  /** People on Discord by their role here; on Slack they are UOPERATOR, UAPPROVER, UVIEWER and UOUTSIDER of team T1. */
  people: Record<'operator' | 'approver' | 'viewer' | 'outsider', Person>;
  /** What a further process on the same database needs. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

export interface ChatStoryOptions extends StoryOptions {
  slack?: SlackDoubleOptions;
  discord?: DiscordDoubleOptions;
  /** A server with people of its own instead of a fresh one. */
  discordDouble?: DiscordDouble;
  /** Slack's requests come signed over HTTP instead of sockets. */
  http?: boolean;
}

const SLACK_CHANNELS = { C1: { name: 'goals' }, C2: { name: 'approvals' }, C3: { name: 'other' } };

export async function startChatStory(options: ChatStoryOptions = {}): Promise<ChatStory> {
  const slack = await startSlackDouble({
    scopes: Object.keys(SLACK_SCOPES),
    subscriptions: SLACK_EVENTS,
    channels: SLACK_CHANNELS,
    ...options.slack,
  });
  const discord = options.discordDouble ?? (await startDiscordDouble({ channels: ['goals', 'approvals', 'other'], ...options.discord }));
  const people = {
    operator: discord.addPerson('Oda'),
    approver: discord.addPerson('Ava'),
    viewer: discord.addPerson('Vic'),
    outsider: discord.addPerson('Otto'),
  };
  const env = {
    SLACK_BOT_TOKEN: slack.botToken,
    ...(options.http === true ? { SLACK_SIGNING_SECRET: slack.signingSecret } : { SLACK_APP_TOKEN: slack.appToken }),
    SLACK_API_URL: slack.apiUrl,
    SLACK_CHANNEL_GOALS: 'C1',
    SLACK_CHANNEL_APPROVALS: 'C2',
    DISCORD_TOKEN: discord.token,
    DISCORD_APPLICATION_ID: discord.applicationId,
    DISCORD_GUILD_ID: discord.guildId,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_CHANNEL_GOALS: discord.channel('goals'),
    DISCORD_CHANNEL_APPROVALS: discord.channel('approvals'),
    JUG_OPERATORS: `slack:T1/UOPERATOR,discord:${people.operator.id}`,
    JUG_APPROVERS: `slack:T1/UAPPROVER,discord:${people.approver.id}`,
    JUG_VIEWERS: `slack:T1/UVIEWER,discord:${people.viewer.id}`,
    ...options.env,
  };
  const story = await startStory({ ...options, env });
  if (options.http === true) slack.deliverTo(`http://127.0.0.1:${story.app.port}/slack/events`);
  await readyBoth(story);
  return {
    story,
    slack,
    discord,
    people,
    env,
    stop: async () => {
      await story.stop();
      await slack.stop();
      await discord.stop();
    },
  };
}

/** Waits until this process is connected to both. */
export async function readyBoth(story: Story): Promise<void> {
  await vi.waitFor(
    async () => {
      const response = await fetch(`http://127.0.0.1:${story.app.port}/readyz`);
      expect(await response.json()).toMatchObject({ slack: 'ok', discord: 'ok' });
    },
    { timeout: 15_000, interval: 30 },
  );
}

/** Waits until something is to be seen, and gives it. */
export function see<Thing>(look: () => Thing | undefined, what: string, timeout = 15_000): Promise<Thing> {
  return vi.waitFor(
    () => {
      const found = look();
      if (found === undefined) throw new Error(`not to be seen: ${what}`);
      return found;
    },
    { timeout, interval: 30 },
  );
}

export const slackCard = (slack: SlackDouble, channel: string, title: RegExp): SlackMessage | undefined =>
  slack.posted(channel).findLast((message) => title.test(message.text));

export const discordCard = (discord: DiscordDouble, channel: string, title: RegExp): PostedMessage | undefined =>
  discord.messagesIn(channel).findLast((message) => title.test(message.text));
