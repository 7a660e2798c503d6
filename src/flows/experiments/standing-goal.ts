// The goal that everything tried under the standing budget belongs to: made once a mode, with one plan that code fills with tasks.
import type { Trx } from '../../db/database.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { addStandingGoal, findStandingGoal, type StandingGoal } from '../../domain/goals/standing-goal-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import { showGoal } from '../show.ts';

export async function ensureStandingGoal(trx: Trx, mode: Mode): Promise<StandingGoal> {
  const known = await findStandingGoal(trx, mode);
  if (known !== null) return known;
  const made = await addStandingGoal(trx, {
    mode,
    title: 'Try what could earn, under the standing budget',
    request:
      'Propose experiments from the best opportunities, run those that people approve, give money to what earns, and learn from the rest.',
    summary:
      "Each day is reviewed by code: read results, judge, divide the day's money, propose. People approve every experiment before it starts.",
    successMeasure: 'profit of all experiments after everything they cost',
  });
  const standing = made ?? (await findStandingGoal(trx, mode));
  if (standing === null) throw new Error('the standing goal was neither made nor found');
  if (made !== null) {
    await recordAudit(trx, [
      { mode, actor: 'policy', action: 'goal.given', subjectKind: 'goal', subjectId: made.goal.id, detail: { standing: true } },
    ]);
    await showGoal(trx, made.goal.id);
  }
  return standing;
}
