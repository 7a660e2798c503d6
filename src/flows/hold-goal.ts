// A goal that runs away is held: nothing of it is claimed or finished until a person says go, or cancels it.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { escapeMarkdown, plainLine } from '../chat/escape.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { Conflict, NotFound } from '../core/errors.ts';
import { type Database, inTransaction } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { lockGoal } from '../domain/goals/goal-store.ts';
import { findRunaway } from '../domain/money/runaway.ts';
import { listPaces, markGoAhead, markHeld } from '../domain/money/runaway-store.ts';
import { endHold, holdTasks } from '../domain/tasks/hold-store.ts';
import type { Deps } from './deps.ts';
import { showGoal } from './show.ts';

const cardKey = (goalId: number, heldAt: Date): string => `held:${goalId}:${heldAt.getTime()}`;

/** Up to which reservation this process has looked. */
const looked = new WeakMap<Database, number>();
/** A lower number may be committed after a higher one. */
const STRAGGLERS = 100;

/**
 * Looks at what has spent since the last look: a pace rises by nothing else. Safe from several processes: one of them holds, the others find it held.
 * @param newest reservation there is, where that was just read
 */
export async function holdRunaways(deps: Deps, newest?: number): Promise<void> {
  const upTo = looked.get(deps.db) ?? 0;
  if (newest !== undefined && newest <= upTo) return;
  const paces = await listPaces(deps.db, deps.mode, upTo - STRAGGLERS);
  if (newest !== undefined) looked.set(deps.db, newest);
  for (const pace of paces) {
    const why = findRunaway(pace);
    if (why !== null) await holdGoal(deps, pace.goalId, why);
  }
}

/** Of several who hold it, one does. */
export async function holdGoal(deps: Deps, goalId: number, why: string): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const goal = await lockGoal(trx, goalId);
    const heldAt = await markHeld(trx, goalId, why);
    if (goal === undefined || heldAt === undefined) return;
    const tasks = await holdTasks(trx, { goalId });
    const detail = { why, tasks };
    await recordAudit(trx, [
      { mode: goal.mode, actor: 'the breaker', action: 'goal.held', subjectKind: 'goal', subjectId: goalId, detail },
    ]);
    const card: Card = {
      title: `Goal ${goalId} is held: is it worth going on?`,
      tone: 'ask',
      text: `${escapeMarkdown(goal.title, 200)}\n\n**Why:** ${why}.\n\nNothing of it runs until somebody decides. What was begun outside goes on there.`,
      buttons: [
        { label: 'Continue', command: 'resume', args: { goal: goalId }, style: 'primary' },
        ...(goal.standing
          ? []
          : [
              {
                label: 'Cancel the goal',
                command: 'cancel',
                args: { goal: goalId },
                style: 'danger' as const,
                confirm: `Stop everything on goal ${goalId}?`,
              },
            ]),
      ],
      ref: { kind: 'goal', id: goalId },
    };
    await postMessage(trx, { channel: 'approvals', goalId, key: cardKey(goalId, heldAt), card });
    await showGoal(trx, goalId);
  });
  deps.log.warn({ goalId, why }, 'held a goal');
}

/** A person says go. @throws Conflict when it is not held. */
export async function goAhead(deps: Deps, goalId: number, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const goal = await lockGoal(trx, goalId);
    if (goal === undefined || goal.mode !== deps.mode) throw new NotFound(`There is no goal ${goalId}.`);
    if (goal.held_at === null || goal.status !== 'running') throw new Conflict(`Goal ${goalId} is not held: ${goal.status}.`);
    await markGoAhead(trx, goalId);
    await endHold(trx, goalId);
    await wake(trx, { job: 'work' });
    const detail = { why: goal.hold_reason };
    await recordAudit(trx, [
      { mode: goal.mode, actor: caller.platformId, action: 'goal.continued', subjectKind: 'goal', subjectId: goalId, detail },
    ]);
    const card: Card = {
      title: `Goal ${goalId} goes on`,
      tone: 'good',
      text: `It was held: ${escapeMarkdown(goal.hold_reason ?? '')}. ${plainLine(caller.platformId)} said go; the count begins anew.`,
      ref: { kind: 'goal', id: goalId },
    };
    await postMessage(trx, { channel: 'approvals', goalId, key: cardKey(goalId, goal.held_at), card });
    await showGoal(trx, goalId);
    return card;
  });
}
