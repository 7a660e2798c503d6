// A story told in Discord alone: the whole app with real discord.js against the double on loopback, and people of each role.
import { expect, vi } from 'vitest';
import { type DiscordDouble, type DiscordDoubleOptions, startDiscordDouble } from './discord-double.ts';
import type { Person, PostedMessage } from './discord-double-model.ts';
import { type Story, startStory } from './story.ts';

export const WAIT = { timeout: 15_000, interval: 30 };

export interface DiscordStory {
  story: Story;
  discord: DiscordDouble;
  people: Record<'operator' | 'approver' | 'viewer', Person>;
  goals: string;
  approvals: string;
  /** What a further process on the same database needs. */
  env: Record<string, string>;
  /** Waits for the newest message with these words. */
  see(channel: string, words: RegExp): Promise<PostedMessage>;
  stop(): Promise<void>;
}

export async function startDiscordStory(
  options: { discord?: DiscordDoubleOptions; env?: Record<string, string> } = {},
): Promise<DiscordStory> {
  const discord = await startDiscordDouble({ channels: ['goals', 'approvals'], ...options.discord });
  const people = { operator: discord.addPerson('Oda'), approver: discord.addPerson('Ava'), viewer: discord.addPerson('Vic') };
  const goals = discord.channel('goals');
  const approvals = discord.channel('approvals');
  const env = {
    DISCORD_TOKEN: discord.token,
    DISCORD_APPLICATION_ID: discord.applicationId,
    DISCORD_GUILD_ID: discord.guildId,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_CHANNEL_GOALS: goals,
    DISCORD_CHANNEL_APPROVALS: approvals,
    JUG_OPERATORS: `discord:${people.operator.id}`,
    JUG_APPROVERS: `discord:${people.approver.id}`,
    JUG_VIEWERS: `discord:${people.viewer.id}`,
    ...options.env,
  };
  const story = await startStory({ env });
  await isListening(story);
  return {
    story,
    discord,
    people,
    goals,
    approvals,
    env,
    see: (channel, words) =>
      vi.waitFor(() => {
        const lying = discord.messagesIn(channel);
        const found = lying.findLast(({ text }) => words.test(text));
        if (found === undefined) throw new Error(`no ${words} among: ${lying.map(({ text }) => text.slice(0, 60)).join(' | ')}`);
        return found;
      }, WAIT),
    stop: async () => {
      await story.stop();
      await discord.stop();
    },
  };
}

export async function isListening(story: Story): Promise<void> {
  await vi.waitFor(async () => {
    const response = await fetch(`http://127.0.0.1:${story.app.port}/readyz`);
    expect(await response.json()).toMatchObject({ discord: 'ok' });
  }, WAIT);
}
