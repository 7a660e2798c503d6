// Words said on Discord: mentions, answers to the bot, direct messages, and what is said in a goal's thread where the bot may read it.

import { type APIChannel, type GatewayMessageCreateDispatchData, MessageType, Routes, ThreadAutoArchiveDuration } from 'discord.js';
import { isShownByOutbox } from '../../chat/answer.ts';
import type { Card } from '../../chat/card.ts';
import type { Spot } from '../../chat/channel.ts';
import type { Caller } from '../../chat/command.ts';
import { hearOnce } from '../../chat/heard-store.ts';
import { readTyped } from '../../chat/typed-command.ts';
import { findChatCaller } from '../../flows/chat-caller.ts';
import { threadName } from './discord-channel.ts';
import { buildMessage } from './message-body.ts';
import type { DiscordParts } from './parts.ts';
import { addressOf, answersTo } from './places.ts';
import { codeOf, toTrouble } from './rest.ts';

type Message = GatewayMessageCreateDispatchData;

const NO_DIRECT_MESSAGES = 50_007;
const THREAD_EXISTS = 160_004;
const SPOKEN: readonly MessageType[] = [MessageType.Default, MessageType.Reply];
const UNREADABLE: Card = {
  title: 'I could not read that',
  tone: 'muted',
  text: 'Discord shows me only messages that mention me. Answer with the mention switched on, or write my name in it.',
};
const PRIVATE: Card = {
  title: 'This answer is for you alone',
  tone: 'muted',
  text: 'Your direct messages are closed to me. Use a slash command, like /help: only you see its answer.',
};
const NO_THREAD: Card = { title: 'I could not open a thread here', tone: 'bad' };
const BROKEN: Card = {
  title: 'Something broke',
  tone: 'bad',
  text: 'It is in the log. Look at the goal’s card before you say it again: it shows what was done.',
};

/** The message says what to do about it. */
class NoThread extends Error {}

/**
 * @param ownId the bot's own user.
 * @throws what went wrong, for the log; whoever spoke to the bot was told.
 */
export async function hearMessage(parts: DiscordParts, message: Message, ownId: string): Promise<void> {
  if (message.author.bot === true || message.webhook_id !== undefined || !SPOKEN.includes(message.type)) return;
  const isDirect = message.guild_id === undefined;
  const isMeant = isDirect || message.mentions.some(({ id }) => id === ownId) || message.referenced_message?.author.id === ownId;
  // Most messages of a server end here, without a query.
  if (!isMeant && !parts.config.readsMessages) return;
  let expectsAnswer = isMeant;
  try {
    const spot = isDirect ? directSpot(message) : await parts.places.spotOf(message.channel_id);
    if (!isMeant && spot.thread === null) return;
    const caller = await findChatCaller(parts.deps, { platform: 'discord', platformId: `discord:${message.author.id}`, said: spot });
    if (!isMeant && caller.goalId === null) return;
    if (!(await hearOnce(parts.deps.db, 'discord', message.id))) return;
    expectsAnswer = true;
    await answerWords(parts, message, ownId, caller, spot);
  } catch (error) {
    if (expectsAnswer) await tellBroken(parts, message, error);
    throw error;
  }
}

/** Beside the words it is about, or where the bot may not write there, to their speaker alone. */
async function tellBroken(parts: DiscordParts, message: Message, error: unknown): Promise<void> {
  const card = error instanceof NoThread ? { ...NO_THREAD, text: error.message } : BROKEN;
  const here: Spot = { place: message.channel_id, thread: null };
  const told = say(parts, message, here, card).catch(() => sayPrivately(parts, message, here, card));
  await told.catch((second: unknown) => {
    throw new AggregateError([error, second], 'words could not be answered, and neither could that be said');
  });
}

async function answerWords(parts: DiscordParts, message: Message, ownId: string, caller: Caller, spot: Spot): Promise<void> {
  const isNamed = message.mentions.some(({ id }) => id === ownId);
  const text = message.content.replace(new RegExp(`<@!?${ownId}>`, 'g'), ' ').trim();
  if (text === '' && !isNamed) return say(parts, message, spot, UNREADABLE);
  const said = opensThread(parts, message, caller, spot, text) ? await startThread(parts, message, text) : spot;
  const speaker: Caller = { ...caller, said: { ...said, platform: 'discord' } };
  const answer =
    text === '' ? await parts.dispatch({ name: 'help', input: {}, caller: speaker }) : await parts.hear({ text, caller: speaker });
  if (answer.code === 'not_allowed' && message.guild_id !== undefined) return sayPrivately(parts, message, said, answer.card);
  if (isShownByOutbox(answer)) return;
  await say(parts, message, said, answer.card);
}

/** A conversation has no threads: what is said in answer to a goal's message belongs to that goal. */
function directSpot(message: Message): Spot {
  const answered = message.referenced_message;
  const root = answered?.message_reference?.message_id ?? answered?.id;
  return { place: message.channel_id, thread: root === undefined ? null : answersTo(root) };
}

/** What may become a goal gets a thread of its own first, because its live card is posted there at once. */
function opensThread(parts: DiscordParts, message: Message, caller: Caller, spot: Spot, text: string): boolean {
  if (message.guild_id === undefined || spot.thread !== null || text === '' || !caller.roles.has('viewer')) return false;
  const typed = readTyped(text, parts.commands);
  if (typed === null) return true;
  return typed.name === 'ask' || (typed.name === 'goal' && typed.input['id'] === undefined);
}

async function startThread(parts: DiscordParts, message: Message, text: string): Promise<Spot> {
  const body = { name: threadName(text), auto_archive_duration: ThreadAutoArchiveDuration.OneWeek };
  try {
    const thread = (await parts.rest.post(Routes.threads(message.channel_id, message.id), { body })) as APIChannel;
    return { place: message.channel_id, thread: thread.id };
  } catch (error) {
    // A message's thread has its message's id.
    if (codeOf(error) === THREAD_EXISTS) return { place: message.channel_id, thread: message.id };
    throw new NoThread(`${toTrouble(error).message} Nothing was begun: say it again then, or in a direct message to me.`, { cause: error });
  }
}

/** In the same thread or channel, as an answer to the message where it can be one. */
async function say(parts: DiscordParts, message: Message, spot: Spot, card: Card): Promise<void> {
  const { channelId } = addressOf(spot);
  const isBeside = channelId === message.channel_id;
  await post(
    parts,
    channelId,
    card,
    message.id,
    isBeside ? { message_reference: { message_id: message.id, fail_if_not_exists: false } } : {},
  );
}

async function sayPrivately(parts: DiscordParts, message: Message, spot: Spot, card: Card): Promise<void> {
  const direct = (await parts.rest.post(Routes.userChannels(), { body: { recipient_id: message.author.id } })) as APIChannel;
  try {
    await post(parts, direct.id, card, message.id, {});
  } catch (error) {
    if (codeOf(error) !== NO_DIRECT_MESSAGES) throw error;
    await say(parts, message, spot, PRIVATE);
  }
}

/** The heard message's id names the answer: posted again by a retry, it is still one. */
async function post(parts: DiscordParts, channelId: string, card: Card, nonce: string, more: object): Promise<void> {
  const { body, files } = await buildMessage(card, { mark: null, publicUrl: parts.publicUrl });
  await parts.rest.post(Routes.channelMessages(channelId), { body: { ...body, ...more, nonce, enforce_nonce: true }, files });
}
