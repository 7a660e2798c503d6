// Questions in Slack and Discord: answered where they were asked, by whoever may look, edited in place; a slash command's answer is for one person alone.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ChatStory, discordCard, see, startChatStory } from '../support/chat-story.ts';

let chat: ChatStory;
beforeAll(async () => {
  chat = await startChatStory({ seed: 1 });
}, 60_000);
afterAll(() => chat.stop());

test('a mention is answered in its thread, a direct message there, a slash command privately; nothing of it on the console', {
  timeout: 60_000,
}, async () => {
  const { slack, discord, people, story } = chat;
  const { ts } = await slack.mention({ channel: 'C3', user: 'UVIEWER', text: 'What are you doing?' });
  const answer = await see(() => slack.posted('C3', ts).find(({ text }) => text.includes('Idle, because')), 'the answer in the thread');
  expect(answer.ephemeralTo ?? null).toBeNull();
  const { channel: direct } = await slack.directMessage({ user: 'UVIEWER', text: 'what did we earn today?' });
  await see(() => slack.posted(direct).find(({ text }) => text.includes('nothing has been earned')), 'the answer in person');
  await slack.slash({ channel: 'C3', user: 'UVIEWER', text: 'ask what waits for approval?' });
  const aside = await see(() => slack.posted('C3').find(({ text }) => text.includes('Nothing waits')), 'the private answer');
  expect(aside.ephemeralTo).toBe('UVIEWER');
  // Remembered at once, in the same thread.
  await slack.mention({ channel: 'C3', user: 'UOPERATOR', text: 'remember that Slack is where we talk' });
  await see(() => slack.posted('C3').find(({ text }) => text.includes('Remembered as fact')), 'what is remembered');

  discord.say({ channel: discord.channel('other'), user: people.viewer, content: 'What are you doing?', mentionsBot: true });
  const thread = await see(
    () => discord.messagesIn(discord.channel('other')).find(({ threadId }) => threadId !== null)?.threadId ?? undefined,
    'a thread for the talk',
  );
  await see(() => discordCard(discord, thread, /What are you doing/), 'the answer in Discord');
  const seen = await discord.command({
    name: 'ask',
    options: { text: 'what waits for approval?' },
    channel: discord.channel('other'),
    user: people.viewer,
  });
  expect(seen).toBeDefined();
  await see(
    () => discord.journal.messages.find(({ text, ephemeralTo }) => ephemeralTo === people.viewer.id && text.includes('Nothing waits')),
    'the private answer in Discord',
  );

  expect((await story.posts()).filter(({ card }) => card.ref?.kind === 'answer')).toEqual([]);
  expect(await story.rows(`select distinct surface from conversation order by 1`)).toEqual([{ surface: 'discord' }, { surface: 'slack' }]);
  expect(await story.rows('select 1 from goal')).toEqual([]);
});

test('in a goal’s thread a question knows the goal, and its answer still goes to the goal', { timeout: 90_000 }, async () => {
  const { slack, story } = chat;
  const { ts } = await slack.mention({ channel: 'C1', user: 'UOPERATOR', text: 'goal Do something useful on the practice market' });
  await story.card(/^Goal 1/, (card) => card.text?.includes('How will we know') === true);
  await see(() => slack.posted('C1', ts).find(({ text }) => text.includes('Goal 1')), 'the goal');
  await slack.reply({ channel: 'C1', thread: ts, user: 'UOPERATOR', text: 'how is it going?' });
  const answer = await see(
    () => slack.posted('C1', ts).find(({ text }) => text.includes('Sources') && text.includes('Goal 1')),
    'the answer about the goal',
  );
  expect(answer.text).toContain('waits for your answer');
  expect(await story.rows('select status, notes from goal')).toEqual([{ status: 'question', notes: [] }]);
  await slack.reply({ channel: 'C1', thread: ts, user: 'UOPERATOR', text: 'would $5 of revenue do?' });
  await vi.waitFor(async () => expect(await story.rows('select target_micros from goal')).toEqual([{ target_micros: '5000000' }]), 10_000);
  expect(slack.faults).toEqual([]);
  expect(chat.discord.journal.faults).toEqual([]);
});
