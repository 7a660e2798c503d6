// Every way to decide a request on both platforms against everybody who could try: only approvers decide, by the platform's ids; everybody
// else is told so privately, and the request stays open.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type DiscordActor, gatherDiscord, gatherSlack, give, LACKS, NOBODY, type SlackActor } from '../support/chat-actors.ts';
import {
  actOnDiscord,
  actOnSlack,
  discordId,
  MEDIA,
  type Medium,
  type Shown,
  slackId,
  toldOnDiscord,
  toldOnSlack,
} from '../support/chat-acts.ts';
import { type ChatStory, discordCard, see, slackCard, startChatStory } from '../support/chat-story.ts';
import type { Person, PostedMessage } from '../support/discord-double-model.ts';
import type { SlackMessage } from '../support/slack-double-model.ts';
import { FIRST_DOLLAR } from '../support/story.ts';
import { addPerson, farLaunches } from '../support/witnesses.ts';

let chat: ChatStory;
beforeAll(async () => {
  chat = await startChatStory({ seed: 166, env: { JUG_OWNERS: 'console:owner,slack:T1/UOWNER' } });
}, 30_000);
afterAll(() => chat.stop());

const soon = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 15_000, interval: 20 });

/** @param card part of the title, which carries the request's or the goal's number */
async function showSlack(id: number, goal: number, card: RegExp, yes: string): Promise<Shown<SlackMessage>> {
  const live = await see(() => slackCard(chat.slack, 'C1', new RegExp(`Goal ${goal}:`)), `goal ${goal} in Slack`);
  return { id, yes, card: await see(() => slackCard(chat.slack, 'C2', card), `request ${id} in Slack`), thread: live.ts };
}

async function showDiscord(id: number, goal: number, card: RegExp, yes: string): Promise<Shown<PostedMessage>> {
  const { discord } = chat;
  const live = new RegExp(`Goal ${goal}:`);
  const thread = await see(() => discordCard(discord, discord.channel('goals'), live)?.threadId ?? undefined, `goal ${goal} in Discord`);
  const request = await see(() => discordCard(discord, discord.channel('approvals'), card), `request ${id} in Discord`);
  return { id, yes, card: request, thread };
}

const DECISIONS = `select actor from audit where subject_kind = 'approval' and subject_id between $1 and $2
  and action in ('approval.approved', 'approval.denied', 'approval.changes', 'approval.voted')`;
/** Each cell by itself: only then an answer belongs to it. */
async function tryOnSlack(actor: SlackActor, on: Shown<SlackMessage>): Promise<void> {
  const { who, told, form } = actor;
  const direct = (await chat.slack.directMessage({ ...who, text: 'help' })).channel;
  for (const medium of MEDIA) {
    const before = toldOnSlack(chat, who, direct).length;
    await actOnSlack(chat, { medium, who, on, ...(form === undefined ? {} : { form }) });
    const cell = `Slack, ${actor.name}, ${medium}`;
    await soon(() => expect(toldOnSlack(chat, who, direct).length, cell).toBeGreaterThan(before));
    expect(toldOnSlack(chat, who, direct).at(-1), cell).toMatch(told);
  }
}

async function tryOnDiscord(actor: DiscordActor, on: Shown<PostedMessage>): Promise<void> {
  const { who, told, form } = actor;
  for (const medium of actor.media ?? MEDIA) {
    const before = toldOnDiscord(chat, who).length;
    await actOnDiscord(chat, { medium, who, on, ...(form === undefined ? {} : { form }) });
    const cell = `Discord, ${actor.name}, ${medium}`;
    await soon(() => expect(toldOnDiscord(chat, who).length, cell).toBeGreaterThan(before));
    expect(toldOnDiscord(chat, who).at(-1), cell).toMatch(told);
  }
}

/** Programs can neither click nor fill in forms; what they write is not heard, not even in an approver's name or with the role. */
async function letBotsTry(on: Shown<SlackMessage>, onDiscord: Shown<PostedMessage>): Promise<Person> {
  const { slack, discord } = chat;
  const robot = discord.addPerson('Robo', { bot: true });
  await give(chat, discordId(robot), 'approver');
  await give(chat, 'slack:T1/UROBOT', 'approver');
  const direct = (await slack.directMessage({ user: 'UAPPROVER', text: 'status' })).channel;
  for (const user of ['UROBOT', 'UAPPROVER']) {
    const said = {
      user,
      bot_id: 'B9',
      team: 'T1',
      text: `<@UBOT> approve ${on.id}`,
      ts: '1700000000.000100',
      event_ts: '1700000000.000100',
    };
    const plain = { ...said, type: 'message', text: `approve ${on.id}` };
    await slack.sendEvent({ ...said, type: 'app_mention', channel: 'C3' });
    await slack.sendEvent({ ...plain, channel: 'C1', channel_type: 'channel', thread_ts: on.thread });
    await slack.sendEvent({ ...plain, channel: direct, channel_type: 'im' });
    await slack.sendEvent({ ...plain, channel: direct, channel_type: 'im', subtype: 'bot_message' });
  }
  for (const medium of ['mention', 'reply', 'dm'] as const) await actOnDiscord(chat, { medium, who: robot, on: onDiscord });
  return robot;
}

test('nobody but an approver decides, by any way on either platform, and everyone is told why, alone', { timeout: 60_000 }, async () => {
  const { story, slack, discord } = chat;
  await story.say('goal', { text: FIRST_DOLLAR });
  const { ref } = await story.card(/^Approve \d+/);
  const id = ref?.id ?? 0;
  const onSlack = await showSlack(id, 1, /Approve \d+/, 'Approve $60.00');
  const onDiscord = await showDiscord(id, 1, /Approve \d+/, 'Approve $60.00');
  const robot = await letBotsTry(onSlack, onDiscord);
  const [slackActors, discordActors] = [await gatherSlack(chat, onSlack), await gatherDiscord(chat, onDiscord)];
  await Promise.all([
    ...slackActors.map((actor) => tryOnSlack(actor, onSlack)),
    ...discordActors.map((actor) => tryOnDiscord(actor, onDiscord)),
  ]);

  expect(await story.rows('select status, decided_by from approval where id = $1', [id])).toEqual([
    { status: 'pending', decided_by: null },
  ]);
  expect(await story.rows(DECISIONS, [id, id])).toEqual([]);
  expect(await farLaunches(story)).toEqual([]);
  // In front of others nothing was said.
  const inSlack = [...slack.posted('C3'), ...slack.posted('C1', onSlack.thread)].filter(({ ephemeralTo }) => ephemeralTo === null);
  const inDiscord = [...discord.messagesIn(discord.channel('other')), ...discord.messagesIn(onDiscord.thread)];
  const said = [...inSlack, ...inDiscord.filter(({ authorId }) => authorId === discord.bot.id)].map(({ text }) => text);
  expect(said.filter((text) => LACKS.test(text) || NOBODY.test(text))).toEqual([]);
  expect(toldOnSlack(chat, { user: 'UROBOT' }, null)).toEqual([]);
  expect(toldOnDiscord(chat, robot)).toEqual([]);
  expect(slack.faults).toEqual([]);
  expect(discord.journal.faults).toEqual([]);

  await actOnDiscord(chat, { medium: 'button', who: chat.people.approver, on: onDiscord });
  await soon(async () => expect(await farLaunches(story)).not.toEqual([]));
});

test('an approver decides by every one of these ways on both platforms, once each', { timeout: 60_000 }, async () => {
  const { story, people } = chat;
  const operator = await addPerson(story, 'console:oda', 'operator');
  const first = await story.rows<{ id: number }>('select coalesce(max(id), 0)::int as id from approval');
  const goals = MEDIA.length * 2;
  await Promise.all(
    Array.from({ length: goals }, () => story.say('goal', { text: "Write a report on the practice market's offers" }, operator)),
  );
  const asked = await vi.waitFor(
    async () => {
      const rows = await story.rows<{ id: number; goal: number }>(
        `select id::int, goal_id::int as goal from approval where id > $1 and kind = 'plan' and status = 'pending' order by id`,
        [first[0]?.id],
      );
      expect(rows).toHaveLength(goals);
      return rows;
    },
    { timeout: 20_000, interval: 50 },
  );
  // Cards come one a second: the ways that need one take the first.
  const order: readonly Medium[] = ['button', 'modal', 'reply', 'command', 'mention', 'dm'];
  const cells = order.flatMap((medium, at) => [
    { medium, platform: 'slack' as const, ...(asked[at * 2] ?? { id: 0, goal: 0 }) },
    { medium, platform: 'discord' as const, ...(asked[at * 2 + 1] ?? { id: 0, goal: 0 }) },
  ]);
  await Promise.all(
    cells.map(async ({ medium, platform, id, goal }) => {
      const by = platform === 'slack' ? slackId({ user: 'UAPPROVER' }) : discordId(people.approver);
      await decideAs(medium, platform, id, goal);
      const end = { status: medium === 'modal' ? 'denied' : 'approved', decided_by: by };
      await soon(async () =>
        expect([medium, platform, await story.rows('select status, decided_by from approval where id = $1', [id])]).toEqual([
          medium,
          platform,
          [end],
        ]),
      );
    }),
  );
  const decisions = await story.rows<{ actor: string }>(DECISIONS, [asked[0]?.id, asked.at(-1)?.id]);
  expect(decisions).toHaveLength(goals);
  expect(chat.slack.faults).toEqual([]);
  expect(chat.discord.journal.faults).toEqual([]);
});

async function decideAs(medium: Medium, platform: 'slack' | 'discord', id: number, goal: number): Promise<void> {
  const card = new RegExp(`Plan \\d+ for goal ${goal}:`);
  const needsCard = medium === 'button' || medium === 'modal' || medium === 'reply';
  if (platform === 'slack') {
    const on = needsCard ? await showSlack(id, goal, card, 'Approve plan') : { id, yes: '', thread: '', card: {} as SlackMessage };
    return actOnSlack(chat, { medium, who: { user: 'UAPPROVER' }, on });
  }
  const on = needsCard ? await showDiscord(id, goal, card, 'Approve plan') : { id, yes: '', thread: '', card: {} as PostedMessage };
  return actOnDiscord(chat, { medium, who: chat.people.approver, on });
}
