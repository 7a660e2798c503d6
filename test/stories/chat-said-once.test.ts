// What is said once counts once, however often a platform delivers it: at once, after a slow answer, after a restart, to two processes.
import { afterEach, expect, test, vi } from 'vitest';
import { postToSlackDoor, signForSlack } from '../support/chat-signing.ts';
import { type ChatStory, discordCard, readyBoth, see, slackCard, startChatStory } from '../support/chat-story.ts';
import { PERMISSIONS } from '../support/discord-double-permissions.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';
import { farLaunches } from '../support/witnesses.ts';

let chat: ChatStory | undefined;
let second: Story | undefined;
afterEach(async () => {
  await second?.stop();
  await chat?.stop();
  chat = undefined;
  second = undefined;
});

const soon = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 15_000, interval: 30 });
const goalTexts = async (story: Story): Promise<string[]> =>
  (await story.rows<{ request: string }>('select request from goal order by id')).map(({ request }) => request);

/** Somebody else's question, said after everything else and answered: what came before was heard, and what it began is there. */
async function sayStatus({ slack, discord, people }: ChatStory): Promise<void> {
  const answers = (): number => slack.posted('C3').filter(({ ephemeralTo }) => ephemeralTo === 'UVIEWER').length;
  const before = answers();
  // Deliveries go to the sockets in turn: as many questions as sockets are heard on each of them.
  const questions = Math.max(1, slack.sockets());
  for (let at = 0; at < questions; at += 1) await slack.slash({ user: 'UVIEWER', channel: 'C3', text: 'budget' });
  await soon(() => expect(answers()).toBe(before + questions));
  const seen = await vi.waitFor(() => discord.command({ name: 'status', channel: discord.channel('other'), user: people.viewer }), 10_000);
  await seen.answer(10_000);
}

test('three deliveries of one event are one goal, over sockets, with a restart in between, and over two processes', {
  timeout: 90_000,
}, async () => {
  chat = await startChatStory({ seed: 1 });
  const { slack, story, env } = chat;
  const text = 'goal write a line, once';
  const [said] = await Promise.all([
    slack.mention({ channel: 'C1', user: 'UOPERATOR', text, eventId: 'EvOnce1' }),
    slack.mention({ channel: 'C1', user: 'UOPERATOR', text: 'goal write another line', eventId: 'EvOther1' }),
  ]);
  await slack.deliver(said.payload, 3);
  await soon(async () => expect((await goalTexts(story)).toSorted()).toEqual(['write a line, once', 'write another line']));
  await story.restart();
  await readyBoth(story);
  await soon(() => expect(slack.sockets()).toBe(2));
  expect((await slack.deliver(said.payload, 3)).map(({ outcome }) => outcome)).toEqual(['ack', 'ack', 'ack']);
  await sayStatus(chat);

  second = await startStory({ share: story.database, env });
  await soon(() => expect(slack.sockets()).toBe(4));
  await slack.deliver(said.payload, 8);
  const fresh = await slack.mention({ channel: 'C1', user: 'UOPERATOR', text: 'goal write a third line', eventId: 'EvOnce2' });
  await Promise.all([slack.deliver(fresh.payload, 8), slack.deliver(fresh.payload, 8)]);
  await sayStatus(chat);
  expect((await goalTexts(story)).toSorted()).toEqual(['write a line, once', 'write a third line', 'write another line']);
  expect(slack.faults).toEqual([]);
});

test('the same over signed HTTP: an event that comes again with another signature, also after a restart, is one goal', {
  timeout: 60_000,
}, async () => {
  chat = await startChatStory({ seed: 1, http: true });
  const { slack, story } = chat;
  const said = await slack.mention({ channel: 'C1', user: 'UOPERATOR', text: 'goal write a line, once', eventId: 'EvHttp1' });
  // A new second makes a new signature: nothing but the event's own id tells that it is the same.
  const again = (at: number) =>
    slack.sendEvent(said.payload['event'] as Record<string, unknown>, { eventId: 'EvHttp1', wire: { timestampOffset: at } });
  expect((await Promise.all([again(1), again(2), again(-3)])).map(({ outcome }) => outcome)).toEqual(['ack', 'ack', 'ack']);
  await soon(async () => expect(await goalTexts(story)).toEqual(['write a line, once']));
  await story.restart();
  slack.deliverTo(`http://127.0.0.1:${story.app.port}/slack/events`);
  await readyBoth(story);
  expect((await Promise.all([again(4), again(5), again(6)])).map(({ outcome }) => outcome)).toEqual(['ack', 'ack', 'ack']);
  await sayStatus(chat);
  expect(await goalTexts(story)).toEqual(['write a line, once']);
  expect(slack.faults).toEqual([]);
});

test('a double click, two people and a form sent twice are one decision and one effect', { timeout: 60_000 }, async () => {
  chat = await startChatStory({ seed: 166 });
  const { slack, discord, people, story } = chat;
  await story.say('goal', { text: FIRST_DOLLAR });
  const asks = discord.channel('approvals');
  const inSlack = await see(() => slackCard(slack, 'C2', /Approve \d+/), 'the request in Slack');
  const inDiscord = await see(() => discordCard(discord, asks, /Approve \d+/), 'the request in Discord');
  await slack.click({ user: 'UAPPROVER', on: inSlack, button: 'Deny…' });
  const form = await see(() => slack.modal('UAPPROVER'), 'the form');
  const yes = { user: 'UAPPROVER', on: inSlack, button: 'Approve $60.00' };
  await Promise.all([
    slack.click(yes),
    slack.click(yes),
    slack.click(yes),
    ...Array.from({ length: 3 }, () => discord.click({ message: inDiscord, label: 'Approve $60.00', user: people.approver })),
    slack.submitView({ user: 'UAPPROVER', view: form, values: { reason: 'no' } }),
  ]);
  await soon(async () => {
    const told = slack.posted('C2').filter(({ ephemeralTo, text }) => ephemeralTo === 'UAPPROVER' && /Too late/.test(text));
    const toldInDiscord = discord
      .messagesIn(asks, people.approver)
      .filter(({ ephemeralTo, text }) => ephemeralTo !== null && /Too late/.test(text));
    // Seven acts, one of which counted; everybody else was told who decided.
    expect(told.length + toldInDiscord.length).toBe(6);
  });
  const decisions = await story.rows(
    `select 1 from audit where subject_kind = 'approval' and action in ('approval.approved', 'approval.denied')`,
  );
  expect(decisions).toHaveLength(1);
  const [request] = await story.rows<{ status: string }>('select status from approval');
  if (request?.status === 'approved')
    await story.card(/^Request \d+/, (card) => card.table?.rows.every((row) => row[3]?.startsWith('done')) === true);
  const launches = await farLaunches(story);
  expect(new Set(launches.map(({ key }) => key)).size).toBe(launches.length);
  expect(launches.length > 0).toBe(request?.status === 'approved');
  expect(slack.faults).toEqual([]);
  expect(discord.journal.faults).toEqual([]);
});

test('one interaction that Slack or Discord delivers again is one decision, answered once', { timeout: 60_000 }, async () => {
  chat = await startChatStory({ seed: 1, http: true });
  const { slack, discord, people, story } = chat;
  const first = await slack.slash({ user: 'UOPERATOR', channel: 'C3', text: 'goal write a line, once' });
  await soon(async () => expect(await goalTexts(story)).toEqual(['write a line, once']));
  await deliverAgain(chat, Object.fromEntries(Object.entries(first.payload).map(([name, value]) => [name, String(value)])));

  people.operator.permissions |= PERMISSIONS.SEND_MESSAGES;
  const options = { text: 'write another, once' };
  const seen = await discord.command({ name: 'goal', options, channel: discord.channel('other'), user: people.operator });
  await seen.answer(5_000);
  discord.repeat(seen);
  discord.repeat(seen);
  await sayStatus(chat);
  expect(await goalTexts(story)).toEqual(['write a line, once', 'write another, once']);
  expect(slack.faults).toEqual([]);
});

/** Signed a second later it is another request, so that only the interaction's own id tells that it is the same. */
async function deliverAgain({ slack, story }: ChatStory, form: Record<string, string>): Promise<void> {
  for (const later of [1, 2]) {
    const at = Math.floor(Date.now() / 1000) + later;
    const again = signForSlack(slack.signingSecret, new URLSearchParams(form).toString(), { at });
    expect(await postToSlackDoor(story.app.port, again)).toBe(200);
  }
}

test('one click that is delivered again starts one goal, and nobody is told that they were too late', { timeout: 60_000 }, async () => {
  chat = await startChatStory({ seed: 1, http: true });
  const { slack, discord, people, story } = chat;
  const other = discord.channel('other');
  await slack.mention({ channel: 'C3', user: 'UOPERATOR', text: 'write a line, please' });
  const draft = await see(() => slackCard(slack, 'C3', /Draft goal/), 'the draft in Slack');
  const clicked = await slack.click({ user: 'UOPERATOR', on: draft, button: 'Start' });
  await soon(() => expect(slack.find('C3', draft.ts)?.text).not.toContain('Draft goal'));
  await deliverAgain(chat, { payload: JSON.stringify(clicked.payload) });

  const said = discord.say({ channel: other, user: people.operator, content: 'write another, please', mentionsBot: true });
  const inDiscord = await see(() => discord.messagesIn(said.id).find(({ text }) => /Draft goal/.test(text)), 'the draft in Discord');
  const seen = await discord.click({ message: inDiscord, label: 'Start', user: people.operator });
  await soon(() => expect(discord.messagesIn(said.id).find(({ id }) => id === inDiscord.id)?.text).not.toContain('Draft goal'));
  discord.repeat(seen);
  discord.repeat(seen);
  await sayStatus(chat);
  const started = await story.rows(`select 1 from audit where action = 'goal.given'`);
  expect(started).toHaveLength(2);
  expect(slack.posted('C3').filter(({ ephemeralTo }) => ephemeralTo === 'UOPERATOR')).toEqual([]);
  expect(discord.messagesIn(said.id, people.operator).filter(({ ephemeralTo }) => ephemeralTo !== null)).toEqual([]);
});

test('a message of Discord that comes again, right away and after the line was resumed, is one goal', { timeout: 60_000 }, async () => {
  chat = await startChatStory({ seed: 1 });
  const { discord, people, story } = chat;
  const said = discord.say({
    channel: discord.channel('goals'),
    user: people.operator,
    content: 'goal write a line, once',
    mentionsBot: true,
  });
  discord.duplicate(said);
  await soon(async () => expect(await goalTexts(story)).toEqual(['write a line, once']));
  const resumes = (): number => discord.journal.gateway.filter(({ kind }) => kind === 'resume').length;
  discord.cut();
  await soon(() => expect(resumes()).toBe(1));
  discord.duplicate(said);
  discord.duplicate(said);
  const direct = discord.directMessage(people.operator, 'goal write to me, once');
  discord.duplicate(direct);
  await soon(async () => expect(await goalTexts(story)).toContain('write to me, once'));
  await story.restart();
  await readyBoth(story);
  discord.duplicate(said);
  discord.duplicate(direct);
  await sayStatus(chat);
  expect(await goalTexts(story)).toEqual(['write a line, once', 'write to me, once']);
  expect(discord.journal.faults).toEqual([]);
});
