// A scan begins as a row and a job: asked for by a person, at its time, or with the end of a market day. Once for each cause, one at a time.
import type { Card } from '../../chat/card.ts';
import type { Caller } from '../../chat/command.ts';
import { Conflict } from '../../core/errors.ts';
import { inTransaction, type Trx } from '../../db/database.ts';
import { findFirstStart, type Slot, takeSlot } from '../../db/process-store.ts';
import { wake } from '../../db/wake.ts';
import { addScan, findOpenScan, isScanDue, mayScanUnasked, type ScanCause } from '../../domain/opportunities/scan-store.ts';
import type { Deps } from '../deps.ts';
import { drawScan, showScan } from './show-scan.ts';

/** Market days between two scans. */
const EVERY_MARKET_DAYS = 4;

/** Now, whatever the budgets: somebody asks for it. One that is under way is shown instead. */
export async function scanNow(deps: Deps, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const open = await findOpenScan(trx, deps.mode);
    if (open !== undefined) return drawScan(trx, open);
    const card = await begin(deps, trx, { why: 'person', by: caller.platformId });
    if (card === null) throw new Conflict('Another scan has begun this moment. Ask again to see it.');
    return card;
  });
}

/** The slot is taken with the scan, in one transaction, whatever comes of it. Without a budget, and without a goal, nothing is looked for. */
export async function scanAtSlot(deps: Deps, slot: Slot): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (!(await takeSlot(trx, slot)) || (await findFirstStart(trx)) === null) return;
    if (!(await mayScanUnasked(trx, deps.mode, { givenMicros: givenOf(deps), marketDay: null }))) return;
    await begin(deps, trx, { why: 'schedule', slotAt: slot.slotAt });
  });
}

const dueBy = (day: number): number => day - (day % EVERY_MARKET_DAYS);

/** Whether the end of this market day begins a scan, as an expression. */
export const scansAfterDay = (deps: Deps, day: number) => isScanDue(deps.mode, { givenMicros: givenOf(deps), marketDay: dueBy(day) });

/** With the end of a market day: the last fourth day that is over, if it had none. Events may come late or out of order. */
export async function scanAfterDay(deps: Deps, trx: Trx, day: number): Promise<void> {
  const due = dueBy(day);
  if (due === 0 || !(await mayScanUnasked(trx, deps.mode, { givenMicros: givenOf(deps), marketDay: due }))) return;
  await begin(deps, trx, { why: 'market_day', day: due });
}

const givenOf = ({ mode, config }: Deps): bigint => (mode === 'practice' ? config.limits.practiceStandingMicros : 0n);

async function begin(deps: Deps, trx: Trx, cause: ScanCause): Promise<Card | null> {
  const scan = await addScan(trx, deps.mode, cause);
  if (scan === null) return null;
  await wake(trx, { job: 'scan', scanId: scan.id });
  // Of those that the days begin, their end is told: a card that says "looking" for a moment every fourth day is no news.
  return cause.why === 'market_day' ? null : showScan(trx, scan);
}
