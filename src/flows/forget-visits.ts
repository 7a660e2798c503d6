// Soon after midnight: yesterday's salt and hashes go, so that nobody can ever say who visited. The sums stay.
import { dayOf } from '../core/calendar.ts';
import { inTransaction } from '../db/database.ts';
import { type Slot, takeSlot } from '../db/process-store.ts';
import { forgetSeen } from '../domain/pages/visit-store.ts';
import type { Deps } from './deps.ts';

export async function forgetVisits(deps: Deps, slot: Slot): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (await takeSlot(trx, slot)) await forgetSeen(trx, dayOf(deps.clock.now(), deps.config.timezone));
  });
}
