// A second look at a draft by the judge's model, where one is named. Its objection goes back to the planner once; without it the plan goes on.
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { JUDGE_SYSTEM, JUDGEMENT_NAME, judgement, judgePrompt } from '../domain/brain/judge-prompt.ts';
import type { PlanReply } from '../domain/brain/plan.ts';
import { askStructured } from '../domain/brain/structured.ts';
import { recordDecision } from '../domain/decisions/decision-store.ts';
import type { Goal } from '../domain/goals/goal-store.ts';
import { callModel } from './call-model.ts';
import type { Deps } from './deps.ts';

/** @returns what the judge objects to; null when it has nothing against the plan, could not be asked, or nobody is named to judge */
export async function judgePlan(deps: Deps, goal: Goal, plan: PlanReply, signal: AbortSignal): Promise<string | null> {
  if (deps.config.brain?.judged !== true) return null;
  const schema = { name: JUDGEMENT_NAME, jsonSchema: z.toJSONSchema(judgement) as Record<string, unknown> };
  const ask = { mode: 'judge' as const, goalId: goal.id, taskId: null, agent: 'judge', tools: [], schema, signal };
  const messages = [
    { role: 'system' as const, content: JUDGE_SYSTEM },
    { role: 'user' as const, content: judgePrompt(goal.request, plan) },
  ];
  try {
    const answer = await askStructured(judgement, messages, (said) => callModel(deps, { ...ask, messages: said }), objectionMissing);
    const objection = answer.kind === 'value' && !answer.value.fits ? answer.value.objection : null;
    const model = answer.kind === 'value' ? answer.model : null;
    await note(deps, goal, objection === null ? 'the draft stands' : 'the draft is revised', {
      reason:
        objection ?? (answer.kind === 'value' ? 'The judge has nothing against it.' : `The judge gave no usable answer: ${answer.why}`),
      model,
    });
    return objection;
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error;
    await note(deps, goal, 'the draft stands', { reason: `The judge could not be asked: ${error.reply}`, model: null });
    return null;
  }
}

const objectionMissing = ({ fits, objection }: z.output<typeof judgement>): string | null =>
  fits || (objection ?? '').trim() !== '' ? null : 'a plan that does not fit needs an objection';

function note(deps: Deps, goal: Goal, choice: string, { reason, model }: { reason: string; model: string | null }): Promise<void> {
  return recordDecision(deps.db, {
    ...{ mode: goal.mode, kind: 'plan', subjectKind: 'goal', subjectId: goal.id, goalId: goal.id, actor: 'judge', choice },
    ...{ alternatives: [], inputs: { model }, confidence: null, reason },
  });
}
