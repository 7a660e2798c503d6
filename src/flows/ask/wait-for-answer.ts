// Waits for an answer that is handed back instead of posted. The waiting is a courtesy: the answer is a row, whoever stops waiting can look again.
import { setTimeout as sleep } from 'node:timers/promises';
import { NotFound } from '../../core/errors.ts';
import { type Answer, findAnswer } from '../../domain/conversations/answer-store.ts';
import type { Deps } from '../deps.ts';

/** @returns the answer when it has ended, or as it is after `ms`. */
export async function waitForAnswer(deps: Deps, id: number, ms: number): Promise<Answer> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
  let isLate = false;
  void late.then(() => {
    isLate = true;
  });
  let tell = (): void => undefined;
  const leave = deps.onMessages(() => tell());
  try {
    for (;;) {
      const told = new Promise<void>((resolve) => {
        tell = resolve;
      });
      const answer = await findAnswer(deps.db, id);
      if (answer === undefined) throw new NotFound(`There is no answer ${id}.`);
      if (isLate || (answer.status !== 'pending' && answer.status !== 'answering')) return answer;
      await Promise.race([told, late]);
    }
  } finally {
    leave();
    over.abort();
  }
}
