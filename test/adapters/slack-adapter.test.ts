// The Slack adapter: real Bolt against the protocol double, within the whole app on a real database. What people do and then see.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { SLACK_EVENTS, SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import type { SlackMessage } from '../support/slack-double-model.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';

let slack: SlackDouble;
let story: Story;

const envOf = (double: SlackDouble): Record<string, string> => ({
  SLACK_BOT_TOKEN: double.botToken,
  SLACK_APP_TOKEN: double.appToken,
  SLACK_API_URL: double.apiUrl,
  SLACK_CHANNEL_GOALS: 'C1',
  SLACK_CHANNEL_APPROVALS: 'C2',
  JUG_OPERATORS: 'slack:T1/UOP',
  JUG_APPROVERS: 'slack:T1/UAPP,slack:T1/UAPP2',
  JUG_VIEWERS: 'slack:T1/UVIEW',
});

const startDouble = (): Promise<SlackDouble> =>
  startSlackDouble({
    scopes: Object.keys(SLACK_SCOPES),
    subscriptions: SLACK_EVENTS,
    channels: { C1: { name: 'goals' }, C2: { name: 'approvals' }, C3: { name: 'other' } },
  });

beforeAll(async () => {
  slack = await startDouble();
  story = await startStory({ env: envOf(slack) });
  await vi.waitFor(() => expect(slack.sockets()).toBe(2), 10_000);
});

afterEach(() => expect(slack.faults).toEqual([]));

afterAll(async () => {
  await story.stop();
  await slack.stop();
});

function see(channel: string, title: string | RegExp, thread?: string): Promise<SlackMessage> {
  return vi.waitFor(
    () => {
      const all = slack.posted(channel, thread);
      const found = all.findLast((message) => (typeof title === 'string' ? message.text.includes(title) : title.test(message.text)));
      if (found === undefined) throw new Error(`no "${title}" among: ${all.map((message) => message.text.slice(0, 60)).join(' | ')}`);
      return structuredClone(found);
    },
    { timeout: 15_000, interval: 25 },
  );
}

const answered = async (work: Promise<{ outcome: string }>): Promise<void> => expect((await work).outcome).toBe('ack');

test('words in a mention become a draft in a thread, and Start gives the goal its live card there', async () => {
  const said = await slack.mention({ channel: 'C1', user: 'UAPP', text: FIRST_DOLLAR });
  const draft = await see('C1', 'Draft goal', said.ts);
  expect(draft.text).toContain('Earn the first practice dollar');
  await answered(slack.click({ user: 'UAPP', on: draft, button: 'Start' }));
  await vi.waitFor(
    () =>
      expect(slack.posted('C1', said.ts).filter((message) => /Goal \d+: Earn/.test(message.text) && message.ts !== draft.ts)).toHaveLength(
        1,
      ),
    { timeout: 10_000 },
  );
  await vi.waitFor(() => {
    const replaced = slack.find('C1', draft.ts);
    expect(replaced?.text).not.toContain('Draft goal');
    expect(JSON.stringify(replaced?.blocks)).not.toContain('"actions"');
  });
  const request = await see('C2', /Approve \d+/);
  await slack.click({ user: 'UOP', on: request, button: 'Deny…' });
  const asked = await vi.waitFor(() => slack.modal('UOP') ?? expect.fail('no modal'));
  await answered(slack.submitView({ user: 'UOP', view: asked, values: { reason: 'too dear' } }));
  const refusal = await see('C2', 'Not allowed');
  expect(refusal.ephemeralTo).toBe('UOP');
});

test('an approver approves with one click; the card is edited in place and a second click is told privately', async () => {
  const request = await see('C2', /Approve \d+/);
  await answered(slack.click({ user: 'UAPP', on: request, button: 'jug-0' }));
  await vi.waitFor(() => expect(slack.find('C2', request.ts)?.text).toMatch(/Request \d+/), 10_000);
  await slack.click({ user: 'UAPP2', on: request, button: 'jug-0' });
  const late = await vi.waitFor(() => slack.posted('C2').find((message) => message.ephemeralTo === 'UAPP2') ?? expect.fail('no answer'));
  expect(late.text).toMatch(/Too late|already|approved/i);
  const approved = await story.rows("select 1 from audit where action like 'approval.%' and actor = 'slack:T1/UAPP'");
  expect(approved.length).toBeGreaterThan(0);
});

test('a denial asks for its reason in a modal and needs one', async () => {
  await answered(slack.slash({ channel: 'C1', user: 'UAPP', text: `goal ${FIRST_DOLLAR}` }));
  await see('C1', /Goal \d+: Earn/);
  const request = await vi.waitFor(
    () => slack.posted('C2').find((message) => /Approve \d+/.test(message.text) && !message.deleted) ?? expect.fail('no request'),
    { timeout: 15_000 },
  );
  await slack.click({ user: 'UAPP', on: request, button: 'Deny…' });
  const asked = await vi.waitFor(() => slack.modal('UAPP') ?? expect.fail('no modal'));
  const empty = await slack.submitView({ user: 'UAPP', view: asked, values: { reason: ' ' } });
  expect(JSON.stringify(empty.body)).toContain('This is needed.');
  await answered(slack.submitView({ user: 'UAPP', view: asked, values: { reason: 'not <!channel> now' } }));
  await vi.waitFor(() => expect(slack.find('C2', request.ts)?.text).toContain('denied'), 10_000);
  expect(slack.find('C2', request.ts)?.pings).toEqual([]);
});

test('a slash command is answered privately; without words it shows the menu', async () => {
  await answered(slack.slash({ channel: 'C3', user: 'UVIEW', text: '' }));
  expect((await see('C3', 'What you can say')).ephemeralTo).toBe('UVIEW');
  await answered(slack.slash({ channel: 'C3', user: 'UVIEW', text: 'approve 1' }));
  expect((await see('C3', 'Not allowed')).ephemeralTo).toBe('UVIEW');
});

test.each([
  ['somebody unknown', { user: 'UOUT', team: 'T1' }],
  ['the operator of another workspace', { user: 'UOP', team: 'T2' }],
])('%s gets a private answer with their id and nothing happens', async (_, person) => {
  const before = await story.rows('select id from goal');
  await answered(slack.mention({ channel: 'C3', text: `goal ${FIRST_DOLLAR}`, ...person }));
  const told = await vi.waitFor(
    () => slack.posted('C3').findLast((message) => message.ephemeralTo === person.user) ?? expect.fail('no answer'),
  );
  expect(told.text).toContain(`slack:${person.team}/${person.user}`);
  expect(await story.rows('select id from goal')).toHaveLength(before.length);
});

test('a private answer that Slack does not take at once is given again, and once', async () => {
  slack.failNext('response_url', { status: 503 }, 2);
  const before = slack.posted('C3').length;
  await answered(slack.slash({ channel: 'C3', user: 'UVIEW', text: 'status' }));
  await see('C3', /Idle|Working|Paused/);
  expect(slack.posted('C3').slice(before)).toHaveLength(1);
});

test('three deliveries of one event are one draft', async () => {
  const said = await slack.mention({ channel: 'C3', user: 'UOP', text: 'write me something odd' });
  await slack.deliver(said.payload, 3);
  await see('C3', 'Draft goal', said.ts);
  await slack.slash({ channel: 'C3', user: 'UVIEW', text: 'status' });
  await vi.waitFor(() => expect(slack.posted('C3').some((message) => message.ephemeralTo === 'UVIEW')).toBe(true));
  expect(slack.posted('C3', said.ts)).toHaveLength(1);
});

test('talk that names nobody is left alone, a reply in the goal thread reaches the goal', async () => {
  const [thread] = await story.rows<{ goal_id: number; thread: string }>(
    "select goal_id, thread from goal_thread where place = 'C1' and thread is not null order by goal_id limit 1",
  );
  const talk = await slack.mention({ channel: 'C3', user: 'UOUT', text: 'hello' });
  await slack.reply({ channel: 'C3', user: 'UOP', text: 'what is this bot?', thread: talk.ts });
  await answered(slack.reply({ channel: 'C1', user: 'UOP', text: 'cancel', thread: thread?.thread ?? '' }));
  await vi.waitFor(async () => {
    const [goal] = await story.rows<{ status: string }>('select status from goal where id = $1', [thread?.goal_id]);
    expect(['cancelled', 'done']).toContain(goal?.status);
  });
  expect(slack.posted('C3', talk.ts).filter((message) => message.ephemeralTo === null)).toEqual([]);
});

test('a direct message is answered under it', async () => {
  const said = await slack.directMessage({ user: 'UVIEW', text: 'status' });
  expect((await see(said.channel, /Idle|Working|Paused/, said.ts)).ephemeralTo).toBeNull();
});

test('the home tab shows what runs and waits, its buttons answer in a window; the messages tab suggests goals', async () => {
  await slack.openHome('UVIEW');
  const home = await vi.waitFor(() => slack.home('UVIEW') ?? expect.fail(`no home: ${JSON.stringify(slack.faults)}`), 15_000);
  expect(JSON.stringify(home.blocks)).toMatch(/[Ee]xperiment/);
  expect(JSON.stringify(home.blocks)).toMatch(/Idle|Working/);
  expect(JSON.stringify(home.blocks)).toMatch(/waiting|Nothing waits/);
  await slack.openHome('UVIEW', 'messages');
  const [prompts] = await vi.waitFor(() => {
    const calls = slack.calls('assistant.threads.setSuggestedPrompts');
    expect(calls).toHaveLength(1);
    return calls;
  });
  expect(prompts?.args).toHaveProperty('prompts');
  expect(prompts?.args).not.toHaveProperty('thread_ts');
});

test('Slack asks for a refresh of both sockets at once: new ones stand before the old ones go, and no click is lost', async () => {
  const opened = slack.calls('apps.connections.open').length;
  slack.refreshSockets();
  const asked = await Promise.all(Array.from({ length: 30 }, () => slack.slash({ channel: 'C3', user: 'UVIEW', text: 'budget' })));
  expect(asked.map(({ outcome }) => outcome)).toEqual(asked.map(() => 'ack'));
  await vi.waitFor(() => expect(slack.calls('apps.connections.open')).toHaveLength(opened + 2), 5_000);
  await answered(slack.slash({ channel: 'C3', user: 'UVIEW', text: 'budget' }));
  await see('C3', 'Budget');
  await vi.waitFor(() => expect(slack.sockets()).toBe(2), 10_000);
});

test('one socket is cut: the other hears on while it comes back', async () => {
  slack.cutSockets();
  await vi.waitFor(() => expect(slack.sockets()).toBe(2), { timeout: 5_000, interval: 10 });
  await answered(slack.slash({ channel: 'C3', user: 'UVIEW', text: 'help approve' }));
  await see('C3', 'approve');
});

test('a deleted request is posted again, and an archived channel is said', { timeout: 60_000 }, async () => {
  await story.say('goal', { text: FIRST_DOLLAR });
  const request = await vi.waitFor(
    () => slack.posted('C2').find(({ text }) => /Approve \d+/.test(text)) ?? expect.fail('no request'),
    15_000,
  );
  const again = () => slack.posted('C2').filter(({ text, ts }) => /Approve \d+/.test(text) && ts > request.ts);
  slack.deleteMessage('C2', request.ts);
  await vi.waitFor(() => expect(again()).toHaveLength(1), 15_000);
  await slack.archive('C2');
  await vi.waitFor(async () => {
    const [place] = await story.rows<{ why: string }>("select why from chat_place where place = 'C2' and unreachable_since is not null");
    expect(place?.why).toMatch(/archived/);
  }, 10_000);
});

test('an outage is said in /readyz and ends by itself; stopping in the middle of one is quiet', async () => {
  const double = await startDouble();
  const own = await startStory({ env: envOf(double) });
  const ready = async () => ((await (await fetch(`http://127.0.0.1:${own.app.port}/readyz`)).json()) as { slack: string }).slack;
  await vi.waitFor(async () => expect(await ready()).toBe('ok'), 10_000);
  await double.stop();
  await vi.waitFor(async () => expect(await ready()).toBe('down'), 10_000);
  await double.restart();
  await vi.waitFor(async () => expect(await ready()).toBe('ok'), 15_000);
  await double.stop();
  await vi.waitFor(async () => expect(await ready()).toBe('down'), 10_000);
  const started = performance.now();
  await own.stop();
  expect(performance.now() - started).toBeLessThan(9_000);
});

test('stopping while the sockets come back is quiet', async () => {
  const double = await startDouble();
  const own = await startStory({ env: envOf(double) });
  await vi.waitFor(() => expect(double.sockets()).toBe(2), 10_000);
  const opened = double.calls('apps.connections.open').length;
  double.cutSockets();
  await vi.waitFor(() => expect(double.calls('apps.connections.open').length).toBeGreaterThan(opened), { timeout: 5_000, interval: 1 });
  await own.stop();
  await vi.waitFor(() => expect(double.sockets()).toBe(0), 5_000);
  await double.stop();
});
