// Once a day and once a week, over all processes and through restarts: the report as one message in the revenue channel.
import type { Card } from '../chat/card.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { dayOf } from '../core/calendar.ts';
import { type DatabaseOrTrx, inTransaction } from '../db/database.ts';
import { findFirstStart, type Slot, takeSlot } from '../db/process-store.ts';
import type { Deps } from './deps.ts';
import { readDigest } from './read-digest.ts';
import { readWeekly } from './read-weekly.ts';

export const sendDigest = (deps: Deps, slot: Slot): Promise<void> => send(deps, slot, 'digest', readDigest);

export const sendWeekly = (deps: Deps, slot: Slot): Promise<void> => send(deps, slot, 'weekly', readWeekly);

/** The slot and the message are one transaction: taken means posted. What was due before the first start of all is nobody's. */
async function send(
  deps: Deps,
  slot: Slot,
  report: 'digest' | 'weekly',
  read: (deps: Deps, db: DatabaseOrTrx, at: Date) => Promise<Card>,
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (!(await takeSlot(trx, slot))) return;
    const first = await findFirstStart(trx);
    if (first === null || first > slot.slotAt) return;
    const day = dayOf(slot.slotAt, deps.config.timezone);
    const card = await read(deps, trx, deps.clock.now());
    await postMessage(trx, { channel: 'revenue', goalId: null, key: `${report}:${day}:${deps.mode}`, card });
    deps.log.info({ day, report }, 'sent a report');
  });
}
