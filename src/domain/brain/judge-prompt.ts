// The words of judging a plan by another model than the one that wrote it. It may object, once; it decides nothing.
import { z } from 'zod';
import type { PlanReply } from './plan.ts';
import { fenceData, RULES } from './prompts.ts';

export const JUDGE_SYSTEM = `${RULES}
Judge a plan that another model wrote for a goal. Answer with JSON of the given schema: whether the plan fits the goal, and if it does not, the one most important objection in at most three sentences.
Object only to what would keep the goal from being reached, or spend money for nothing; matters of taste are no objection.`;

export const judgement = z.object({ fits: z.boolean(), objection: z.string().max(1_000).nullable() });
export const JUDGEMENT_NAME = 'plan_judgement';

export function judgePrompt(request: string, plan: PlanReply): string {
  const tasks = plan.tasks.map((task) => ({
    key: task.key,
    kind: task.kind,
    title: task.title,
    why: task.why,
    after: task.dependsOn,
    costUsd: task.expectedCostUsd,
  }));
  return [
    'The goal in the words of the person who gave it:',
    fenceData('operator', request),
    'The plan:',
    fenceData('planner', JSON.stringify({ summary: plan.summary, success: plan.successMeasure, tasks })),
  ].join('\n');
}

export const SUMMARISE_SYSTEM = `${RULES}
Put a part of a conversation in short: what was asked, what was answered, what was agreed, with its numbers as they stand there. At most 12 lines. Add nothing.`;
