// A goal given in Slack is planned in its thread, approved once in Discord, and both cards tell the end, with the receipt.
import { afterEach, expect, test, vi } from 'vitest';
import { type ChatStory, discordCard, see, slackCard, startChatStory } from '../support/chat-story.ts';

let chat: ChatStory | undefined;
afterEach(async () => {
  await chat?.stop();
  chat = undefined;
});

const soon = (check: () => void | Promise<void>, ms = 15_000): Promise<void> => vi.waitFor(check, { timeout: ms, interval: 30 });

test('given in Slack by an operator, plan and launch approved in Discord, both platforms show the same end', {
  timeout: 90_000,
}, async () => {
  chat = await startChatStory({ seed: 166 });
  const { slack, discord, people, story } = chat;
  const { said } = await mention(chat, 'goal Earn the first practice dollar with a budget of $60');

  const live = await see(() => slack.posted('C1', said).find((one) => /^.*Goal 1/.test(one.text)), 'the goal in its thread');
  const asks = discord.channel('approvals');
  const plan = await see(() => discordCard(discord, asks, /plan/i), 'the plan to approve');
  await discord.click({ message: plan, label: 'Approve plan', user: people.approver });
  const launch = await see(() => discordCard(discord, asks, /Approve \d+/), 'the launches to approve');
  const inSlack = await see(() => slackCard(slack, 'C2', /Approve \d+/), 'the same request in Slack');
  await discord.click({ message: launch, label: 'Approve $60.00', user: people.approver });

  await soon(() => expect(slack.find('C2', inSlack.ts)?.text).toMatch(/Request \d+/), 6_000);
  await soon(() => expect(discord.messagesIn(asks).find(({ id }) => id === launch.id)?.text).toMatch(/Request \d+/), 6_000);
  await story.card(/^Request \d+/, (card) => card.table?.rows.every((row) => row[3]?.startsWith('done')) === true);
  await story.endDays(16);
  const result = await story.card(/^Result of goal 1/);
  await soon(() => expect(slack.posted('C1', said).some(({ text }) => text.includes(result.title))).toBe(true));
  const thread = discord.messagesIn(discord.channel('goals')).find(({ threadId }) => threadId !== null)?.threadId ?? '';
  await soon(() => expect(discord.messagesIn(thread).some(({ text }) => text.includes(result.title))).toBe(true));
  expect(slack.find('C1', live.ts)?.edits).toBeGreaterThan(0);
  expect(slack.faults).toEqual([]);
  expect(discord.journal.faults).toEqual([]);
});

async function mention({ slack }: ChatStory, text: string): Promise<{ said: string }> {
  const { ts } = await slack.mention({ channel: 'C1', user: 'UOPERATOR', text });
  return { said: ts };
}
