// Answers whose process died while it wrote them: said so in their place, with a way to ask again.
import { inTransaction } from '../../db/database.ts';
import { interruptAbandoned } from '../../domain/conversations/answer-store.ts';
import type { Deps } from '../deps.ts';
import { showAnswer } from './show-answer.ts';

/** Safe from several processes: each answer is interrupted once. */
export async function tellInterrupted(deps: Deps): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    for (const id of await interruptAbandoned(trx)) await showAnswer(deps, trx, id);
  });
}
