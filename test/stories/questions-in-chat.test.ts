// Questions in Slack and Discord: answered where they were asked, by whoever may look, edited in place; a slash command's answer is for one person alone.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { commands } from '../../commands/index.ts';
import { readFieldSchemas } from '../../src/adapters/discord/command-definitions.ts';
import { readTyped } from '../../src/chat/typed-command.ts';
import type { ChatModel, ChatReply } from '../../src/domain/brain/chat-model.ts';
import { type ChatStory, discordCard, see, startChatStory } from '../support/chat-story.ts';
import { PERMISSIONS } from '../support/discord-double-permissions.ts';
import type { SlackMessage } from '../support/slack-double-model.ts';
import { startStory } from '../support/story.ts';

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

test(`all ${commands.length} commands are answered privately on both platforms, in the form each has there, within every limit`, {
  timeout: 120_000,
}, async () => {
  const { slack, discord, story } = chat;
  const boss = discord.addPerson('Bo');
  // Who may write in the channel is shown the commands that act.
  boss.permissions |= PERMISSIONS.SEND_MESSAGES;
  await story.say('team', { add: 'slack:T1/UBOSS', role: 'owner' });
  await story.say('team', { add: `discord:${boss.id}`, role: 'owner' });
  const answers = () => slack.posted('C3').filter(({ ephemeralTo }) => ephemeralTo === 'UBOSS');
  const inSlack = async (line: string): Promise<void> => {
    const before = answers().length;
    const { outcome } = await slack.slash({ channel: 'C3', user: 'UBOSS', text: line });
    await see(() => (answers().length > before ? true : undefined), `Slack's answer to ${line}; ${JSON.stringify(slack.faults)}`, 45_000);
    expect([line, outcome, answers().at(-1)?.text]).toEqual([line, 'ack', expect.not.stringMatching(/Something broke|is no command/)]);
  };
  const inDiscord = async (command: (typeof commands)[number], line: string): Promise<void> => {
    const types = new Map(readFieldSchemas(command).fields);
    const options = Object.entries(readTyped(line, commands)?.input ?? {}).map(([name, value]) => {
      const isNumber = types.get(name)?.type === 'integer' || types.get(name)?.type === 'number';
      return [name.toLowerCase(), isNumber ? Number(value) : value];
    });
    const asked = { name: command.name, options: Object.fromEntries(options), channel: discord.channel('other'), user: boss };
    const answer = await (await discord.command(asked)).answer(45_000);
    expect([line, answer.ephemeralTo, answer.text]).toEqual([line, boss.id, expect.not.stringMatching(/^$|Something broke/)]);
  };
  for (const command of commands) {
    const line = command.examples[0] ?? command.name;
    await Promise.all([inSlack(line), inDiscord(command, line)]);
  }
  expect(slack.faults).toEqual([]);
  expect(discord.journal.faults).toEqual([]);
});

/** Writes what it is given, piece by piece, until it is told that this was all. */
function createSlowModel() {
  let write: (piece: string | null) => void = () => undefined;
  const model: ChatModel = {
    offers: () => [{ model: 'slow', price: { inputMicros: 0n, outputMicros: 0n }, practice: false }],
    health: () => 'ok',
    chat: (_offer, { onText, signal }) =>
      new Promise<ChatReply>((resolve, reject) => {
        let text = '';
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        write = (piece) => {
          if (piece === null) return resolve({ text, toolCalls: [], finish: 'stop', usage: null, model: 'slow' });
          text += piece;
          onText?.(piece);
        };
      }),
  };
  return { model, write: (piece: string | null) => write(piece) };
}

test('with two bots an answer is streamed in Slack by its checked sentences, stopped there, and edited where a stream is refused or has expired', {
  timeout: 90_000,
}, async () => {
  const { model, write } = createSlowModel();
  const own = await startChatStory({ seed: 1, overrides: { model } });
  const second = await startStory({ share: own.story.database, env: own.env, overrides: { model } });
  const { slack, story } = own;
  const ask = async (text: string) => {
    const { ts } = await slack.mention({ channel: 'C3', user: 'UVIEWER', text });
    return { ts, card: (has: (message: SlackMessage) => boolean, what: string) => see(() => slack.posted('C3', ts).find(has), what) };
  };
  const says = (text: string) => (message: SlackMessage) => `${message.text}${JSON.stringify(message.blocks)}`.includes(text);
  try {
    const first = await ask('Will it hold?');
    const open = await first.card(({ stream }) => stream === 'open', 'a stream');
    write('The first part holds. We earned $900 with it. The sec');
    await first.card(says('The first part holds.'), 'the first sentence');
    expect(open.text).not.toContain('The sec');
    expect(open.text).toContain('We earned $900 with it. \\(unverified\\)');
    write('ond part too. And');
    await first.card(says('The second part too.'), 'the next sentence');
    expect(open.stream).toBe('open');
    expect(slack.calls('chat.appendStream').length).toBeGreaterThan(1);
    write(' so on.');
    write(null);
    const done = await first.card(says('Sources'), 'the whole answer');
    expect(done).toMatchObject({ ts: open.ts, stream: 'done', metadata: { event_type: 'juggernaut' } });
    expect(slack.posted('C3', first.ts)).toHaveLength(1);
    expect(slack.calls('chat.startStream').at(-1)?.args).toMatchObject({ recipient_user_id: 'UVIEWER', recipient_team_id: 'T1' });

    const stopped = await ask('Will it hold now?');
    await stopped.card(({ stream }) => stream === 'open', 'a stream');
    await slack.stopSession('C3', stopped.ts, 'UVIEWER');
    await stopped.card(says('Stopped by'), 'that it was stopped');
    expect(await story.rows(`select status from conversation_message where role = 'agent' order by id desc limit 1`)).toEqual([
      { status: 'cancelled' },
    ]);

    const expired = await ask('Will it hold tomorrow?');
    const { ts } = await expired.card(({ stream }) => stream === 'open', 'a stream');
    slack.expireStream('C3', ts);
    write('It goes on. And');
    await expired.card(({ via, ...card }) => card.ts === ts && says('It goes on.')({ via, ...card }), 'an edit instead');
    slack.failNext('chat.startStream', { error: 'unknown_method' });
    write(' ends.');
    write(null);
    const refused = await ask('Will it hold for ever?');
    expect(await refused.card(({ text }) => text.includes('for ever'), 'a message instead')).toMatchObject({
      stream: null,
      via: 'chat.postMessage',
    });
    write('It is edited. And');
    await refused.card(says('It is edited.'), 'an edit');
    write(' ends.');
    write(null);
    await refused.card(says('Sources'), 'the whole answer');
    expect(slack.posted('C3', refused.ts)).toHaveLength(1);
    expect(slack.faults.filter(({ error }) => error !== 'message_not_in_streaming_state')).toEqual([]);
  } finally {
    await second.stop();
    await own.stop();
  }
});
