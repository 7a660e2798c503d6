// The outbox's side of Discord, by real discord.js against the local double: post, edit, find again, threads, and every kind of trouble.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDiscordChannel } from '../../src/adapters/discord/discord-channel.ts';
import { createPlaces } from '../../src/adapters/discord/places.ts';
import { createRest, keepToken } from '../../src/adapters/discord/rest.ts';
import type { Card } from '../../src/chat/card.ts';
import { type ChatChannel, DeliveryTrouble } from '../../src/chat/channel.ts';
import { Secret } from '../../src/core/secret.ts';
import type { DiscordConfig } from '../../src/platform-config.ts';
import { type DiscordDouble, startDiscordDouble } from '../support/discord-double.ts';

let discord: DiscordDouble;
let channel: ChatChannel;
let place: string;

const card = (title: string, more: Partial<Card> = {}): Card => ({ title, tone: 'info', ...more });

const marked = (mark: string) => ({ card: card('any'), mark });

function open(token = discord.token): ChatChannel {
  const none = { goals: null, approvals: null, experiments: null, revenue: null };
  const config: DiscordConfig = {
    token: new Secret(token),
    applicationId: discord.applicationId,
    guildId: discord.guildId,
    apiUrl: discord.apiUrl,
    channels: none,
    readsMessages: false,
  };
  const rest = createRest(config, { mayWait: false });
  return createDiscordChannel({ rest, places: createPlaces(rest), publicUrl: null, onError: (error) => keepToken(rest, config, error) });
}

async function troubleOf(work: Promise<unknown>): Promise<DeliveryTrouble> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DeliveryTrouble);
  return error as DeliveryTrouble;
}

beforeEach(async () => {
  discord = await startDiscordDouble();
  channel = open();
  place = discord.channel('general');
});

afterEach(async () => {
  await discord.stop();
});

describe('messages', () => {
  test('a card is posted, edited in place and found again by its mark', async () => {
    const spot = { place, thread: null };
    const since = new Date();
    const id = await channel.post(spot, { card: card('First'), mark: 'a1b2c3.1.0' });
    await channel.post(spot, { card: card('Other'), mark: 'a1b2c3.2.0' });
    await channel.edit(spot, id, { card: card('Second', { text: 'Now **done**.' }), mark: 'a1b2c3.1.0' });
    expect(discord.messagesIn(place).map(({ text }) => text.split('\n')[0])).toEqual(['### Second', '### Other']);
    expect(await channel.find(spot, marked('a1b2c3.1.0'), since)).toBe(id);
    expect(await channel.find(spot, marked('a1b2c3.9.0'), since)).toBeNull();
    expect(discord.journal.faults).toEqual([]);
  });

  test('the same mark posted twice is one message', async () => {
    const spot = { place, thread: null };
    const letter = { card: card('Once'), mark: 'a1b2c3.1.0' };
    expect(await channel.post(spot, letter)).toBe(await channel.post(spot, letter));
    expect(discord.messagesIn(place)).toHaveLength(1);
  });

  test('somebody else’s message is never taken for ours', async () => {
    const user = discord.addPerson('Ann');
    discord.say({ channel: place, user, content: 'a1b2c3.1.0' });
    expect(await channel.find({ place, thread: null }, marked('a1b2c3.1.0'), new Date())).toBeNull();
  });

  test('a message is found behind more than one page of newer ones', { timeout: 60_000 }, async () => {
    const since = new Date();
    const user = discord.addPerson('Ann');
    for (let at = 0; at < 150; at += 1) discord.say({ channel: place, user, content: `word ${at}` });
    const id = await channel.post({ place, thread: null }, { card: card('Here'), mark: 'a1b2c3.1.0' });
    for (let at = 0; at < 120; at += 1) discord.say({ channel: place, user, content: `word ${at}` });
    expect(await channel.find({ place, thread: null }, marked('a1b2c3.1.0'), since)).toBe(id);
  });

  test('a chart comes as a picture with words beside it, and an edit without one takes it away', async () => {
    const chart = {
      kind: 'line' as const,
      title: 'Profit',
      series: [
        {
          name: 'USD',
          points: [
            { x: 'Mon', y: 1 },
            { x: 'Tue', y: 3 },
          ],
        },
      ],
    };
    const spot = { place, thread: null };
    const id = await channel.post(spot, { card: card('Week', { chart }), mark: 'm' });
    const [posted] = discord.messagesIn(place);
    expect(posted?.files).toMatchObject([{ name: 'chart.png', type: 'image/png' }]);
    expect(posted?.files[0]?.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(JSON.stringify(posted?.components)).toContain('2 points from Mon to Tue');
    await channel.edit(spot, id, { card: card('Week'), mark: 'm' });
    expect(discord.messagesIn(place)[0]?.files).toEqual([]);
    expect(discord.journal.faults).toEqual([]);
  });

  test('what is too long comes whole as a file, and its buttons stay', async () => {
    const text = Array.from({ length: 600 }, (_, at) => `line ${at}`).join('\n');
    const buttons = [{ label: 'Approve', command: 'approve', args: { id: 1 }, style: 'primary' as const }];
    await channel.post({ place, thread: null }, { card: card('Long', { text, buttons }), mark: 'm' });
    const [posted] = discord.messagesIn(place);
    expect(posted?.files[0]?.bytes.toString()).toContain('line 599');
    expect(posted?.buttons.map(({ label }) => label)).toEqual(['Approve']);
    expect(discord.journal.faults).toEqual([]);
  });

  test('nothing in a card pings anybody', async () => {
    const user = discord.addPerson('Ann');
    const nasty = `@everyone <@${user.id}> <@&${discord.guildId}> [win](https://evil.example) \u202Eabc`;
    const rows = [[nasty, 'x']];
    await channel.post(
      { place, thread: null },
      { card: card(nasty, { text: nasty, fields: [{ label: nasty, value: nasty }], table: { columns: ['a', 'b'], rows } }), mark: 'm' },
    );
    expect(discord.messagesIn(place)[0]?.pings).toEqual([]);
    expect(discord.messagesIn(place)[0]?.text).not.toMatch(/\]\(https/);
  });
});

describe('threads and conversations', () => {
  test('a goal’s thread hangs on its message; asked twice it is the same one', async () => {
    const spot = { place, thread: null };
    const id = await channel.post(spot, { card: card('Goal 1'), mark: 'm' });
    const thread = await channel.openThread(spot, id, `Goal 1: ${'earn '.repeat(40)}`);
    expect(await channel.openThread(spot, id, 'Goal 1')).toBe(thread);
    expect(discord.place(thread)).toMatchObject({ parentId: place, type: 11 });
    expect(discord.place(thread).name.length).toBeLessThanOrEqual(100);
    const inside = await channel.post({ place, thread }, { card: card('Task'), mark: 'n' });
    expect(discord.messagesIn(thread).map(({ id: each }) => each)).toContain(inside);
    expect(discord.journal.faults).toEqual([]);
  });

  test('an archived thread is opened again to post and to edit', async () => {
    const spot = { place, thread: null };
    const thread = await channel.openThread(spot, await channel.post(spot, { card: card('Goal'), mark: 'm' }), 'Goal');
    const id = await channel.post({ place, thread }, { card: card('One'), mark: 'n' });
    discord.archive(thread);
    await channel.edit({ place, thread }, id, { card: card('Two'), mark: 'n' });
    discord.archive(thread);
    await channel.post({ place, thread }, { card: card('Three'), mark: 'o' });
    expect(discord.messagesIn(thread).map(({ text }) => text)).toEqual(['### Two', '### Three']);
  });

  test('in a conversation what belongs to a goal answers its first message', async () => {
    const user = discord.addPerson('Ann');
    const direct = await channel.directPlace(user.id);
    const root = await channel.post({ place: direct, thread: null }, { card: card('Goal'), mark: 'm' });
    const thread = await channel.openThread({ place: direct, thread: null }, root, 'Goal');
    await channel.post({ place: direct, thread }, { card: card('Question'), mark: 'n' });
    expect(discord.messagesIn(direct, user).at(-1)).toMatchObject({ text: '### Question', replyTo: root });
    expect(discord.journal.faults).toEqual([]);
  });
});

describe('trouble', () => {
  const route = 'POST /channels/:channel/messages';
  const post = () => channel.post({ place, thread: null }, { card: card('x'), mark: 'm' });

  test('a rate limit is said with its wait, and the call is not made again', async () => {
    discord.limitNext(route, 7);
    const trouble = await troubleOf(post());
    expect(trouble.problem).toBe('later');
    expect(trouble.waitMs).toBeGreaterThanOrEqual(7000);
    expect(discord.journal.requests.filter((request) => request.route === route)).toHaveLength(1);
  });

  test('a Discord that is away or broken is for later, tried once', async () => {
    discord.failNext(route, { status: 503 });
    expect(await troubleOf(post())).toMatchObject({ problem: 'later', waitMs: null });
    expect(discord.journal.requests.filter((request) => request.route === route)).toHaveLength(1);
    await discord.stop();
    expect(await troubleOf(post())).toMatchObject({ problem: 'later' });
  });

  test('a deleted message is gone', async () => {
    const id = await post();
    const [message] = discord.messagesIn(place);
    if (message !== undefined) discord.deleteMessage(message);
    expect(await troubleOf(channel.edit({ place, thread: null }, id, { card: card('y'), mark: 'm' }))).toMatchObject({ problem: 'gone' });
  });

  test('a deleted or locked thread takes its messages with it, not its channel', async () => {
    const spot = { place, thread: null };
    const thread = await channel.openThread(spot, await post(), 'Goal');
    const id = await channel.post({ place, thread }, { card: card('One'), mark: 'n' });
    const lost = async () => {
      expect(await troubleOf(channel.edit({ place, thread }, id, { card: card('Two'), mark: 'n' }))).toMatchObject({
        problem: 'thread_lost',
      });
      expect(await troubleOf(channel.post({ place, thread }, { card: card('Three'), mark: 'p' }))).toMatchObject({
        problem: 'thread_lost',
      });
    };
    discord.archive(thread, { locked: true });
    await lost();
    discord.deleteChannel(thread);
    await lost();
    expect(await troubleOf(channel.find({ place, thread }, marked('n'), new Date()))).toMatchObject({ problem: 'thread_lost' });
  });

  test('channels that cannot be written to say what to do', async () => {
    discord.deny(place, ['SEND_MESSAGES']);
    expect(await troubleOf(post())).toMatchObject({ problem: 'unreachable', message: expect.stringContaining('Send Messages') });
    discord.deny(place, ['VIEW_CHANNEL']);
    expect(await troubleOf(post())).toMatchObject({ problem: 'unreachable', message: expect.stringContaining('View Channel') });
    discord.deleteChannel(place);
    expect(await troubleOf(post())).toMatchObject({ problem: 'unreachable', message: expect.stringContaining('no longer exists') });
  });

  test('a person who takes no direct messages is out of reach, and how to change that is said', async () => {
    const user = discord.addPerson('Ann', { refusesDirect: true });
    const direct = await channel.directPlace(user.id);
    const trouble = await troubleOf(channel.post({ place: direct, thread: null }, { card: card('x'), mark: 'm' }));
    expect(trouble).toMatchObject({ problem: 'unreachable', message: expect.stringContaining('privacy settings') });
  });

  test('a wrong token is named, and is not forgotten: the next call still says so', async () => {
    channel = open('wrong');
    for (let time = 0; time < 2; time += 1)
      expect(await troubleOf(post())).toMatchObject({ problem: 'unreachable', message: expect.stringContaining('DISCORD_TOKEN') });
  });

  test('what Discord does not take is refused, with its reason', async () => {
    const trouble = await troubleOf(channel.post({ place, thread: null }, { card: card('x'), mark: 'far too long a mark for a nonce' }));
    expect(trouble.problem).toBe('refused');
  });
});
