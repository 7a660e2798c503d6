// What changes an experiment's row, each change with its step: a state only by an event the table of transitions knows, from the state it was read in.
import { sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { Trx } from '../../db/database.ts';
import type { ExperimentState, Verdict } from '../../db/tables/states.ts';
import type { Experiment } from './experiment-store.ts';
import { type ExperimentEvent, isOver, nextState, type StateDeadline } from './lifecycle.ts';

const NOW = sql<Date>`clock_timestamp()`;

interface NewStep {
  experimentId: number;
  from: ExperimentState | null;
  to: ExperimentState;
  event: string;
  reason: string;
  by: string;
  day: number;
}

export async function addStep(trx: Trx, step: NewStep): Promise<void> {
  await trx
    .insertInto('experiment_step')
    .values({
      experiment_id: step.experimentId,
      seq: sql<number>`(select coalesce(max(seq), 0) + 1 from experiment_step where experiment_id = ${step.experimentId})`,
      from_state: step.from,
      to_state: step.to,
      event: step.event,
      reason: step.reason,
      by_whom: step.by,
      day: step.day,
    })
    .execute();
}

export interface Move {
  event: ExperimentEvent;
  reason: string;
  by: string;
  day: number;
  deadline: StateDeadline;
  set?: { startedDay?: number; deadlineDay?: number; verdict?: Verdict; verdictReason?: string; verdictDetail?: Json };
}

/** Moves an experiment on, with its step. Undefined when it is in another state by now, or the event may not happen in this one. */
export async function moveExperiment(trx: Trx, experiment: Pick<Experiment, 'id' | 'state'>, move: Move): Promise<Experiment | undefined> {
  const to = nextState(experiment.state, move.event);
  if (to === null) return undefined;
  const { startedDay, deadlineDay, verdict, verdictReason, verdictDetail } = move.set ?? {};
  const row = await trx
    .updateTable('experiment')
    .set({
      state: to,
      state_since: NOW,
      state_deadline: move.deadline.at,
      state_deadline_day: move.deadline.day,
      alerted_at: null,
      ...(isOver(to) ? { ended_at: NOW, ended_day: move.day, held_at: null, hold_reason: null } : {}),
      ...(startedDay === undefined ? {} : { started_day: startedDay }),
      ...(deadlineDay === undefined ? {} : { deadline_day: deadlineDay }),
      ...(verdict === undefined ? {} : { verdict }),
      ...(verdictReason === undefined ? {} : { verdict_reason: verdictReason }),
      ...(verdictDetail === undefined ? {} : { verdict_detail: JSON.stringify(verdictDetail) }),
    })
    .where('id', '=', experiment.id)
    .where('state', '=', experiment.state)
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) await addStep(trx, { experimentId: row.id, from: experiment.state, to, ...move });
  return row;
}

/** Holds it, or lets it go on: nothing is spent meanwhile. Undefined when it was so before. */
export async function setHold(
  trx: Trx,
  experiment: Pick<Experiment, 'id' | 'state'>,
  hold: { reason: string | null; by: string; day: number; why: string },
): Promise<Experiment | undefined> {
  const row = await trx
    .updateTable('experiment')
    .set({ held_at: hold.reason === null ? null : NOW, hold_reason: hold.reason })
    .where('id', '=', experiment.id)
    .where('state', '=', experiment.state)
    .where('held_at', hold.reason === null ? 'is not' : 'is', null)
    .returningAll()
    .executeTakeFirst();
  const event = hold.reason === null ? 'continue' : 'hold';
  if (row !== undefined)
    await addStep(trx, { experimentId: row.id, from: row.state, to: row.state, event, reason: hold.why, by: hold.by, day: hold.day });
  return row;
}

/** What it may spend in all from now on. */
export async function setBudget(trx: Trx, id: number, budgetMicros: Micros): Promise<void> {
  await trx.updateTable('experiment').set({ budget_micros: budgetMicros }).where('id', '=', id).execute();
}

/** More money and more days, with a step that says so. */
export async function extendExperiment(
  trx: Trx,
  experiment: Experiment,
  more: { moreMicros: Micros; moreDays: number; reason: string; by: string; day: number },
): Promise<void> {
  await trx
    .updateTable('experiment')
    .set({
      budget_micros: experiment.budget_micros + more.moreMicros,
      deadline_day: experiment.deadline_day === null ? null : experiment.deadline_day + more.moreDays,
      state_deadline_day: experiment.state_deadline_day === null ? null : experiment.state_deadline_day + more.moreDays,
    })
    .where('id', '=', experiment.id)
    .execute();
  const step = { experimentId: experiment.id, from: experiment.state, to: experiment.state, event: 'extend' };
  await addStep(trx, { ...step, reason: more.reason, by: more.by, day: more.day });
}
