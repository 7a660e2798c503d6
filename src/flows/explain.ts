// The story of a goal, a task, a request or an experiment: what its own rows decided, what the decision log holds, and the trail.
import type { Card } from '../chat/card.ts';
import { approvalStory, decisionLine, experimentStory, goalStory, taskStory, trailLine } from '../chat/views/why-card.ts';
import { NotFound } from '../core/errors.ts';
import { findApproval } from '../domain/approvals/approval-store.ts';
import { listAudit } from '../domain/audit/story-store.ts';
import { listDecisions } from '../domain/decisions/decision-store.ts';
import { findExperiment, listSteps } from '../domain/experiments/experiment-store.ts';
import { findGoal } from '../domain/goals/goal-store.ts';
import { listPlans } from '../domain/goals/plan-store.ts';
import { findTask, listTasksOfGoal } from '../domain/tasks/task-store.ts';
import { listCallsOfApproval } from '../domain/tools/asked-call-store.ts';
import { listCalls, listTurns } from '../domain/tools/call-store.ts';
import type { Deps } from './deps.ts';

export type Subject = { kind: 'goal' | 'task' | 'approval' | 'experiment'; id: number };

interface Told {
  lines: string[];
  /** What else is part of its story. */
  about: { kind: string; id: number }[];
}

const MOST_DECISIONS = 20;
const MOST_TRAIL = 40;

/** @throws NotFound when nothing is known of it. */
export async function explain(deps: Deps, subject: Subject): Promise<Card> {
  const told = await tell(deps, subject);
  const decisions = await listDecisions(deps.db, [subject, ...told.about], MOST_DECISIONS);
  const trail = await listAudit(deps.db, [subject, ...told.about], MOST_TRAIL);
  if (told.lines.length + decisions.length + trail.length === 0)
    throw new NotFound(`Nothing was decided about ${subject.kind} ${subject.id} yet.`);
  const list = (title: string, lines: string[]): string[] =>
    lines.length === 0 ? [] : [[title, ...lines.map((line) => `- ${line}`)].join('\n')];
  return {
    title: `Why: ${subject.kind} ${subject.id}`,
    tone: 'info',
    text: [...list('', told.lines), ...list('**Decisions**', decisions.map(decisionLine)), ...list('**Trail**', trail.map(trailLine))]
      .join('\n\n')
      .trim(),
    ref: { kind: subject.kind, id: subject.id },
  };
}

function tell(deps: Deps, { kind, id }: Subject): Promise<Told> {
  switch (kind) {
    case 'goal':
      return tellGoal(deps, id);
    case 'task':
      return tellTask(deps, id);
    case 'approval':
      return tellApproval(deps, id);
    case 'experiment':
      return tellExperiment(deps, id);
  }
}

async function tellGoal({ db }: Deps, id: number): Promise<Told> {
  const goal = await findGoal(db, id);
  if (goal === undefined) return { lines: [], about: [] };
  return { lines: goalStory(goal, await listPlans(db, id), await listTasksOfGoal(db, id)), about: [] };
}

/** A task's story holds its calls and their requests. */
async function tellTask({ db }: Deps, id: number): Promise<Told> {
  const task = await findTask(db, id);
  if (task === undefined) return { lines: [], about: [] };
  const calls = await listCalls(db, id);
  const approvals = [...new Set(calls.map((call) => call.approval_id).filter((one) => one !== null))];
  return {
    lines: taskStory(task, await listTurns(db, id), calls),
    about: [...calls.map((call) => ({ kind: 'tool_call', id: call.id })), ...approvals.map((one) => ({ kind: 'approval', id: one }))],
  };
}

/** Its steps are in the trail; the verdict with its figures in the log. */
async function tellExperiment({ db, mode }: Deps, id: number): Promise<Told> {
  const experiment = await findExperiment(db, mode, id);
  if (experiment === undefined) return { lines: [], about: [] };
  const about = experiment.opportunity_id === null ? [] : [{ kind: 'opportunity', id: experiment.opportunity_id }];
  return { lines: experimentStory(experiment, await listSteps(db, id)), about };
}

async function tellApproval({ db }: Deps, id: number): Promise<Told> {
  const approval = await findApproval(db, id);
  if (approval === undefined) return { lines: [], about: [] };
  const calls = await listCallsOfApproval(db, id);
  return { lines: approvalStory(approval, calls), about: calls.map((call) => ({ kind: 'tool_call', id: call.id })) };
}
