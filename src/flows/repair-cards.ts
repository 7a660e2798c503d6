// After a start: every open request has its card, as this version of the bot draws it. A card that is right already is left alone.
import { inTransaction } from '../db/database.ts';
import { listPending, lockApproval } from '../domain/approvals/approval-store.ts';
import type { Deps } from './deps.ts';
import { showApproval } from './show.ts';

export async function repairCards(deps: Deps): Promise<void> {
  for (const { id } of await listPending(deps.db, deps.mode)) {
    await inTransaction(deps.db, async (trx) => {
      // Somebody may be deciding it this very moment; their card is the newer one.
      const approval = await lockApproval(trx, id);
      if (approval?.status === 'pending') await showApproval(trx, approval);
    });
  }
}
