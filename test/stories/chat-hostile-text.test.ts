// Text that wants to be more than text, on its way through both platforms: it pings nobody, hides no link and no character, and is kept byte
// for byte. It comes in goals, drafts, titles of tasks and documents, reasons, notes and people's names.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ChatStory, discordCard, see, slackCard, startChatStory } from '../support/chat-story.ts';
import { PERMISSIONS } from '../support/discord-double-permissions.ts';
import { type ModelDouble, startModelDouble } from '../support/model-double.ts';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import { brainEnv, call, finish, planReply, readAsked, sketchTask } from '../support/played-cases.ts';

const MENTIONS = '@everyone @here <!channel> <!here|here> <@U1> <@UVIEWER> <@&77> <@77> <#C1>';
const LINKS = '[bank](https://evil.example) <https://evil.example|bank> ![bank](https://evil.example/x.png)';
const HIDDEN = 'pay \u202Eliame\u202C \u2066x\u2069 a\u200Bb\u200Dc\u2060d `code` ```fence``` **b** _i_ ~s~ ||spoiler||';
/** Without digits: a number in a document would need its source. */
const DOCUMENTS: Record<string, string> = {
  mentions: '@everyone @here <!channel> <@UVIEWER> <@UBOT>',
  links: '[bank](https://evil.example) <https://evil.example|bank>',
};
const TEXTS: Record<string, string> = { mentions: MENTIONS, links: LINKS, hidden: HIDDEN };
const EVERYTHING = `${MENTIONS} ${LINKS} ${HIDDEN}`;
const wordsOf = (name: string): string => `Write a report case:${name} ${TEXTS[name]} end`;

function answer({ facts, name, turn }: ReturnType<typeof readAsked>): ScriptedReply {
  const titled = (words: string): string => `case:${name} ${words}`.slice(0, 110);
  if (facts.ask === 'plan')
    return planReply([
      sketchTask(name, { key: 'look', kind: 'research', title: titled(EVERYTHING), why: LINKS }),
      sketchTask(name, { key: 'write', kind: 'write', title: titled(TEXTS[name] ?? ''), why: HIDDEN, dependsOn: ['look'] }),
    ]);
  if (facts.task.key === 'look') return turn === 0 ? call('market_offers') : finish('done', `Looked for ${MENTIONS}.`);
  const title = DOCUMENTS[name] ?? 'Words';
  if (turn === 0) return call('write_document', { title, body: `For our customer ${title} and ${title}.`, figures: [] });
  return finish('done', `Written for ${title}.`);
}

let model: ModelDouble;
let chat: ChatStory;
beforeAll(async () => {
  model = await startModelDouble();
  model.otherwise((request) => answer(readAsked(request)));
  chat = await startChatStory({ seed: 1, env: { JUG_MAX_TASKS_PER_HOUR: '10000', ...brainEnv(model) } });
  for (const person of Object.values(chat.people)) person.permissions |= PERMISSIONS.SEND_MESSAGES;
}, 30_000);
afterAll(async () => {
  await chat.stop();
  await model.stop();
});

const soon = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 40 });

/** Every object in a message's blocks that Slack reads as markup. */
function readMarkup(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(readMarkup);
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  const own = (type === 'mrkdwn' || type === 'markdown') && typeof text === 'string' ? [text] : [];
  return [...own, ...Object.values(value).flatMap(readMarkup)];
}

const HIDING = /\u061C|\u200D|\u200E|\u200F|[\u202A-\u202E]|\u2060|[\u2066-\u2069]|\uFEFF/;
const isOdd = (text: string, sign: string): boolean => text.split(sign).length % 2 === 0;

/** What is wrong with how this shows in Slack; null: nothing. */
function blameSlack(text: string, blocks: unknown): string | null {
  const markup = [text, ...readMarkup(blocks)];
  if (markup.some((each) => /<https?:[^>|]*evil[^>|]*\|/.test(each))) return 'a link behind words';
  if (markup.some((each) => /<[!@#][^>]*>/.test(each))) return 'a mention';
  if (markup.some((each) => isOdd(each, '```'))) return 'an open fence';
  const all = JSON.stringify([text, blocks]);
  if (HIDING.test(all)) return 'a hidden character';
  return all.includes('bank') && !all.includes('evil.example') ? 'a link without its target' : null;
}

/** The same for Discord, whose signs are escaped with a backslash. */
function blameDiscord(text: string): string | null {
  const bare = text.replaceAll(/\\[\s\S]/g, '');
  if (/\[[^\]\n]*\]\(\s*<?https?:/.test(bare)) return 'a link behind words';
  if (/<[@#][!&]?\w+>/.test(bare.replaceAll(/```[\s\S]*?```/g, ''))) return 'a mention';
  if (isOdd(bare, '```')) return 'an open fence';
  if (HIDING.test(text)) return 'a hidden character';
  return text.includes('bank') && !text.includes('evil.example') ? 'a link without its target' : null;
}

async function deliverAll(): Promise<void> {
  await soon(async () => expect(await chat.story.rows('select 1 from delivery where sent_version < wanted_version')).toEqual([]));
  await soon(async () => expect(await chat.story.rows('select 1 from message where routed_version < version')).toEqual([]));
}

test('in goals, tasks, documents and results it is shown as it is, on both platforms, and kept byte for byte', {
  timeout: 90_000,
}, async () => {
  const { slack, discord, people, story } = chat;
  await slack.slash({ user: 'UAPPROVER', channel: 'C3', text: `goal ${wordsOf('mentions')}` });
  await discord.command({ name: 'goal', options: { text: wordsOf('links') }, channel: discord.channel('other'), user: people.approver });
  discord.say({ channel: discord.channel('goals'), user: people.operator, content: `goal ${wordsOf('hidden')}`, mentionsBot: true });
  await soon(async () => {
    const goals = await story.rows<{ request: string }>('select request from goal');
    expect(goals.map(({ request }) => request).toSorted()).toEqual(Object.keys(TEXTS).map(wordsOf).toSorted());
  });
  for (const name of Object.keys(DOCUMENTS)) {
    await soon(async () => {
      const [goal] = await story.rows<{ status: string }>(`select status from goal where request like '%case:' || $1 || ' %'`, [name]);
      expect(goal?.status).toBe('done');
    });
  }
  const titles = await story.rows<{ title: string }>('select title from document order by title');
  expect(titles.map(({ title }) => title).toSorted()).toEqual(Object.values(DOCUMENTS).toSorted());

  const plan = await see(() => slackCard(slack, 'C2', /Plan \d+ for goal \d+: .*hidden/), 'the plan to approve');
  await slack.click({ user: 'UAPPROVER', on: plan, button: 'Deny…' });
  const form = await see(() => slack.modal('UAPPROVER'), 'the form for the reason');
  await slack.submitView({ user: 'UAPPROVER', view: form, values: { reason: EVERYTHING } });
  await soon(async () =>
    expect(await story.rows('select reason from approval where reason is not null')).toEqual([{ reason: EVERYTHING }]),
  );
  await see(() => discordCard(discord, discord.channel('approvals'), /denied/), 'the denial in Discord');
  await deliverAll();
});

test('in drafts, notes, reasons, wrong commands and names, said directly, it does no more', { timeout: 60_000 }, async () => {
  const { slack, discord, people, story } = chat;
  const other = discord.channel('other');
  const stranger = discord.addPerson('@everyone <@&77> [bank](https://evil.example)', { permissions: PERMISSIONS.SEND_MESSAGES });
  const drafted = await slack.mention({ channel: 'C3', user: 'UOPERATOR', text: `please ${EVERYTHING}` });
  discord.say({ channel: other, user: people.operator, content: `please ${EVERYTHING}`, mentionsBot: true });
  await soon(async () => expect(await story.rows(`select 1 from goal where status = 'draft'`)).toHaveLength(2));
  const [inDiscord] = await story.rows<{ request: string }>(
    `select request from goal where status = 'draft' and given_by like 'discord:%'`,
  );
  expect(inDiscord?.request).toBe(`please ${EVERYTHING}`);
  await see(() => slack.posted('C3', drafted.ts).find(({ text }) => /Draft/.test(text)), 'the draft in Slack');
  await see(() => discord.journal.messages.find(({ text, deleted }) => !deleted && /Draft goal/.test(text)), 'the draft in Discord');

  for (const text of [`help ${MENTIONS}`, `status ${LINKS}`, `approve ${HIDDEN}`, `deny 999 ${EVERYTHING}`])
    await slack.slash({ user: 'UAPPROVER', channel: 'C3', text });
  const pausing = await discord.command({ name: 'pause', options: { reason: EVERYTHING }, channel: other, user: people.operator });
  await pausing.answer(5_000);
  discord.say({ channel: other, user: stranger, content: `status ${EVERYTHING}`, mentionsBot: true });
  discord.say({ channel: other, user: people.viewer, content: `help ${EVERYTHING}`, mentionsBot: true });
  await soon(() =>
    expect(discord.journal.messages.some(({ channelId }) => discord.place(channelId).recipientId === stranger.id)).toBe(true),
  );
  await soon(() => expect(slack.posted('C3').filter(({ ephemeralTo }) => ephemeralTo === 'UAPPROVER').length).toBeGreaterThanOrEqual(4));
  await see(() => slackCard(slack, 'C1', /Paused/), 'the pause in Slack');
  await see(() => discordCard(discord, discord.channel('goals'), /Paused/), 'the pause in Discord');
  const kept = await story.rows(`select detail ->> 'reason' as reason from audit where action = 'paused'`);
  expect(kept).toEqual([{ reason: EVERYTHING }]);
  await deliverAll();
});

test('nobody was pinged, no link hides its target, no sign hides at all, and the platforms found nothing wrong', async () => {
  const { slack, discord } = chat;
  const direct = (await slack.directMessage({ user: 'UAPPROVER', text: `help ${MENTIONS}` })).channel;
  await see(() => slack.posted(direct).at(-1), 'an answer in person');
  const inSlack = ['C1', 'C2', 'C3', direct].flatMap((channel) => slack.posted(channel));
  const inDiscord = discord.journal.messages.filter(({ authorId }) => authorId === discord.bot.id);
  // Both hold what was said, or the rest says nothing.
  for (const texts of [inSlack.map(({ text, blocks }) => text + JSON.stringify(blocks)), inDiscord.map(({ text }) => text)]) {
    expect(texts.filter((text) => text.includes('evil.example')).length).toBeGreaterThan(3);
    expect(texts.some((text) => text.includes('U+202E'))).toBe(true);
    expect(texts.some((text) => /everyone/.test(text))).toBe(true);
  }
  expect(inSlack.filter(({ pings }) => pings.length > 0)).toEqual([]);
  expect(inDiscord.filter(({ pings }) => pings.length > 0)).toEqual([]);
  const blamed = [
    ...inSlack.map(({ text, blocks }) => [blameSlack(text, blocks), text]),
    ...inDiscord.map(({ text }) => [blameDiscord(text), text]),
  ].filter(([fault]) => fault !== null);
  expect(blamed).toEqual([]);
  const previewed = inSlack.filter(
    ({ ephemeralTo, unfurl, via }) => ephemeralTo === null && via === 'chat.postMessage' && (unfurl.links ?? true),
  );
  expect(previewed).toEqual([]);
  const bodies = discord.journal.requests.map(({ body }) => body as { allowed_mentions?: unknown; components?: unknown } | null);
  expect(bodies.filter((body) => body?.components !== undefined && JSON.stringify(body.allowed_mentions) !== '{"parse":[]}')).toEqual([]);
  expect(slack.faults).toEqual([]);
  expect(discord.journal.faults).toEqual([]);
});
