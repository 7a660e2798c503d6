// Discord in trouble, and the way out of it: channels closed and opened again, outages, rate limits, threads that may not be opened.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { postMessage } from '../../src/chat/outbox-store.ts';
import { hurryDeliveries } from '../../src/chat/place-store.ts';
import { type DiscordStory, isListening, startDiscordStory, WAIT } from '../support/discord-double-story.ts';
import { FIRST_DOLLAR } from '../support/story.ts';

let at: DiscordStory;
beforeAll(async () => {
  at = await startDiscordStory();
}, 60_000);
afterAll(() => at.stop());

const POST = 'POST /channels/:channel/messages';
const tell = (title: string) =>
  postMessage(at.story.app.deps.db, { channel: 'goals', goalId: null, key: null, card: { title, tone: 'info' } });
const closed = () =>
  at.story.rows<{ place: string; why: string }>('select place, why from chat_place where unreachable_since is not null order by place');
const soon = (check: () => void | Promise<void>, timeout = 15_000): Promise<void> => vi.waitFor(check, { timeout, interval: 30 });
/** Within the time nobody would wait for the next try, which is minutes away. */
const ATONCE_MS = 5_000;

describe('channels', () => {
  afterEach(async () => {
    await soon(async () => expect(await closed()).toEqual([]));
  });

  test('what waited for a channel comes at once when the bot is given its permission back', async () => {
    at.discord.deny(at.goals, ['SEND_MESSAGES']);
    await tell('closed to me');
    await soon(async () => expect(await closed()).toMatchObject([{ place: at.goals, why: expect.stringContaining('permission') }]));
    at.discord.deny(at.goals, []);
    await soon(() => expect(at.discord.messagesIn(at.goals).some(({ text }) => text.includes('closed to me'))).toBe(true), ATONCE_MS);
    await soon(async () => expect(await closed()).toEqual([]), ATONCE_MS);
    const told = await at.story.rows(`select 1 from audit where action = 'channel.reachable'`);
    expect(told.length).toBeGreaterThan(0);
  });

  test('a bot that was removed and invited again says what it could not say meanwhile', async () => {
    at.discord.removeBot();
    await soon(async () => expect((await closed()).length).toBe(2));
    await tell('while I was away');
    await soon(async () => expect(await at.story.rows(`select 1 from delivery where trouble is not null`)).not.toEqual([]));
    at.discord.inviteBot();
    await soon(() => expect(at.discord.messagesIn(at.goals).some(({ text }) => text.includes('while I was away'))).toBe(true), ATONCE_MS);
    await isListening(at.story);
  });
});

describe('waiting', () => {
  test('an outage’s backlog comes within seconds of the return, however long the pauses had become', async () => {
    await at.discord.stop();
    await tell('during the outage');
    await soon(async () =>
      expect(await at.story.rows(`select 1 from delivery where trouble like 'Discord was not reached%'`)).toHaveLength(1),
    );
    // An outage of ten minutes would have let it grow to this.
    await at.story.rows(`update delivery set next_at = clock_timestamp() + interval '30 seconds' where sent_version < wanted_version`);
    await at.story.rows(`update chat_place set next_post_at = clock_timestamp() + interval '30 seconds' where place = $1`, [at.goals]);
    await at.discord.restart();
    await soon(() => expect(at.discord.connected).toBe(1));
    await soon(() => expect(at.discord.messagesIn(at.goals).some(({ text }) => text.includes('during the outage'))).toBe(true), ATONCE_MS);
  });

  test('asked to wait, nothing is sent there before the time is over, also when the connection comes back meanwhile', async () => {
    const before = at.discord.journal.requests.length;
    const posts = () => at.discord.journal.requests.slice(before).filter(({ route }) => route === POST);
    at.discord.limitNext(POST, 3);
    await tell('patiently');
    await soon(() => expect(posts()).toMatchObject([{ status: 429 }]));
    await hurryDeliveries(at.story.app.deps.db, 'discord');
    await soon(() => expect(at.discord.messagesIn(at.goals).some(({ text }) => text.includes('patiently'))).toBe(true));
    const [refused, taken, ...more] = posts();
    expect(more).toEqual([]);
    expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThan(2_900);
  });
});

describe('words', () => {
  test('a thread that may not be opened is said where it was asked for, with what to do, and nothing is begun', async () => {
    at.discord.deny(at.goals, ['CREATE_PUBLIC_THREADS']);
    const goals = await at.story.rows('select id from goal');
    const said = at.discord.say({ channel: at.goals, user: at.people.operator, content: FIRST_DOLLAR, mentionsBot: true });
    const answer = await at.see(at.goals, /could not open a thread/);
    expect(answer).toMatchObject({ replyTo: said.id, text: expect.stringContaining('Create Public Threads') });
    expect(await at.story.rows('select id from goal')).toEqual(goals);
    at.discord.deny(at.goals, []);
  });

  test('words that break something are answered, in the channel or, where that is closed, to their speaker', async () => {
    await at.story.rows('alter table heard rename to heard_elsewhere');
    try {
      const said = at.discord.say({ channel: at.goals, user: at.people.viewer, content: 'status', mentionsBot: true });
      expect(await at.see(at.goals, /Something broke/)).toMatchObject({ replyTo: said.id });
      at.discord.deny(at.goals, ['SEND_MESSAGES']);
      at.discord.say({ channel: at.goals, user: at.people.viewer, content: 'status', mentionsBot: true });
      await soon(() => {
        const told = at.discord.journal.messages.filter(({ text }) => text.includes('Something broke'));
        expect(told.map(({ channelId }) => at.discord.place(channelId).recipientId)).toContain(at.people.viewer.id);
      });
    } finally {
      at.discord.deny(at.goals, []);
      await at.story.rows('alter table heard_elsewhere rename to heard');
    }
  });

  test('a goal’s question has a button: its form’s words reach that goal', async () => {
    const said = at.discord.say({ channel: at.goals, user: at.people.operator, content: 'goal Make some money', mentionsBot: true });
    const asking = await at.see(said.id, /Goal \d+:[\s\S]*waits for your answer/);
    const id = Number(/Goal (\d+)/.exec(asking.text)?.[1]);
    const form = await at.discord.click({ message: asking, label: 'Answer…', user: at.people.operator });
    expect(form.ack).toBe('modal');
    await at.discord.submitModal({ seen: form, values: { text: 'earn $1 with a budget of $60' }, user: at.people.operator });
    await soon(async () => {
      const [goal] = await at.story.rows<{ status: string; notes: unknown }>('select status, notes from goal where id = $1', [id]);
      expect(JSON.stringify(goal?.notes)).toContain('earn $1');
      expect(goal?.status).not.toBe('question');
    });
    await soon(() => {
      const now = at.discord.messagesIn(said.id).find((message) => message.id === asking.id);
      expect(now?.buttons.map(({ label }) => label)).not.toContain('Answer…');
    });
  });

  test('with the content intent plain words in a goal’s thread reach it, and in no other place', { timeout: 60_000 }, async () => {
    const reading = await startDiscordStory({ discord: { privileged: ['content'] }, env: { DISCORD_MESSAGE_CONTENT: '1' } });
    try {
      const { discord, people, goals, story } = reading;
      const said = discord.say({ channel: goals, user: people.operator, content: `goal ${FIRST_DOLLAR}`, mentionsBot: true });
      await reading.see(said.id, /Goal \d+/);
      discord.say({ channel: goals, user: people.operator, content: 'not meant for you' });
      discord.say({ channel: said.id, user: people.operator, content: 'take it slowly' });
      await vi.waitFor(async () => {
        const [goal] = await story.rows<{ notes: unknown }>('select notes from goal');
        expect(JSON.stringify(goal?.notes)).toContain('take it slowly');
      }, WAIT);
      const [goal] = await story.rows<{ notes: unknown }>('select notes from goal');
      expect(JSON.stringify(goal?.notes)).not.toContain('not meant for you');
      expect(await story.rows('select id from goal')).toHaveLength(1);
      expect(discord.journal.faults).toEqual([]);
    } finally {
      await reading.stop();
    }
  });
});

test('a channel that is deleted is gone around: the request in it comes again where people see it', async () => {
  await at.story.say('goal', { text: FIRST_DOLLAR });
  const asked = await at.see(at.approvals, /Approve \d+/);
  const number = /Approve \d+/.exec(asked.text)?.[0] ?? '';
  at.discord.deleteChannel(at.approvals);
  const again = await at.see(at.goals, new RegExp(number));
  await at.discord.click({ message: again, label: 'Approve $60.00', user: at.people.approver });
  await at.see(at.goals, /Request \d+[\s\S]*approved/);
  expect(await closed()).toMatchObject([{ place: at.approvals, why: expect.stringMatching(/was deleted|no longer exists/) }]);
});
