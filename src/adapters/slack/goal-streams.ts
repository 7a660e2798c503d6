// Goals at work as streams: their live card grows while tasks run, and becomes an ordinary message when work rests or ends.
// What is remembered here only spares calls: whether a message is being streamed is what Slack answers, and edits work without a stream.
import type { types, webApi } from '@slack/bolt';
import type { Card } from '../../chat/card.ts';
import type { Letter, Spot } from '../../chat/channel.ts';
import type { Log } from '../../observability/logger.ts';
import { metadataOf } from './message-mark.ts';
import { setSessionStatus } from './session-status.ts';
import { toTrouble } from './slack-trouble.ts';
import { drawFirst, drawNext, isAtWork } from './stream-chunks.ts';

/** Slack ends a stream by itself after half a minute of silence, and after five minutes: ours end before that. */
const SILENT_MS = 15_000;
const LONGEST_MS = 240_000;

interface Open {
  spot: Spot;
  ts: string;
  letter: Letter;
  since: number;
  timer: NodeJS.Timeout;
}

export class GoalStreams {
  readonly #client: webApi.WebClient;
  readonly #log: Log;
  readonly #drawEnd: (card: Card) => types.KnownBlock[];
  readonly #open = new Map<string, Open>();

  /** @param drawEnd what an ended stream shows below its plan. */
  constructor(client: webApi.WebClient, log: Log, drawEnd: (card: Card) => types.KnownBlock[]) {
    this.#client = client;
    this.#log = log;
    this.#drawEnd = drawEnd;
  }

  /** @returns the message's ts; null when this card is no matter for a stream or Slack refuses one: post it. @throws what an outage or a rate limit throws. */
  async begin(spot: Spot, letter: Letter): Promise<string | null> {
    if (spot.thread === null || !isAtWork(letter.card)) return null;
    try {
      const reader = await this.#findReader(spot.place, spot.thread);
      if (reader === null) return null;
      const first = { channel: spot.place, thread_ts: spot.thread, ...reader, task_display_mode: 'plan' };
      const { ts } = await this.#client.chat.startStream({ ...first, chunks: drawFirst(letter.card, letter.mark) });
      if (ts === undefined) return null;
      this.#keep({ spot, ts, letter, since: performance.now() });
      await setSessionStatus(this.#client, this.#log, spot, 'processing', letter.card.title);
      return ts;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#log.info({ err: error }, 'Slack takes no stream here; the card is posted');
      return null;
    }
  }

  /** @returns true when the stream shows the new state; false when the message is none, or no longer: edit it. */
  async advance(spot: Spot, ts: string, letter: Letter): Promise<boolean> {
    const open = this.#take(spot.place, ts);
    if (open === null) return false;
    if (!isAtWork(letter.card) || performance.now() - open.since > LONGEST_MS) {
      await this.end(spot, ts, letter);
      return false;
    }
    try {
      await this.#client.chat.appendStream({ channel: spot.place, ts, chunks: drawNext(letter.card) });
      this.#keep({ ...open, letter });
      return true;
    } catch (error) {
      if (!isRefusal(error)) {
        this.#keep(open);
        throw error;
      }
      await setSessionStatus(this.#client, this.#log, spot, statusAfter(letter));
      return false;
    }
  }

  /** Ends the stream, whoever began it; one that has ended already is fine. @throws what an outage or a rate limit throws. */
  async end(spot: Spot, ts: string, letter: Letter, blocks: types.KnownBlock[] = []): Promise<void> {
    const last = blocks.length === 0 ? {} : { blocks };
    try {
      const known = { metadata: metadataOf(letter.mark), session_status: statusAfter(letter) };
      await this.#client.chat.stopStream({ channel: spot.place, ts, ...known, ...last });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await setSessionStatus(this.#client, this.#log, spot, statusAfter(letter));
    }
  }

  /** Before the process ends: nothing is left half said. */
  async endAll(): Promise<void> {
    const open = [...this.#open.values()];
    await Promise.all(open.map((one) => this.#settle(one)));
  }

  #keep(open: Omit<Open, 'timer'>): void {
    const timer = setTimeout(() => void this.#settle(kept), SILENT_MS);
    timer.unref();
    const kept = { ...open, timer };
    this.#open.set(`${open.spot.place}/${open.ts}`, kept);
  }

  #take(place: string, ts: string): Open | null {
    const open = this.#open.get(`${place}/${ts}`) ?? null;
    if (open !== null) clearTimeout(open.timer);
    this.#open.delete(`${place}/${ts}`);
    return open;
  }

  /** One call, with all that is to be seen: an edit by another process in the same moment is newer, and is not written over. */
  async #settle({ spot, ts, letter }: Open): Promise<void> {
    if (this.#take(spot.place, ts) === null) return;
    try {
      await this.end(spot, ts, letter, this.#drawEnd(letter.card));
    } catch (error) {
      this.#log.warn({ err: error, place: spot.place, ts }, 'a stream in Slack could not be ended; the next edit does it');
    }
  }

  /** Outside of direct messages Slack wants to know whom the stream is for: whoever began the thread. Null when that was no person. */
  async #findReader(place: string, thread: string): Promise<{ recipient_user_id?: string; recipient_team_id?: string } | null> {
    if (place.startsWith('D')) return {};
    const { messages } = await this.#client.conversations.replies({ channel: place, ts: thread, limit: 1 });
    const first = messages?.find((message) => message.ts === thread);
    if (first?.user === undefined || first.team === undefined || first.bot_id !== undefined) return null;
    return { recipient_user_id: first.user, recipient_team_id: first.team };
  }
}

/** A person has to answer, or may speak. */
const statusAfter = ({ card }: Letter) => (card.tone === 'ask' ? ('suspended' as const) : ('active' as const));

/** Slack's no, unlike an outage or a wish to wait. */
const isRefusal = (error: unknown): boolean => toTrouble(error, '').problem !== 'later';
