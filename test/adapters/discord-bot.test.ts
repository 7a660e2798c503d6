// People on Discord and the whole bot behind it, by real discord.js against the local double: commands, buttons, forms, words, one listener.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type DiscordDouble, startDiscordDouble } from '../support/discord-double.ts';
import type { Person, PostedMessage } from '../support/discord-double-model.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';

let discord: DiscordDouble;
let story: Story;
let env: Record<string, string>;
let people: Record<'operator' | 'approver' | 'viewer' | 'outsider', Person>;
let goals: string;
let approvals: string;

const WAIT = { timeout: 15_000, interval: 30 };

async function isReady(one: Story): Promise<void> {
  await vi.waitFor(async () => {
    const response = await fetch(`http://127.0.0.1:${one.app.port}/readyz`);
    expect(await response.json()).toMatchObject({ discord: 'ok' });
  }, WAIT);
}

const see = (channel: string, title: RegExp, reader?: Person): Promise<PostedMessage> =>
  vi.waitFor(() => {
    const found = discord.messagesIn(channel, reader).findLast(({ text }) => title.test(text));
    if (found === undefined)
      throw new Error(
        `no ${title} among: ${discord
          .messagesIn(channel, reader)
          .map(({ text }) => text.slice(0, 60))
          .join(' | ')}`,
      );
    return found;
  }, WAIT);

const pressFirst = (message: PostedMessage, user: Person) => discord.click({ message, label: message.buttons[0]?.label ?? '', user });

const startDiscordStory = (share?: Story): Promise<Story> =>
  startStory({ env: { ...env, PRACTICE_CAP_DAY_USD: '1000' }, ...(share === undefined ? {} : { share: share.database }) });

beforeAll(async () => {
  discord = await startDiscordDouble({ channels: ['goals', 'approvals'] });
  people = {
    operator: discord.addPerson('Oda'),
    approver: discord.addPerson('Ava'),
    viewer: discord.addPerson('Vic'),
    outsider: discord.addPerson('Otto'),
  };
  goals = discord.channel('goals');
  approvals = discord.channel('approvals');
  env = {
    DISCORD_TOKEN: discord.token,
    DISCORD_APPLICATION_ID: discord.applicationId,
    DISCORD_GUILD_ID: discord.guildId,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_CHANNEL_GOALS: goals,
    DISCORD_CHANNEL_APPROVALS: approvals,
    JUG_OPERATORS: `discord:${people.operator.id}`,
    JUG_APPROVERS: `discord:${people.approver.id}`,
    JUG_VIEWERS: `discord:${people.viewer.id}`,
  };
  story = await startDiscordStory();
  await isReady(story);
}, 60_000);

afterAll(async () => {
  await story.stop();
  await discord.stop();
});

afterEach(() => {
  // Whatever a test did, a correct bot sends no unknown field, no refused form, no late or double answer.
  expect(discord.journal.faults.splice(0)).toEqual([]);
});

describe('commands', () => {
  test('every command of the menu is there, and a second start changes nothing', async () => {
    const menu = (await story.say('help')).card.table?.rows.map(([name]) => name).sort();
    expect(discord.commands.map((command) => command['name']).sort()).toEqual(menu);
    const puts = () => discord.journal.requests.filter(({ route, status }) => route.startsWith('PUT') && status < 300).length;
    expect(puts()).toBe(1);
    await story.restart();
    await isReady(story);
    expect(puts()).toBe(1);
  });

  test('a command is answered for its person alone, within the 3 seconds', async () => {
    const seen = await discord.command({ name: 'status', channel: goals, user: people.viewer });
    expect(seen.ack).toBe('thinking');
    const answer = await seen.answer();
    expect(answer.ephemeralTo).toBe(people.viewer.id);
    expect(answer.text).toContain('### ');
  });

  test('somebody without a role gets a private answer with the id to add, and learns nothing else', async () => {
    const seen = await discord.command({ name: 'goals', channel: goals, user: people.outsider });
    const answer = await seen.answer();
    expect(answer.ephemeralTo).toBe(people.outsider.id);
    expect(answer.text).toContain(`discord:${people.outsider.id}`);
  });

  test('a goal’s number is suggested by its title, to people with a role only', async () => {
    await story.say('goal', { text: 'Write a report on the practice market offers' });
    const suggested = async (user: Person) =>
      (await discord.autocomplete({ name: 'why', options: { goal: 'report' }, focused: 'goal', channel: goals, user })).choices;
    expect(await suggested(people.viewer)).toEqual([expect.objectContaining({ name: expect.stringMatching(/^#\d+ .*report/i) })]);
    expect(await suggested(people.outsider)).toEqual([]);
    await story.say('idea', { text: 'A checklist for grape growers' });
    await story.rows(`insert into experiment (mode, goal_id, name, source, risk_class, contract, contract_hash, max_loss_micros, budget_micros, state_deadline, created_by)
      select 'practice', (select min(id) from goal), 'Grape price test', 'people', 'low', '{}', '', 0, 0, clock_timestamp(), 'console:owner'`);
    // Every kind of thing a number can mean is looked up by its title; what a person is asked to do is no task of the agent.
    const typed: [string, string, string, RegExp | null][] = [
      ['opportunities', 'id', 'grape', /^#\d+ A checklist for grape growers/],
      ['experiment', 'id', 'grape', /^#\d+ Grape price test$/],
      ['why', 'experiment', 'grape', /^#\d+ Grape price test$/],
      ['outreach', 'done', 'report', null],
      ['offer', 'id', '1', null],
      ['delivery', 'document', '1', null],
      ['tools', 'accept', '1', null],
    ];
    for (const [name, focused, words, like] of typed) {
      const { choices } = await discord.autocomplete({ name, options: { [focused]: words }, focused, channel: goals, user: people.viewer });
      const expected = like === null ? [] : [expect.objectContaining({ name: expect.stringMatching(like) })];
      expect([name, focused, choices]).toEqual([name, focused, expected]);
    }
  });
});

describe('words', () => {
  test('a mention becomes a draft in a thread of its own; Start makes it a goal there, with its live card', async () => {
    const said = discord.say({ channel: goals, user: people.operator, content: FIRST_DOLLAR, mentionsBot: true });
    const draft = await see(said.id, /Draft goal/);
    await discord.click({ message: draft, label: 'Start', user: people.operator });
    await see(said.id, /^### .*Goal \d+/);
    // An operator's plan waits for an approver.
    await pressFirst(await see(approvals, /Plan \d+ for goal/), people.approver);
    const ask = await see(approvals, /Approve \d+/);
    const modal = await discord.click({ message: ask, label: 'Deny…', user: people.approver });
    expect(modal.ack).toBe('modal');
    await discord.submitModal({ seen: modal, values: { reason: 'not this week' }, user: people.approver });
    const decided = await see(approvals, /Request \d+[\s\S]*not this week/);
    expect(decided.id).toBe(ask.id);
    expect(decided.buttons).toEqual([]);
  });

  test('a button asks before it stops something, and no means no', async () => {
    const given = await story.say('goal', { text: FIRST_DOLLAR });
    const live = await vi.waitFor(() => {
      const found = discord.messagesIn(goals).find(({ text }) => text.includes(`Goal ${given.card.ref?.id}:`));
      if (!found?.buttons.some(({ label }) => label === 'Cancel')) throw new Error('no Cancel yet');
      return found;
    }, WAIT);
    const asked = await discord.click({ message: live, label: 'Cancel', user: people.operator });
    expect(asked).toMatchObject({ ack: 'message', ephemeral: true });
    expect(asked.text).toMatch(/Are you sure\?[\s\S]*Stop everything on goal \d+\?/);
    if (asked.message === null) throw new Error('no question was asked');
    const kept = await discord.click({ message: asked.message, label: 'No', user: people.operator });
    expect(kept.text).toContain('Nothing was done');
    const again = await discord.click({ message: live, label: 'Cancel', user: people.operator });
    if (again.message === null) throw new Error('no question was asked');
    await discord.click({ message: again.message, label: 'Yes: Cancel', user: people.operator });
    await vi.waitFor(() => expect(discord.messagesIn(goals).find(({ id }) => id === live.id)?.text).toContain('cancelled'), WAIT);
  });

  test('a click that is not allowed is answered privately and changes nothing', async () => {
    await story.say('goal', { text: FIRST_DOLLAR });
    const ask = await see(approvals, /Approve \d+/);
    const seen = await pressFirst(ask, people.viewer);
    const answer = await seen.answer();
    expect(answer).toMatchObject({ ephemeralTo: people.viewer.id, text: expect.stringContaining('approver') });
    expect(discord.messagesIn(approvals).find(({ id }) => id === ask.id)?.text).toMatch(/Approve \d+/);
    await pressFirst(ask, people.approver);
    await see(approvals, /Request \d+[\s\S]*approved/);
  });

  test('in a goal’s thread an answer to the bot reaches that goal; words nobody could read are said to be so', async () => {
    const said = discord.say({ channel: goals, user: people.operator, content: `goal ${FIRST_DOLLAR}`, mentionsBot: true });
    const live = await see(said.id, /Goal \d+/);
    const goalId = Number(/Goal (\d+)/.exec(live.text)?.[1]);
    discord.say({ channel: said.id, user: people.operator, content: 'please be quick', replyTo: live });
    await vi.waitFor(async () => {
      const [row] = await story.rows<{ notes: unknown }>('select notes from goal where id = $1', [goalId]);
      expect(JSON.stringify(row?.notes)).toContain('please be quick');
    }, WAIT);
    const unread = discord.say({ channel: said.id, user: people.operator, content: 'and cheap', replyTo: live, pingsAuthor: false });
    const answer = await see(said.id, /could not read that/);
    expect(answer.replyTo).toBe(unread.id);
  });

  test('a goal given in a conversation goes on there: an answer to its card belongs to it', async () => {
    const said = discord.directMessage(people.operator, `goal ${FIRST_DOLLAR}`);
    const direct = said.channelId;
    const live = await see(direct, /Goal \d+/, people.operator);
    const goalId = Number(/Goal (\d+)/.exec(live.text)?.[1]);
    await vi.waitFor(async () => {
      expect(await story.rows(`select 1 from goal_thread where goal_id = $1 and thread is not null`, [goalId])).toHaveLength(1);
    }, WAIT);
    discord.say({ channel: direct, user: people.operator, content: 'mind the budget', replyTo: live });
    await vi.waitFor(async () => {
      const [row] = await story.rows<{ notes: unknown }>('select notes from goal where id = $1', [goalId]);
      expect(JSON.stringify(row?.notes)).toContain('mind the budget');
    }, WAIT);
  });

  test('an outsider’s mention is answered in a direct message, nothing in the channel', async () => {
    const said = discord.say({ channel: goals, user: people.outsider, content: 'earn a million', mentionsBot: true });
    const direct = await vi.waitFor(() => {
      const found = discord.journal.messages.find(({ text, at }) => text.includes(`discord:${people.outsider.id}`) && at >= said.at);
      if (found === undefined) throw new Error('no answer yet');
      return found;
    }, WAIT);
    expect(discord.place(direct.channelId)).toMatchObject({ type: 1, recipientId: people.outsider.id });
    expect(discord.messagesIn(goals).filter(({ replyTo }) => replyTo === said.id)).toEqual([]);
  });

  test('a direct message is answered there', async () => {
    const said = discord.directMessage(people.viewer, 'status');
    await vi.waitFor(() => {
      const answers = discord.messagesIn(said.channelId, people.viewer).filter(({ authorId }) => authorId === discord.bot.id);
      expect(answers).toHaveLength(1);
    }, WAIT);
  });

  test('the same words delivered again are answered once; other bots are not heard', async () => {
    const said = discord.say({ channel: goals, user: people.viewer, content: 'goals', mentionsBot: true });
    const answers = () => discord.messagesIn(goals).filter(({ replyTo }) => replyTo === said.id);
    await vi.waitFor(() => expect(answers()).toHaveLength(1), WAIT);
    discord.duplicate(said);
    const robot = discord.addPerson('Robot', { bot: true });
    const other = discord.say({ channel: goals, user: robot, content: 'goals', mentionsBot: true });
    const last = discord.say({ channel: goals, user: people.viewer, content: 'status', mentionsBot: true });
    await vi.waitFor(() => expect(discord.messagesIn(goals).some(({ replyTo }) => replyTo === last.id)).toBe(true), WAIT);
    expect(answers()).toHaveLength(1);
    expect(discord.messagesIn(goals).some(({ replyTo }) => replyTo === other.id)).toBe(false);
  });
});

describe('connections', () => {
  test.each<[string, () => void]>([
    ['asked to reconnect', () => discord.reconnect()],
    ['told that its session is over', () => discord.invalidate()],
    ['cut off', () => discord.cut()],
  ])('after being %s it hears again', async (_, disturb) => {
    const seen = discord.journal.gateway.length;
    disturb();
    await vi.waitFor(
      () => expect(discord.journal.gateway.slice(seen).some(({ kind }) => kind !== 'closed' && kind !== 'heartbeat')).toBe(true),
      WAIT,
    );
    await vi.waitFor(() => expect(discord.connected).toBe(1), WAIT);
    const answer = await discord.command({ name: 'status', channel: goals, user: people.viewer });
    expect((await answer.answer()).text).toContain('### ');
  });

  test('a deleted card that still asks is posted again', async () => {
    await story.say('goal', { text: FIRST_DOLLAR });
    const ask = await see(approvals, /Approve \d+/);
    discord.deleteMessage(ask);
    const again = await see(approvals, /Approve \d+/);
    expect(again.id).not.toBe(ask.id);
  });

  test('of two processes one listens, and the other takes over within 5 seconds', { timeout: 60_000 }, async () => {
    const second = await startDiscordStory(story);
    try {
      await isReady(second);
      expect(discord.connected).toBe(1);
      await story.app.stop();
      const stopped = performance.now();
      await vi.waitFor(() => expect(discord.connected).toBe(1), WAIT);
      expect(performance.now() - stopped).toBeLessThan(5000);
      const answer = await discord.command({ name: 'status', channel: goals, user: people.viewer });
      expect((await answer.answer()).text).toContain('### ');
      await story.restart();
      await isReady(story);
      expect(discord.connected).toBe(1);
    } finally {
      await second.stop();
    }
    await vi.waitFor(() => expect(discord.connected).toBe(1), WAIT);
  });

  test('when the database cuts the holder off, somebody listens again within 5 seconds', async () => {
    const holders = `select pid from pg_locks where locktype = 'advisory' and classid = 7703 and granted and database = (select oid from pg_database where datname = current_database())`;
    const [before] = await story.rows<{ pid: number }>(holders);
    await story.rows('select pg_terminate_backend($1)', [before?.pid]);
    await vi.waitFor(
      async () => {
        const [after] = await story.rows<{ pid: number }>(holders);
        expect(after?.pid ?? before?.pid).not.toBe(before?.pid);
        expect(discord.connected).toBe(1);
      },
      { timeout: 5_000, interval: 30 },
    );
    await isReady(story);
    const answer = await discord.command({ name: 'status', channel: goals, user: people.viewer });
    expect((await answer.answer()).text).toContain('### ');
  });

  test('a bot that was removed says so, and answers again once invited', async () => {
    const told = async () =>
      (await fetch(`http://127.0.0.1:${story.app.port}/readyz`).then((response) => response.json())) as { discord: string };
    discord.removeBot();
    await vi.waitFor(async () => expect((await told()).discord).toBe('down'), WAIT);
    discord.inviteBot();
    await vi.waitFor(async () => expect((await told()).discord).toBe('ok'), WAIT);
    expect((await (await discord.command({ name: 'status', channel: goals, user: people.viewer })).answer()).text).toContain('### ');
  });
});
