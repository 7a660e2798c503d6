// The outbox goes out to chat platforms: each message once, in its goal's thread, edited in place, around what cannot be reached.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { openPostRoom, type PostRoom } from '../../src/autonomy/post-room.ts';
import type { Card } from '../../src/chat/card.ts';
import { DeliveryTrouble } from '../../src/chat/channel.ts';
import { postMessage } from '../../src/chat/outbox-store.ts';
import { Secret } from '../../src/core/secret.ts';
import { PRESENCE_LOCK } from '../../src/db/presence.ts';
import type { Deps } from '../../src/flows/deps.ts';
import { noteDeleted } from '../../src/flows/lost-cards.ts';
import type { SlackConfig } from '../../src/platform-config.ts';
import { createRecordedChannel, type RecordedChannel } from '../support/recorded-channel.ts';
import { type Story, startStory } from '../support/story.ts';

const STATES = process.env['JUG_TEST_LONG'] === '1' ? 1000 : 250;
const CHANNELS = { goals: 'C-goals', approvals: 'C-asks', experiments: 'C-goals', revenue: 'C-money' };
const slack = (channels: SlackConfig['channels'] = CHANNELS): SlackConfig => ({
  botToken: new Secret('xoxb-1'),
  door: { kind: 'http', signingSecret: new Secret('s') },
  apiUrl: null,
  channels,
});

let story: Story | undefined;
const rooms: PostRoom[] = [];
const ears: pg.Client[] = [];

afterEach(async () => {
  await Promise.all(ears.splice(0).map((ear) => ear.end()));
  await Promise.all(rooms.splice(0).map((room) => room.stop()));
  await story?.stop();
  story = undefined;
});

interface Opened {
  deps: Deps;
  channel: RecordedChannel;
}

async function open(
  options: { approvers?: string[]; owners?: string[]; channels?: SlackConfig['channels']; channel?: RecordedChannel } = {},
): Promise<Opened> {
  story ??= await startStory({ seed: 166 });
  const own = story.app.deps;
  const people = { ...own.config.people, approvers: options.approvers ?? [], owners: options.owners ?? [] };
  const deps = { ...own, config: { ...own.config, slack: slack(options.channels), people } };
  const channel = options.channel ?? createRecordedChannel('slack');
  const room = await openPostRoom(deps, [channel], 'a database');
  rooms.push(room);
  // As a process does: the room looks when the database tells, and by itself when something is due.
  const ear = new pg.Client(story.database.connection);
  await ear.connect();
  ear.on('notification', room.onMessages);
  await ear.query('listen jug_message');
  ears.push(ear);
  return { deps, channel };
}

const card = (title: string, more: Partial<Card> = {}): Card => ({ title, tone: 'info', ...more });
const say = (
  deps: Deps,
  title: string,
  more: Partial<{ channel: 'goals' | 'approvals' | 'revenue'; key: string; card: Partial<Card> }> = {},
) => postMessage(deps.db, { channel: more.channel ?? 'goals', goalId: null, key: more.key ?? null, card: card(title, more.card) });
const shown = (channel: RecordedChannel): string[] => channel.messages.filter((one) => !one.deleted).map((one) => one.titles.at(-1) ?? '');
const soon = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 12_000, interval: 20 });

test('a goal is one thread: its live card is what the thread hangs on, edited in place; requests go to their channel and to approvers', async () => {
  const { channel } = await open({ approvers: ['slack:T1/U7'] });
  await story?.say('goal', { text: 'Earn the first practice dollar with a budget of $60' });
  const asked = await story?.card(/^Approve \d+/);
  await soon(() =>
    // Two channels, and no order between them.
    expect(
      channel.messages
        .filter((one) => one.titles.some((title) => title.startsWith('Approve ')))
        .map((one) => one.spot)
        .toSorted((one, other) => one.place.localeCompare(other.place)),
    ).toEqual([
      { place: 'C-asks', thread: null },
      { place: 'D-U7', thread: null },
    ]),
  );
  const [root] = channel.messages;
  expect(root?.spot).toEqual({ place: 'C-goals', thread: null });
  expect(channel.threads).toEqual([{ under: root?.remoteId, title: root?.titles[0] }]);
  await soon(() => expect(channel.messages.filter((one) => one.spot.thread === `thread-${root?.remoteId}`).length).toBeGreaterThan(0));

  await story?.say('approve', { id: asked?.ref?.id ?? 0 });
  const copies = () => channel.messages.filter((one) => one.titles[0]?.startsWith('Approve '));
  await soon(() =>
    expect(copies().map((one) => one.titles.at(-1))).toEqual([
      expect.stringMatching(/^Request \d+/),
      expect.stringMatching(/^Request \d+/),
    ]),
  );
  expect(new Set(channel.messages.map((one) => one.mark)).size).toBe(channel.messages.length);
  const told = await story?.rows<{ n: number }>(`select count(*)::int as n from message where goal_id = 1 and channel <> 'approvals'`);
  await soon(() => expect(channel.messages.filter((one) => one.spot.place === 'C-goals')).toHaveLength(told?.[0]?.n ?? -1));
}, 40_000);

test('what was said before the platform was connected is not told there', async () => {
  story = await startStory();
  await say(story.app.deps, 'old');
  const { deps, channel } = await open();
  await say(deps, 'new');
  await soon(() => expect(shown(channel)).toEqual(['new']));
});

test('a reminder goes to the approvers, the last one to the owners too', async () => {
  const { deps, channel } = await open({ approvers: ['slack:T1/U7'], owners: ['slack:T1/U1', 'discord:5'] });
  const asks = async (from: string) => say(deps, from, { channel: 'approvals', key: `${from}:1:0` });
  await asks('reminder');
  await asks('escalation');
  const places = (title: string): string[] => channel.messages.filter(({ titles }) => titles[0] === title).map(({ spot }) => spot.place);
  await soon(() => expect(places('escalation').toSorted()).toEqual(['C-asks', 'D-U1', 'D-U7']));
  await soon(() => expect(places('reminder').toSorted()).toEqual(['C-asks', 'D-U7']));
});

test('what is for the console only goes nowhere else', async () => {
  const { deps, channel } = await open();
  await postMessage(deps.db, { channel: 'goals', goalId: null, key: 'day', card: card('for the console'), consoleOnly: true });
  await say(deps, 'for everybody');
  await soon(() => expect(shown(channel)).toEqual(['for everybody']));
});

test('a flood of changes to one card is a few edits, and the last state wins', async () => {
  const { deps, channel } = await open();
  for (let index = 0; index < STATES; index += 1) await say(deps, `state ${index}`, { key: 'flood' });
  await soon(() => expect(shown(channel)).toEqual([`state ${STATES - 1}`]));
  const [message] = channel.messages;
  expect(channel.messages).toHaveLength(1);
  expect(message?.editedAt.length).toBeLessThanOrEqual(4);
  const times = [message?.postedAt ?? 0, ...(message?.editedAt ?? [])];
  for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? 0)).toBeGreaterThan(2_500);
}, 30_000);

test('new messages come one a second and channel, from two processes together', async () => {
  const { deps, channel } = await open();
  await open({ channel });
  for (let index = 0; index < 4; index += 1) await say(deps, `message ${index}`);
  await soon(() => expect(shown(channel)).toEqual(['message 0', 'message 1', 'message 2', 'message 3']));
  const times = channel.messages.map((one) => one.postedAt);
  for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? 0)).toBeGreaterThan(900);
}, 30_000);

test('a streamed message is continued by the process that streams it while that lives, and by any other afterwards', {
  timeout: 30_000,
}, async () => {
  const { deps, channel } = await open();
  const [streamer] = (await story?.rows<{ id: number }>(
    `insert into process (pool_id, host, pid) values ('streamer', 'here', 1) returning id::int`,
  )) ?? [{ id: 0 }];
  await say(deps, 'one', { key: 'streamed' });
  await soon(() => expect(shown(channel)).toEqual(['one']));
  // It lives as long as this connection.
  const alive = new pg.Client(story?.database.connection);
  await alive.connect();
  await alive.query(`select pg_advisory_lock(${PRESENCE_LOCK}, $1)`, [streamer?.id]);
  const hold = 'update delivery set held_by = $1, held_until = clock_timestamp() + $2::interval';
  await story?.rows(hold, [streamer?.id, '1 hour']);
  await say(deps, 'two', { key: 'streamed' });
  for (const title of ['other', 'another', 'a third']) await say(deps, title);
  // Said later and shown: the edit was passed over, its three seconds long over.
  await soon(() => expect(shown(channel)).toEqual(['one', 'other', 'another', 'a third']));
  await alive.end();
  await soon(async () =>
    expect(await story?.rows('select 1 from process where id = $1 and stopped_at is null', [streamer?.id])).toEqual([]),
  );
  await say(deps, 'three', { key: 'streamed' });
  await soon(() => expect(shown(channel)[0]).toBe('three'));
  // One's own stream is given more as often as it takes it.
  channel.streamPause = () => 100;
  await say(deps, 'four', { key: 'streamed' });
  await soon(() => expect(shown(channel)[0]).toBe('four'));
  // It is noted after it is shown.
  await soon(async () =>
    expect(
      await story?.rows(
        'select held_by::int, extract(epoch from next_at - clock_timestamp()) < 1 as soon from delivery order by id limit 1',
      ),
    ).toEqual([{ held_by: deps.processId, soon: true }]),
  );
});

test('a post whose answer was lost is found again, and not posted twice', async () => {
  const { deps, channel } = await open();
  let isFirst = true;
  channel.trouble = (call) => {
    if (call !== 'post' || !isFirst) return undefined;
    isFirst = false;
    return 'lost';
  };
  await say(deps, 'once');
  await soon(async () =>
    expect(await story?.rows('select sent_version as sent, attempt, trouble from delivery')).toEqual([
      { sent: 1, attempt: 0, trouble: null },
    ]),
  );
  expect(channel.messages).toHaveLength(1);
});

test('asked to wait, the whole channel waits as long as it was told', async () => {
  const { deps, channel } = await open();
  let refused = 0;
  channel.trouble = (call) => {
    if (call !== 'post' || refused > 0) return undefined;
    refused = performance.now();
    return new DeliveryTrouble('later', 'ratelimited', { waitMs: 2_000 });
  };
  await say(deps, 'first');
  await say(deps, 'second');
  await soon(() => expect(shown(channel)).toEqual(['first', 'second']));
  expect((channel.messages[0]?.postedAt ?? 0) - refused).toBeGreaterThan(1_900);
}, 20_000);

test('a deleted request is posted again, a deleted note is not', async () => {
  const { deps, channel } = await open();
  const buttons = [{ label: 'Approve', command: 'approve', args: { id: 1 }, style: 'primary' as const }];
  await say(deps, 'asks', { channel: 'approvals', card: { buttons } });
  await say(deps, 'tells', { channel: 'revenue' });
  await soon(() => expect(shown(channel).toSorted()).toEqual(['asks', 'tells']));
  await soon(async () => expect(await story?.rows('select 1 from delivery where remote_id is null')).toEqual([]));
  for (const message of channel.messages) {
    message.deleted = true;
    await noteDeleted(deps, { platform: 'slack', place: message.spot.place, remoteId: message.remoteId });
  }
  await soon(() => expect(shown(channel)).toEqual(['asks']));
  expect(await story?.rows(`select status, copy from delivery order by id`)).toEqual([
    { status: 'open', copy: 2 },
    { status: 'lost', copy: 1 },
  ]);
});

test('a thread that is locked or deleted costs the goal its thread, not the channel: the card opens another, and requests come there', async () => {
  const { deps, channel } = await open({ channels: { ...CHANNELS, approvals: null } });
  await story?.say('goal', { text: 'Earn the first practice dollar with a budget of $60' });
  const inThread = (at: number): string[] =>
    channel.messages.filter(({ spot }) => spot.thread === `thread-${channel.threads[at]?.under}`).map(({ titles }) => titles[0] ?? '');
  await soon(() => expect(inThread(0)).toContainEqual(expect.stringMatching(/^Approve /)));
  await soon(async () => expect(await story?.rows('select 1 from delivery where sent_version < wanted_version')).toEqual([]));
  const lost = `thread-${channel.threads[0]?.under}`;
  channel.trouble = (_call, spot) => (spot.thread === lost ? new DeliveryTrouble('thread_lost', 'This thread is locked.') : undefined);
  await story?.say('change', { id: 1, note: 'cheaper, please' });
  await say(deps, 'elsewhere in the channel');
  await soon(() => expect(inThread(1)).toContainEqual(expect.stringMatching(/^Request 1|^Approve /)));
  await soon(() => expect(shown(channel)).toContain('elsewhere in the channel'));
  expect(channel.messages.filter(({ titles }) => titles[0]?.startsWith('Goal 1:')).map(({ spot }) => spot)).toEqual([
    { place: 'C-goals', thread: null },
    { place: 'C-goals', thread: null },
  ]);
  expect(await story?.rows('select 1 from chat_place where unreachable_since is not null')).toEqual([]);
}, 40_000);

test('a channel that cannot be written to is said in status, and its cards are shown in another until it can be again', async () => {
  const { deps, channel } = await open();
  await say(deps, 'lies there', { channel: 'approvals', key: 'lies' });
  await soon(() => expect(shown(channel)).toEqual(['lies there']));
  let isArchived = true;
  channel.trouble = (_call, spot) =>
    isArchived && spot.place === 'C-asks' ? new DeliveryTrouble('unreachable', 'The channel is archived: unarchive it.') : undefined;
  await say(deps, 'first request', { channel: 'approvals' });
  await soon(() => expect(channel.messages.map((one) => one.spot.place)).toEqual(['C-asks', 'C-goals']));
  await say(deps, 'second request', { channel: 'approvals' });
  await say(deps, 'lies there, changed', { channel: 'approvals', key: 'lies' });
  await soon(() => expect(channel.messages.map((one) => one.spot.place)).toEqual(['C-asks', 'C-goals', 'C-goals', 'C-goals']));
  const status = (await story?.say('status'))?.card;
  expect(status?.tone).toBe('bad');
  expect(status?.text).toContain('slack C-asks cannot be written to');
  expect(status?.text).toContain('unarchive it');
  expect(await story?.card('Slack C-asks')).toMatchObject({ tone: 'bad', title: expect.stringContaining('cannot be written to') });

  isArchived = false;
  // One try that succeeds shows that the channel is open again; the others do not wait for their own.
  await story?.rows(`update delivery set next_at = clock_timestamp() where place = 'C-asks' and remote_id is null`);
  await story?.rows(`update chat_place set next_post_at = clock_timestamp()`);
  await story?.rows('notify jug_message');
  await soon(() =>
    expect(channel.messages.filter((one) => one.spot.place === 'C-asks').map((one) => one.titles)).toEqual([
      ['lies there', 'lies there, changed'],
      ['first request'],
    ]),
  );
  await soon(async () => expect((await story?.say('status'))?.card.text ?? '').not.toContain('cannot be written to'));
  await story?.card('Slack C-asks', ({ tone }) => tone === 'good');
}, 20_000);

test('a talk’s card goes to its own thread and nowhere else; with the thread it is over', async () => {
  const { deps, channel } = await open();
  const talk = await deps.db
    .insertInto('conversation')
    .values({ mode: 'practice', surface: 'slack', place: 'C9', thread: '17.1', person: 'slack:T1/U1', title: 'A talk' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const tell = (title: string) =>
    postMessage(deps.db, {
      channel: 'goals',
      goalId: null,
      key: 'answer:1',
      card: card(title),
      conversation: { id: talk.id, platform: 'slack' },
    });
  await tell('half');
  await soon(() => expect(channel.messages.map(({ spot }) => spot)).toEqual([{ place: 'C9', thread: '17.1' }]));
  channel.trouble = () => new DeliveryTrouble('thread_lost', 'This thread is locked.');
  await tell('whole');
  await soon(async () =>
    expect(await story?.rows('select status, leased_until from delivery')).toEqual([{ status: 'lost', leased_until: null }]),
  );
  expect(await story?.posts()).toEqual([]);
});
