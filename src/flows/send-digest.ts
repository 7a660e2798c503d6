// Once a day, over all processes and through restarts: the digest as one message in the revenue channel.
import { postMessage } from '../chat/outbox-store.ts';
import { dayOf } from '../core/calendar.ts';
import { inTransaction } from '../db/database.ts';
import { findFirstStart, type Slot, takeSlot } from '../db/process-store.ts';
import type { Deps } from './deps.ts';
import { readDigest } from './read-digest.ts';

/** The slot and the message are one transaction: taken means posted. What was due before the first start of all is nobody's. */
export async function sendDigest(deps: Deps, slot: Slot): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (!(await takeSlot(trx, slot))) return;
    const first = await findFirstStart(trx);
    if (first === null || first > slot.slotAt) return;
    const day = dayOf(slot.slotAt, deps.config.timezone);
    const card = await readDigest(deps, trx, deps.clock.now());
    await postMessage(trx, { channel: 'revenue', goalId: null, key: `digest:${day}:${deps.mode}`, card });
    deps.log.info({ day }, 'sent the digest');
  });
}
