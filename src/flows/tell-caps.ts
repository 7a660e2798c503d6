// Tells people of caps: a warning when four fifths of one are used, once per period; a stop, with what would raise it.
import { postMessage } from '../chat/outbox-store.ts';
import { capNearCard, capStopCard } from '../chat/views/cap-card.ts';
import { type DatabaseOrTrx, inTransaction } from '../db/database.ts';
import { lockUntold, markTold } from '../domain/money/cap-warning-store.ts';
import type { Deps } from './deps.ts';

/** Posts what `reserve` noted since. Safe from several processes. */
export async function tellNearCaps(deps: Deps): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    for (const warning of await lockUntold(trx)) {
      await postMessage(trx, {
        channel: 'approvals',
        goalId: warning.goal_id,
        key: `cap-near:${warning.mode}:${warning.cap}:${warning.period}`,
        card: capNearCard(warning),
      });
      await markTold(trx, warning);
    }
  });
}

/** @param key what was stopped: telling it again edits the card */
export async function tellCapStop(
  db: DatabaseOrTrx,
  stop: Parameters<typeof capStopCard>[0] & { key: string; goalId: number },
): Promise<void> {
  await postMessage(db, { channel: 'approvals', goalId: stop.goalId, key: `cap:${stop.key}`, card: capStopCard(stop) });
}
