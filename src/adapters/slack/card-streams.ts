// Cards that grow as streams: a goal at work, an answer being written. Each becomes an ordinary message when it rests or ends.
// What is remembered here only spares calls: whether a message is being streamed is what Slack answers, and edits work without a stream.
import { type types, webApi } from '@slack/bolt';
import type { Card } from '../../chat/card.ts';
import type { Letter, Spot } from '../../chat/channel.ts';
import type { Log } from '../../observability/logger.ts';
import { answerGrowth } from './answer-growth.ts';
import { asKnown, type Look } from './block-parts.ts';
import { renderBlocks } from './blocks.ts';
import { goalGrowth } from './goal-growth.ts';
import type { Growth } from './growth.ts';
import { metadataOf } from './message-mark.ts';
import { setSessionStatus } from './session-status.ts';
import { toTrouble } from './slack-trouble.ts';

/** Slack ends a stream by itself after half a minute of silence, and after five minutes: ours end before that. */
const SILENT_MS = 15_000;
const LONGEST_MS = 240_000;

interface Open {
  spot: Spot;
  ts: string;
  letter: Letter;
  growth: Growth;
  since: number;
  timer: NodeJS.Timeout;
}

export class CardStreams {
  readonly #client: webApi.WebClient;
  readonly #log: Log;
  readonly #look: Look;
  readonly #open = new Map<string, Open>();

  constructor({ client, log, publicUrl }: { client: webApi.WebClient; log: Log; publicUrl: string | null }) {
    this.#client = client;
    this.#log = log;
    this.#look = { surface: 'message', publicUrl };
  }

  /** @returns the message's ts; null when this card is no matter for a stream or Slack refuses one: post it. @throws what an outage or a rate limit throws. */
  async begin(spot: Spot, letter: Letter): Promise<string | null> {
    const growth = growthOf(letter.card);
    if (spot.thread === null || growth === null) return null;
    try {
      const reader = await this.#findReader(spot.place, spot.thread, letter.reader);
      if (reader === null) return null;
      const first = { channel: spot.place, thread_ts: spot.thread, ...reader, task_display_mode: growth.mode };
      const { ts } = await this.#client.chat.startStream({ ...first, chunks: growth.first(letter.card, letter.mark, this.#look) });
      if (ts === undefined) return null;
      this.#keep({ spot, ts, letter, growth, since: performance.now() });
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
    const { growth, since } = open;
    const chunks = growth.isGrowing(letter.card) ? growth.next(letter.card, open.letter.card, this.#look) : null;
    if (chunks === null || performance.now() - since > LONGEST_MS) {
      await this.end(spot, ts, letter);
      return false;
    }
    try {
      if (chunks.length > 0) await this.#client.chat.appendStream({ channel: spot.place, ts, chunks });
      this.#keep({ ...open, letter });
      return true;
    } catch (error) {
      // Where it is not known whether the words arrived they would be said twice: it goes on as an edit of the whole.
      if (error instanceof webApi.WebAPIRateLimitedError) this.#keep(open);
      if (!isRefusal(error)) throw error;
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

  /** The least time until it may be given more, in ms; null when it is not streamed from here. */
  pauseOf(place: string, ts: string): number | null {
    return this.#open.get(`${place}/${ts}`)?.growth.pauseMs ?? null;
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
  async #settle({ spot, ts, letter, growth }: Open): Promise<void> {
    if (this.#take(spot.place, ts) === null) return;
    try {
      await this.end(spot, ts, letter, this.#drawRest(growth.rest(letter.card)));
    } catch (error) {
      this.#log.warn({ err: error, place: spot.place, ts }, 'a stream in Slack could not be ended; the next edit does it');
    }
  }

  #drawRest(card: Card): types.KnownBlock[] {
    return asKnown(renderBlocks(card, this.#look).blocks.slice(1));
  }

  /** Outside of direct messages Slack wants to know whom the stream is for: whoever asked, else whoever began the thread. Null when that was no person. */
  async #findReader(place: string, thread: string, asked: string | undefined): Promise<Reader | null> {
    if (place.startsWith('D')) return {};
    const [, team, user] = /^slack:([^/]+)\/([^/]+)$/.exec(asked ?? '') ?? [];
    if (team !== undefined && user !== undefined) return { recipient_user_id: user, recipient_team_id: team };
    const { messages } = await this.#client.conversations.replies({ channel: place, ts: thread, limit: 1 });
    const first = messages?.find((message) => message.ts === thread);
    if (first?.user === undefined || first.team === undefined || first.bot_id !== undefined) return null;
    return { recipient_user_id: first.user, recipient_team_id: first.team };
  }
}

interface Reader {
  recipient_user_id?: string;
  recipient_team_id?: string;
}

const growthOf = (card: Card): Growth | null => [goalGrowth, answerGrowth].find(({ isGrowing }) => isGrowing(card)) ?? null;

/** A person has to answer, or may speak. */
const statusAfter = ({ card }: Letter) => (card.tone === 'ask' ? ('suspended' as const) : ('active' as const));

/** Slack's no, unlike an outage or a wish to wait. */
const isRefusal = (error: unknown): boolean => toTrouble(error, '').problem !== 'later';
