// A message becomes a goal: read its words, keep them, and let planning begin.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { keepThread } from '../chat/thread-store.ts';
import { draftCard } from '../chat/views/draft-card.ts';
import { goalCard } from '../chat/views/goal-card.ts';
import { Conflict, InvalidInput, NotFound } from '../core/errors.ts';
import { formatUsd, type Micros, parseUsd } from '../core/money.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { recordDecision } from '../domain/decisions/decision-store.ts';
import { addGoal, addNote, editGoal, findGoal, type Goal, type GoalDraft, moveGoal } from '../domain/goals/goal-store.ts';
import { readGoal } from '../domain/goals/measure.ts';
import { findLatestPlan } from '../domain/goals/plan-store.ts';
import { hasRole } from '../domain/people/role.ts';
import { wakeWaiting } from '../domain/tasks/wake-store.ts';
import type { Deps } from './deps.ts';
import { wordsChoice } from './log-choice.ts';
import { showGoal } from './show.ts';

export const LONGEST_GOAL = 10_000;

export interface GoalWords {
  text: string;
  budgetMicros: Micros | null;
  deadline: Date | null;
}

function draftOf(deps: Deps, words: GoalWords, caller: Caller, status: 'draft' | 'planning'): GoalDraft {
  if (words.text.trim() === '')
    throw new InvalidInput('A goal needs words, like: goal Earn the first practice dollar with a budget of $60');
  if (words.text.length > LONGEST_GOAL)
    throw new InvalidInput(`A goal may have ${LONGEST_GOAL} characters, this one has ${words.text.length}.`);
  const read = readGoal(words.text);
  const deadline =
    words.deadline ?? (read.deadlineDays === null ? null : new Date(deps.clock.now().getTime() + read.deadlineDays * 86_400_000));
  return {
    mode: deps.mode,
    title: read.title,
    request: words.text,
    means: read.means,
    metric: read.metric,
    targetMicros: read.targetMicros,
    budgetMicros: words.budgetMicros ?? read.budgetMicros ?? 0n,
    deadline,
    status,
    givenBy: caller.platformId,
    givenByPerson: caller.person,
    mayStartAlone: hasRole(caller, 'approver'),
  };
}

/** `goal …`: skips the draft and plans at once. */
export async function acceptGoal(deps: Deps, words: GoalWords, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => start(trx, await addGoal(trx, draftOf(deps, words, caller, 'planning')), caller));
}

/** Free text: kept as a draft, answered with Start, Edit and Just a question. */
export async function draftGoal(deps: Deps, text: string, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const goal = await addGoal(trx, draftOf(deps, { text, budgetMicros: null, deadline: null }, caller, 'draft'));
    await recordDecision(trx, wordsChoice(deps, goal));
    return draftCard(goal);
  });
}

/** Start, or first edit, a draft. */
export async function continueDraft(deps: Deps, id: number, words: Partial<GoalWords>, caller: Caller): Promise<Card> {
  const goal = await findGoal(deps.db, id);
  if (goal === undefined) throw new NotFound(`There is no goal ${id}.`);
  if (goal.status !== 'draft') throw new Conflict(`Goal ${id} has been started already.`);
  const edits = words.text !== undefined || (words.budgetMicros ?? null) !== null || (words.deadline ?? null) !== null;
  if (edits) {
    const draft = draftOf(
      deps,
      {
        text: words.text ?? goal.request,
        // New words may name a new budget or deadline; what they leave out stays.
        budgetMicros: words.budgetMicros ?? readGoal(words.text ?? '').budgetMicros ?? goal.budget_micros,
        deadline: words.deadline ?? (readGoal(words.text ?? '').deadlineDays === null ? goal.deadline : null),
      },
      caller,
      'draft',
    );
    const edited = await editGoal(deps.db, id, draft);
    if (edited === undefined) throw new Conflict(`Goal ${id} has been started already.`);
    return draftCard(edited);
  }
  return inTransaction(deps.db, async (trx) => {
    const started = await moveGoal(trx, id, ['draft'], 'planning', { may_start_alone: hasRole(caller, 'approver') });
    if (started === undefined) throw new Conflict(`Goal ${id} has been started already.`);
    return start(trx, started, caller);
  });
}

async function start(trx: Trx, goal: Goal, caller: Caller): Promise<Card> {
  await recordAudit(trx, [
    {
      mode: goal.mode,
      actor: caller.platformId,
      action: 'goal.given',
      subjectKind: 'goal',
      subjectId: goal.id,
      detail: { request: goal.request.slice(0, 2000), budgetMicros: goal.budget_micros.toString(), surface: caller.surface },
    },
  ]);
  if (caller.said !== undefined) await keepThread(trx, goal.id, caller.said);
  await wake(trx, { job: 'plan_goal', goalId: goal.id });
  const card = goalCard(goal, [], 0n);
  await postMessage(trx, { channel: 'goals', goalId: goal.id, key: `goal:${goal.id}`, card });
  return card;
}

/** Words in a goal's thread: the answer to its question, a new budget, or a note the agent reads. */
export async function addToGoal(
  deps: Deps,
  goalId: number,
  words: { text: string; budgetMicros: Micros | null },
  caller: Caller,
): Promise<Card> {
  if (words.text.length > LONGEST_GOAL) throw new InvalidInput(`A note may have ${LONGEST_GOAL} characters.`);
  return inTransaction(deps.db, async (trx) => {
    const goal = await findGoal(trx, goalId);
    if (goal === undefined) throw new NotFound(`There is no goal ${goalId}.`);
    refuseInVain(goal, words);
    if (words.text.trim() !== '')
      await addNote(trx, goalId, { by: caller.platformId, text: words.text, at: deps.clock.now().toISOString() });
    await recordAudit(trx, [
      {
        mode: goal.mode,
        actor: caller.platformId,
        action: 'goal.note',
        subjectKind: 'goal',
        subjectId: goalId,
        detail: { text: words.text.slice(0, 2000) },
      },
    ]);
    if (goal.status === 'question') await answer(deps, trx, goal, words, caller);
    else {
      const woken = await wakeWaiting(trx, { replyToGoal: goalId });
      if (woken.length > 0) await wake(trx, { job: 'work' });
    }
    return showGoal(trx, goalId);
  });
}

/** Words that could change nothing are refused, never swallowed. */
function refuseInVain(goal: Goal, words: { budgetMicros: Micros | null }): void {
  if (['done', 'failed', 'cancelled'].includes(goal.status))
    throw new Conflict(`Goal ${goal.id} has ended: ${goal.status}. Retry one of its tasks, or give a new goal.`);
  if (words.budgetMicros !== null && goal.status !== 'question')
    throw new Conflict(
      `Goal ${goal.id} is ${goal.status.replace('_', ' ')}; its budget stays ${formatUsd(goal.budget_micros)}. A larger one needs a new goal.`,
    );
}

/** An answer of an amount alone names the budget, where that is what is missing. */
function readBudget(goal: Goal, text: string): Micros | null {
  const read = readGoal(text);
  if (read.budgetMicros !== null || goal.metric === null || goal.budget_micros > 0n) return read.budgetMicros;
  try {
    return read.targetMicros ?? parseUsd(text);
  } catch {
    return null;
  }
}

/** The answer may name the measure, the budget, or both; planning starts again with all that was said. */
async function answer(
  deps: Deps,
  trx: Trx,
  goal: Goal,
  words: { text: string; budgetMicros: Micros | null },
  caller: Caller,
): Promise<void> {
  const read = readGoal(`${goal.request}. ${words.text}`);
  const budgetMicros = words.budgetMicros ?? readBudget(goal, words.text) ?? goal.budget_micros;
  if (budgetMicros === 0n && (await findLatestPlan(trx, goal.id))?.status === 'approved')
    throw new InvalidInput(`That names no budget. Say an amount, like: goal id:${goal.id} budget:60`);
  await editGoal(trx, goal.id, {
    ...draftOf(deps, { text: goal.request, budgetMicros, deadline: goal.deadline }, caller, 'draft'),
    metric: goal.metric ?? read.metric,
    targetMicros: goal.target_micros ?? read.targetMicros,
    means: goal.metric === null ? read.means : goal.means,
  });
  await moveGoal(trx, goal.id, ['question'], 'planning', {
    question: null,
    budget_micros: budgetMicros,
    may_start_alone: hasRole(caller, 'approver'),
  });
  await wake(trx, { job: 'plan_goal', goalId: goal.id });
}
