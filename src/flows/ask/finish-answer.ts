// The one place where the finished words and the records behind them are together before they are shown as an answer.
import { inTransaction } from '../../db/database.ts';
import { type AnswerEnd, endAnswer } from '../../domain/conversations/answer-store.ts';
import type { Deps } from '../deps.ts';
import type { AnswerRun } from './answer-run.ts';
import { showAnswer } from './show-answer.ts';

export type Outcome = Pick<AnswerEnd, 'status' | 'text' | 'error'>;

const LONGEST_ANSWER = 20_000;

/** Ends the answer's row and shows it, in one transaction; nothing of it when another process has ended it meanwhile. */
export async function finishAnswer(deps: Deps, answerId: number, run: AnswerRun | null, { status, text, error }: Outcome): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const ended = await endAnswer(trx, answerId, deps.processId, {
      status,
      text: (run === null ? text : run.gate.check(text)).slice(0, LONGEST_ANSWER),
      error,
      model: run?.model ?? null,
      inputTokens: run?.inputTokens ?? 0,
      outputTokens: run?.outputTokens ?? 0,
      steps: run === null ? 0 : run.turns.length + 1,
      records: run?.records ?? [],
      tainted: run?.tainted ?? false,
    });
    if (ended) await showAnswer(deps, trx, answerId);
  });
}
