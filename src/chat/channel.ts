// A chat platform as the delivery flow needs it. Adapters translate cards and words; they know nothing of goals or money.
import type { Platform } from '../db/tables/states.ts';
import type { Card } from './card.ts';

/** Where a message lies or is to lie. `place` is the platform's channel id; `thread` its thread within that channel, if any. */
export interface Spot {
  place: string;
  /** Slack: the first message's ts. Discord: the thread's own channel id. */
  thread: string | null;
}

/** One message to post or to edit. */
export interface Letter {
  card: Card;
  /** Names this message for good (at most 25 characters): after a crash it is looked for by it, so that nothing is posted twice. */
  mark: string;
  /** The platform id of the person it answers, where it answers one. */
  reader?: string;
}

export interface ChatChannel {
  readonly platform: Platform;
  /** @returns the platform's id of the new message. @throws DeliveryTrouble */
  post(spot: Spot, letter: Letter): Promise<string>;
  /** @throws DeliveryTrouble, `gone` when somebody deleted the message. */
  edit(spot: Spot, remoteId: string, letter: Letter): Promise<void>;
  /** Whether this process streams the message just now: the least time until it may be changed again, in ms; null (or absent): it is edited. */
  streamPause?(spot: Spot, remoteId: string): number | null;
  /** The message of this letter among the newest ones of the spot, by its mark; null when it never arrived. @throws DeliveryTrouble */
  find(spot: Spot, letter: Letter, since: Date): Promise<string | null>;
  /** A thread under a message, for what belongs to one goal. @returns what Spot.thread is for it. @throws DeliveryTrouble */
  openThread(spot: Spot, remoteId: string, title: string): Promise<string>;
  /** The channel of direct messages with a person, by the platform's own user id. @throws DeliveryTrouble */
  directPlace(userId: string): Promise<string>;
}

/** Why a message could not be delivered, in the ways that ask for different answers. */
export type DeliveryProblem =
  /** Asked to wait (429) or not reached (network, 5xx): try again. */
  | 'later'
  /** The message to edit is no longer there. */
  | 'gone'
  /** The thread was deleted, or is locked to the bot; the channel it hung in may well be open. */
  | 'thread_lost'
  /** The channel cannot be written to: archived, deleted, the bot is not in it or lacks a permission. */
  | 'unreachable'
  /** The platform does not take this content; only a change of ours can help. */
  | 'refused';

export class DeliveryTrouble extends Error {
  readonly problem: DeliveryProblem;
  /** For `later`: how long the platform said to wait; null when it did not say. */
  readonly waitMs: number | null;

  /** @param message one sentence for people: what is wrong and, where there is one, what to do. */
  constructor(problem: DeliveryProblem, message: string, options: { waitMs?: number | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'DeliveryTrouble';
    this.problem = problem;
    this.waitMs = options.waitMs ?? null;
  }
}

/** How an adapter stands towards its platform, for /readyz and `status`. */
export interface PlatformHealth {
  state: 'ok' | 'off' | 'degraded' | 'down';
  /** One sentence when it is not ok. */
  why: string | null;
}
