// Counts visits without losing one: whoever asks waits until the batch with their visit is committed, and only then gets the page.
// While one batch is being written the next one gathers, so two hundred visitors at once cost a few statements, not two hundred.
import { randomBytes } from 'node:crypto';
import { dayOf } from '../core/calendar.ts';
import type { Trx } from '../db/database.ts';
import { findMarketPages } from '../domain/pages/market-page-store.ts';
import { countVisits, readSalt, type Visit } from '../domain/pages/visit-store.ts';
import { seenHash } from '../domain/pages/visitor.ts';
import type { Deps } from './deps.ts';

const MOST_AT_ONCE = 500;
/** More than this waiting means that the database does not follow; further visitors are told to come back. */
const MOST_WAITING = 5_000;

export interface PageView {
  pageId: number;
  variant: string;
  channel: string;
  address: string;
  agent: string;
}

interface Waiting {
  view: PageView;
  day: string;
  done: () => void;
  failed: (error: unknown) => void;
}

export interface VisitCounter {
  /** Resolves when the visit is in the database. What was not answered may be uncounted; what was answered is counted, once. */
  count(view: PageView): Promise<void>;
}

export function createVisitCounter({ db, clock, config }: Pick<Deps, 'db' | 'clock' | 'config'>): VisitCounter {
  const waiting: Waiting[] = [];
  let writing = false;
  let salt: { day: string; text: string } | null = null;

  const saltOf = async (day: string): Promise<string> => {
    if (salt?.day !== day) salt = { day, text: await readSalt(db, day, () => randomBytes(32).toString('base64url')) };
    return salt.text;
  };
  const toVisit = async ({ view, day }: Waiting): Promise<Visit> => {
    const hash = seenHash(await saltOf(day), view.pageId, view.address, view.agent);
    return { pageId: view.pageId, variant: view.variant, channel: view.channel, day, hash, visits: 1 };
  };
  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST_AT_ONCE);
      try {
        const visits: Visit[] = [];
        for (const one of batch) visits.push(await toVisit(one));
        await countVisits(db, visits);
        for (const one of batch) one.done();
      } catch (error) {
        // Not tried again: it may have been committed, and a visit too few is better than one counted twice.
        for (const one of batch) one.failed(error);
      }
    }
    writing = false;
  };

  return {
    count: (view) =>
      new Promise<void>((done, failed) => {
        if (waiting.length >= MOST_WAITING) {
          failed(new Error('too many visits wait to be counted'));
          return;
        }
        waiting.push({ view, day: dayOf(clock.now(), config.timezone), done, failed });
        if (writing) return;
        writing = true;
        void write();
      }),
  };
}

/** What the practice market says of its visitors: each launch's sum so far. What is new since the last time is counted like any visit. */
export async function countMarketVisits(trx: Trx, told: readonly { launch_id: string; visitors: number }[], day: string): Promise<void> {
  if (told.length === 0) return;
  const pages = await findMarketPages(trx, told);
  const visits = pages.filter((page) => page.fresh > 0);
  await countVisits(
    trx,
    visits.map((page) => ({ pageId: page.pageId, variant: 'a', channel: 'market', day, hash: null, visits: page.fresh })),
  );
}
