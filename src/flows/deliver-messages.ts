// Sends what is due to one chat platform: each message once, edited in place, the newest state wins; what fails waits and is tried again.
import { createHash } from 'node:crypto';
import { type ChatChannel, DeliveryTrouble, type Letter, type Spot } from '../chat/channel.ts';
import {
  type Claimed,
  claimDelivery,
  type Lying,
  noteGone,
  noteLater,
  noteRefused,
  noteSent,
  noteThreadLost,
} from '../chat/delivery-store.ts';
import { setThread } from '../chat/route-store.ts';
import { findAnswer } from '../domain/conversations/answer-store.ts';
import type { Deps } from './deps.ts';
import { isStillNeeded, noteReachable, noteUnreachable } from './lost-cards.ts';

/** Longer than an adapter lets a call take, shorter than people wait for a card after a crash. */
const LEASE_SECONDS = 30;
/** Calls under way at once in this process; each goes to another place or edits another message. */
const SENDS_AT_ONCE = 4;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** What cannot be reached, or is not taken, is tried again this seldom. */
const SELDOM_MS = 5 * 60_000;

/** Names this installation in its marks: two bots in one channel do not take each other's messages for their own. */
export function shortName(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 6);
}

/** Sends until nothing is due or the process ends. @param name from shortName. */
export async function deliverMessages(deps: Deps, channel: ChatChannel, name: string, stopping: AbortSignal): Promise<void> {
  const sendAll = async (): Promise<void> => {
    while (!stopping.aborted) {
      const delivery = await claimDelivery(deps.db, channel.platform, { processId: deps.processId, leaseSeconds: LEASE_SECONDS });
      if (delivery === null) return;
      await send(deps, channel, delivery, name);
    }
  };
  await Promise.all(Array.from({ length: SENDS_AT_ONCE }, sendAll));
}

async function send(deps: Deps, channel: ChatChannel, delivery: Claimed, name: string): Promise<void> {
  const letter: Letter = { card: delivery.card, mark: `${name}.${delivery.id.toString(36)}.${delivery.copy}` };
  try {
    const open = await noteSent(deps.db, delivery, await bring(deps, channel, delivery, letter), deps.processId);
    // One success is enough for all that waits there.
    for (const place of open) await noteReachable(deps, { platform: channel.platform, place });
  } catch (error) {
    if (!(error instanceof DeliveryTrouble)) throw error;
    await answerTrouble(deps, delivery, error);
  }
}

async function bring(deps: Deps, channel: ChatChannel, delivery: Claimed, letter: Letter): Promise<Lying> {
  if (delivery.remote_id !== null && delivery.remote_place !== null) {
    await channel.edit({ place: delivery.remote_place, thread: delivery.remote_thread }, delivery.remote_id, letter);
    return lyingAt(channel, { place: delivery.remote_place, thread: delivery.remote_thread }, delivery.remote_id);
  }
  const spot = await spotOf(channel, delivery);
  // An earlier attempt may have arrived although nobody could note it.
  const isFirst = delivery.attempt <= 1;
  const found = isFirst ? null : await channel.find(spot, letter, delivery.first_tried_at ?? delivery.created_at);
  const remoteId = found ?? (await channel.post(spot, await addressed(deps, letter)));
  if (found !== null) await channel.edit(spot, found, letter);
  if (delivery.threaded && delivery.thread === null && delivery.goal_id !== null) {
    const thread = await channel.openThread(spot, remoteId, delivery.card.title);
    await setThread(deps.db, delivery.goal_id, channel.platform, thread);
  }
  return lyingAt(channel, spot, remoteId);
}

const lyingAt = (channel: ChatChannel, spot: Spot, remoteId: string): Lying => ({
  ...{ remoteId, ...spot },
  streamPauseMs: channel.streamPause?.(spot, remoteId) ?? null,
});

/** An answer is for whoever asked. */
async function addressed(deps: Deps, letter: Letter): Promise<Letter> {
  const { ref } = letter.card;
  const answer = ref?.kind === 'answer' ? await findAnswer(deps.db, ref.id) : undefined;
  return answer === undefined ? letter : { ...letter, reader: answer.platform_id };
}

async function spotOf(channel: ChatChannel, delivery: Claimed): Promise<Spot> {
  if (delivery.place.startsWith('dm:')) return { place: await channel.directPlace(delivery.place.slice(3)), thread: null };
  if (!delivery.threaded) return { place: delivery.place, thread: delivery.own_thread };
  return { place: delivery.thread_place ?? delivery.place, thread: delivery.thread };
}

async function answerTrouble(deps: Deps, delivery: Claimed, trouble: DeliveryTrouble): Promise<void> {
  const { platform } = delivery;
  switch (trouble.problem) {
    case 'later': {
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, delivery.attempt - 1)) * (0.5 + deps.random() / 2);
      return noteLater(deps.db, delivery, { ms: trouble.waitMs ?? pause, trouble: trouble.message });
    }
    case 'gone':
      return noteGone(deps.db, delivery.id, isStillNeeded(delivery));
    case 'thread_lost':
      // A talk ends with its thread; the console keeps what was said.
      if (!delivery.threaded) return noteGone(deps.db, delivery.id, false);
      deps.log.warn({ goal: delivery.goal_id, platform, why: trouble.message }, 'a thread is lost; its goal gets another');
      return noteThreadLost(deps.db, delivery);
    case 'unreachable':
      await noteLater(deps.db, delivery, { ms: SELDOM_MS, trouble: trouble.message });
      return noteUnreachable(deps, { platform, place: placeOf(delivery), why: trouble.message });
    case 'refused':
      deps.log.error({ err: trouble, delivery: delivery.id, platform }, 'a card was refused');
      return noteRefused(deps.db, delivery, { ms: SELDOM_MS, trouble: trouble.message });
  }
}

const placeOf = (delivery: Claimed): string => (delivery.threaded ? (delivery.thread_place ?? delivery.place) : delivery.place);
