// Asks the planner for a draft, with what it may use, what is left, what people said and what was measured before.
import { z } from 'zod';
import { checkPlan, PLAN_SCHEMA_NAME, type PlanReply, planReply, TASK_KINDS } from '../domain/brain/plan.ts';
import { PLAN_SYSTEM, planPrompt } from '../domain/brain/prompts.ts';
import { askStructured, type Structured } from '../domain/brain/structured.ts';
import { type Goal, touchPlanning } from '../domain/goals/goal-store.ts';
import { countRejectedPlans } from '../domain/goals/plan-store.ts';
import type { Tool } from '../domain/tools/tool.ts';
import { callModel } from './call-model.ts';
import type { Deps } from './deps.ts';
import { lessonsFor } from './experiments/lessons-for.ts';
import { judgePlan } from './judge-plan.ts';
import { recallFacts } from './recall-facts.ts';
import { goalFactsOf } from './run-state.ts';

/** Remembered facts that are shown with a goal to be planned. */
const MOST_MEASURED = 5;

/** A draft of the model, written anew once where a judge objects. @throws what the model throws */
export async function draftPlan(deps: Deps, goal: Goal, leftMicros: bigint, signal: AbortSignal): Promise<Structured<PlanReply>> {
  const first = await draftOnce(deps, goal, { leftMicros, notes: goal.notes }, signal);
  if (first.kind !== 'value' || first.value.outcome !== 'plan') return first;
  const objection = await judgePlan(deps, goal, first.value, signal);
  return objection === null
    ? first
    : draftOnce(deps, goal, { leftMicros, notes: [...goal.notes, { by: 'the judge', text: objection }] }, signal);
}

interface Ground {
  leftMicros: bigint;
  notes: { by: string; text: string }[];
}

async function draftOnce(deps: Deps, goal: Goal, { leftMicros, notes }: Ground, signal: AbortSignal): Promise<Structured<PlanReply>> {
  await deps.toolServers.refresh();
  const usable = usableTools(deps, goal);
  const facts = {
    ask: 'plan' as const,
    goal: { ...goalFactsOf(goal), leftMicros: leftMicros.toString() },
    taskKinds: [...TASK_KINDS],
    tools: usable.map((tool) => tool.name),
    revision: await countRejectedPlans(deps.db, goal.id),
  };
  const about = { about: goal.request.slice(0, 1_000), match: 'any' as const, limit: MOST_MEASURED, measuredOnly: true };
  const measured = await recallFacts(deps, { mode: goal.mode, person: goal.given_by_person }, about, { goalId: goal.id, signal });
  const lessons = await lessonsFor(deps.db, { mode: goal.mode, decision: 'plan', subjectKind: 'goal', subjectId: goal.id });
  const schema = { name: PLAN_SCHEMA_NAME, jsonSchema: z.toJSONSchema(planReply) as Record<string, unknown> };
  return askStructured(
    planReply,
    [
      { role: 'system', content: PLAN_SYSTEM },
      {
        role: 'user',
        content: planPrompt({
          facts,
          request: goal.request,
          notes,
          measured,
          lessons,
          servers: usable.filter((tool) => tool.kinds !== undefined),
        }),
      },
    ],
    async (messages) => {
      await touchPlanning(deps.db, goal.id);
      return callModel(deps, { mode: 'plan', goalId: goal.id, taskId: null, agent: 'planner', messages, tools: [], schema, signal });
    },
    (reply) => checkPlan(reply, Number(leftMicros) / 1e6, deps.tools.has('payment_link')),
  );
}

/** The tools of this mode that work just now. */
export const usableTools = (deps: Deps, goal: Goal): Tool[] =>
  [...deps.tools.values()].filter((tool) => tool.modes.includes(goal.mode) && (tool.closed?.() ?? null) === null);
