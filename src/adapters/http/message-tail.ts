// Follows the message table for every open stream of this process with one reader.
// Change numbers come from a sequence, so a lower one may commit after a higher one: each read goes back a little and skips what it knows.
import type { Database } from '../../db/database.ts';
import type { Log } from '../../observability/logger.ts';
import { type Change, findLastChange, listChanges, loadMessages, type PostedMessage } from './message-store.ts';

/** How many change numbers each read looks back: more than can be in flight in one moment. */
const OVERLAP = 500;
const BATCH = 200;
const REMEMBERED = 5_000;
/** Several changes of one moment are one read. */
const GATHER_MS = 25;
const RETRY_MS = 1_000;

/** @param isLate its number is below one that was sent before; it must not move the client's resume point back. */
export type Deliver = (message: PostedMessage, isLate: boolean) => void;

interface Follower {
  deliver: Deliver;
  /** Filled while the backlog is being sent; null once live. */
  held: { message: PostedMessage; isLate: boolean }[] | null;
  /** Message id → version the backlog brought: the common reader may come upon the same change a moment later. */
  sent: Map<number, number>;
}

export class MessageTail {
  readonly #db: Database;
  readonly #log: Log;
  readonly #subscribe: (listener: () => void) => () => void;
  readonly #followers = new Set<Follower>();
  /** Change number → the highest number sent before it. */
  readonly #known = new Map<number, number>();
  #highest: number | null = null;
  #reading: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #unsubscribe: (() => void) | null = null;

  constructor(db: Database, log: Log, subscribe: (listener: () => void) => () => void) {
    this.#db = db;
    this.#log = log;
    this.#subscribe = subscribe;
  }

  /** Delivers everything changed since `after` (null: from now on) and then whatever changes. Returns the way to stop. */
  async follow(after: number | null, deliver: Deliver): Promise<() => void> {
    this.#unsubscribe ??= this.#subscribe(() => this.#wake(GATHER_MS));
    await this.#readInTurn();
    const follower: Follower = { deliver, held: [], sent: new Map() };
    this.#followers.add(follower);
    const stop = () => this.#drop(follower);
    try {
      if (after !== null) await this.#sendBacklog(after, follower);
      const { held } = follower;
      follower.held = null;
      for (const { message, isLate } of held ?? []) this.#deliverTo(follower, message, isLate);
      return stop;
    } catch (error) {
      stop();
      throw error;
    }
  }

  stop(): void {
    for (const follower of [...this.#followers]) this.#drop(follower);
  }

  #drop(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #sendBacklog(after: number, follower: Follower): Promise<void> {
    for (let from = Math.max(-1, after - OVERLAP); ; ) {
      const changes = await listChanges(this.#db, from, BATCH + OVERLAP);
      const missed = changes.filter(({ change }) => change > after || (this.#known.get(change) ?? -1) >= after);
      for (const message of await this.#load(missed)) {
        follower.sent.set(message.id, message.version);
        follower.deliver(message, message.change <= after);
      }
      const last = changes.at(-1);
      if (last === undefined || changes.length < BATCH + OVERLAP) return;
      from = last.change;
    }
  }

  /** What was edited again since it was listed is left out: its newer change number comes by itself. */
  async #load(changes: readonly Change[]): Promise<PostedMessage[]> {
    const listed = new Set(changes.map(({ change }) => change));
    const messages = await loadMessages(
      this.#db,
      changes.map(({ id }) => id),
    );
    return messages.filter(({ change }) => listed.has(change));
  }

  #wake(delayMs: number): void {
    if (this.#timer !== null || this.#followers.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#readInTurn().catch((error: unknown) => {
        this.#log.warn({ err: error }, 'reading changed messages failed; trying again');
        this.#wake(RETRY_MS);
      });
    }, delayMs);
    this.#timer.unref();
  }

  #readInTurn(): Promise<void> {
    const turn = this.#reading.catch(() => undefined).then(() => this.#read());
    this.#reading = turn;
    return turn;
  }

  async #read(): Promise<void> {
    if (this.#highest === null) return await this.#begin();
    const behind = this.#followers.size === 0 ? (await findLastChange(this.#db)) - this.#highest : 0;
    // Nobody listened for long: nobody can have seen the numbers in between out of order.
    if (behind > REMEMBERED) return await this.#begin();
    for (;;) {
      const changes = await listChanges(this.#db, this.#highest - OVERLAP, BATCH + OVERLAP);
      await this.#tell(changes.filter(({ change }) => !this.#known.has(change)));
      if (changes.length < BATCH + OVERLAP) return;
    }
  }

  /** Starts at the newest change; what exists counts as sent long ago. */
  async #begin(): Promise<void> {
    const newest = await findLastChange(this.#db);
    for (const { change } of await listChanges(this.#db, newest - OVERLAP, BATCH + OVERLAP)) this.#known.set(change, -1);
    this.#highest = Math.max(newest, ...this.#known.keys());
  }

  async #tell(changes: readonly Change[]): Promise<void> {
    const messages = this.#followers.size === 0 ? [] : await this.#load(changes);
    const byChange = new Map(messages.map((message) => [message.change, message]));
    for (const { change } of changes) {
      const highest = this.#highest ?? -1;
      this.#known.set(change, highest);
      this.#highest = Math.max(highest, change);
      const message = byChange.get(change);
      if (message !== undefined) this.#deliver(message, change < highest);
    }
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED) break;
      this.#known.delete(oldest);
    }
  }

  #deliver(message: PostedMessage, isLate: boolean): void {
    for (const follower of this.#followers) {
      if (follower.held === null) this.#deliverTo(follower, message, isLate);
      else follower.held.push({ message, isLate });
    }
  }

  #deliverTo(follower: Follower, message: PostedMessage, isLate: boolean): void {
    const sent = follower.sent.get(message.id);
    if (sent !== undefined && sent >= message.version) return;
    follower.sent.delete(message.id);
    follower.deliver(message, isLate);
  }
}
