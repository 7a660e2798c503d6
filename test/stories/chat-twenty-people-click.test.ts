// Twenty people click on the same request, ten in Slack and ten in Discord, over two processes: one decision, at most one act, nineteen are told.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { endBots, startBot } from '../support/bot-process.ts';
import { type ChatStory, discordCard, see, slackCard, startChatStory } from '../support/chat-story.ts';
import { type DiscordDouble, startDiscordDouble } from '../support/discord-double.ts';
import type { Person, PostedMessage } from '../support/discord-double-model.ts';
import { createKnockTool, type KnockServer, startKnockServer } from '../support/far-tool.ts';
import { addKnockTasks, serveKnockModel } from '../support/knock-tasks.ts';
import { type ModelDouble, startModelDouble } from '../support/model-double.ts';
import type { SlackDouble } from '../support/slack-double.ts';
import type { SlackMessage } from '../support/slack-double-model.ts';

const REQUESTS = process.env['JUG_TEST_LONG'] === '1' ? 1_000 : 8;
const EACH = 10;
const AT_ONCE = REQUESTS > 100 ? 1 : 2;

let chat: ChatStory | undefined;
let model: ModelDouble | undefined;
let far: KnockServer | undefined;
let own: pg.Pool | undefined;

afterEach(async () => {
  await own?.end();
  await endBots();
  await chat?.stop();
  await Promise.all([far?.close(), model?.stop()]);
}, 120_000);

const slackPeople = Array.from({ length: EACH }, (_, index) => `UBOSS${index}`);

/** The same card with another request's number on its buttons: thousands of cards at one a second would take hours to be posted. */
function slackCopy(message: SlackMessage, from: number, to: number): SlackMessage {
  const swap = (text: string): string => text.replaceAll(`id=${from}`, `id=${to}`);
  return JSON.parse(swap(JSON.stringify(message))) as SlackMessage;
}
function discordCopy(message: PostedMessage, from: number, to: number): PostedMessage {
  const buttons = message.buttons.map((button) => ({ ...button, customId: button.customId?.replaceAll(`id=${from}`, `id=${to}`) ?? null }));
  return { ...message, buttons } as PostedMessage;
}

/** How many were told privately who decided, read on from where it stopped: there are tens of thousands of messages. */
function countTold(slack: SlackDouble, discord: DiscordDouble): () => number {
  let count = 0;
  let [calls, messages] = [0, 0];
  return () => {
    const replies = slack.journal.slice(calls).filter(({ args }) => args['response_type'] === 'ephemeral' && isLate(String(args['text'])));
    const told = discord.journal.messages.slice(messages).filter(({ ephemeralTo, text }) => ephemeralTo !== null && isLate(text));
    calls = slack.journal.length;
    messages = discord.journal.messages.length;
    count += replies.length + told.length;
    return count;
  };
}
const isLate = (text: string): boolean => /was approved by/.test(text);

test(`${REQUESTS} requests x 20 people on two platforms and two processes`, { timeout: 3_600_000 }, async () => {
  [far, model] = await Promise.all([startKnockServer(), startModelDouble()]);
  const { url } = far;
  const settings = {
    env: { ...serveKnockModel(model), JUG_MAX_TASKS_PER_HOUR: '100000' },
    overrides: { tools: () => [createKnockTool(url, true)] },
  };
  const discordDouble = await startDiscordDouble({ channels: ['goals', 'approvals', 'other'] });
  const discordPeople: Person[] = Array.from({ length: EACH }, (_, index) => discordDouble.addPerson(`Boss ${index}`));
  const approvers = [...slackPeople.map((id) => `slack:T1/${id}`), ...discordPeople.map(({ id }) => `discord:${id}`)].join(',');
  chat = await startChatStory({ ...settings, env: { ...settings.env, JUG_APPROVERS: approvers }, discordDouble });
  const { story, slack, discord } = chat;
  const second = await startBot({ database: story.database, env: chat.env, knockUrl: url, knockAsks: true });
  own = new pg.Pool({ ...story.database.connection, max: 1 });
  await addKnockTasks(own, REQUESTS);

  const asks = discord.channel('approvals');
  // As they are seen now: once decided they lose their buttons, in the middle of the clicks where the machine is slow.
  const onSlack = structuredClone(await see(() => slackCard(slack, 'C2', /Approve \d+/), 'a request in Slack'));
  const onDiscord = structuredClone(await see(() => discordCard(discord, asks, /Approve \d+/), 'a request in Discord'));
  const [slackId, discordId] = [onSlack, onDiscord].map(({ text }) => Number(/Approve (\d+)/.exec(text)?.[1]));
  const label = onDiscord.buttons.find((button) => button.label.startsWith('Approve'))?.label ?? '';

  const clickAll = async (id: number): Promise<void> => {
    const slackView = slackCopy(onSlack, slackId ?? 0, id);
    const discordView = discordCopy(onDiscord, discordId ?? 0, id);
    const seen = await Promise.all([
      ...slackPeople.map((user) => slack.click({ on: slackView, button: label, user }).then(({ outcome }) => outcome)),
      ...discordPeople.map((user) =>
        discord.click({ message: discordView, label, user }).then(({ ack }) => (ack === 'failed' ? 'timeout' : 'ack')),
      ),
    ]);
    expect(seen).toEqual(seen.map(() => 'ack'));
  };
  const told = countTold(slack, discord);
  const clicked = new Set<number>();
  const fresh = () =>
    story.rows<{ id: number }>(`select id::int from approval where status = 'pending' and id <> all($1) order by id limit ${AT_ONCE}`, [
      [...clicked],
    ]);
  while (clicked.size < REQUESTS) {
    const open = await vi.waitFor(
      async () => {
        const found = await fresh();
        if (found.length === 0) throw new Error(`${clicked.size} of ${REQUESTS} clicked, and no other request came`);
        return found;
      },
      { timeout: 60_000, interval: 5 },
    );
    for (const { id } of open) clicked.add(id);
    await Promise.all(open.map(({ id }) => clickAll(id)));
    // People wait for their answers; clicks that nobody waits for would only measure how long a queue can grow.
    const losers = (2 * EACH - 1) * clicked.size;
    await vi.waitFor(() => expect(told()).toBe(losers), { timeout: 60_000, interval: 10 });
  }
  expect(told()).toBe((2 * EACH - 1) * REQUESTS);
  await vi.waitFor(async () => expect(await story.rows(`select 1 from task where status not in ('done', 'failed')`)).toEqual([]), {
    timeout: 60_000,
    interval: 50,
  });
  const decisions = await story.rows<{ n: number }>(
    `select count(*)::int as n from audit where action = 'approval.approved' group by subject_id having count(*) > 1`,
  );
  expect(decisions).toEqual([]);
  expect(second.hasExited).toBe(false);
  const keys = far.knocks.map(({ key }) => key);
  expect(keys).toHaveLength(REQUESTS);
  expect(new Set(keys).size).toBe(REQUESTS);
});
