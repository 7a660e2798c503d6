// A person's word on an experiment: stop it, which undoes what can be undone, or let a held one go on.

import type { Card } from '../../chat/card.ts';
import type { Caller } from '../../chat/command.ts';
import { Conflict, NotFound } from '../../core/errors.ts';
import { inTransaction, type Trx } from '../../db/database.ts';
import { wake } from '../../db/wake.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { setHold } from '../../domain/experiments/experiment-steps-store.ts';
import { type Experiment, findExperiment, lockExperiment } from '../../domain/experiments/experiment-store.ts';
import { isOver } from '../../domain/experiments/lifecycle.ts';
import { readResults } from '../../domain/experiments/result-store.ts';
import { lockGoal } from '../../domain/goals/goal-store.ts';
import { findStandingGoal } from '../../domain/goals/standing-goal-store.ts';
import { addPolicyTask, listOpenOf } from '../../domain/tasks/policy-task-store.ts';
import type { Deps } from '../deps.ts';
import { readDayOf } from './read-portfolio.ts';
import { stepExperiment } from './settle-experiment.ts';
import { drawExperiment, showExperiments } from './show-experiments.ts';
import { takePagesDown } from './take-pages-down.ts';
import { withdrawRequests } from './withdraw-requests.ts';

/** @throws NotFound, or Conflict when it is over */
export async function stopExperiment(deps: Deps, id: number, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const experiment = await lockOpen(deps, trx, id);
    const reason = `stopped by ${caller.platformId}`;
    await withdrawRequests(trx, await listOpenOf(trx, experiment.id), reason);
    const day = await readDayOf(deps, trx, experiment);
    const stopped = await stepExperiment(deps, trx, experiment, 'cancel', { reason, by: caller.platformId, day });
    if (stopped === undefined) throw new Conflict(`Experiment ${id} is ${experiment.state} already.`);
    await rollBack(deps, trx, stopped);
    await takePagesDown(deps, trx);
    await showExperiments(deps, trx, [id]);
    return (await drawExperiment(deps, trx, id)).card;
  });
}

/** @throws NotFound, or Conflict when it is not held */
export async function continueExperiment(deps: Deps, id: number, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const experiment = await lockOpen(deps, trx, id);
    const day = await readDayOf(deps, trx, experiment);
    const why = `${caller.platformId} said go`;
    const freed = await setHold(trx, experiment, { reason: null, by: caller.platformId, day, why });
    if (freed === undefined) throw new Conflict(`Experiment ${id} is not held.`);
    await recordAudit(trx, [
      {
        mode: freed.mode,
        actor: caller.platformId,
        action: 'experiment.continued',
        subjectKind: 'experiment',
        subjectId: id,
        detail: { why: experiment.hold_reason },
      },
    ]);
    await showExperiments(deps, trx, [id]);
    return (await drawExperiment(deps, trx, id)).card;
  });
}

async function lockOpen(deps: Deps, trx: Trx, id: number): Promise<Experiment> {
  // The goal first, as the end of a task has it: no two wait for each other, and no card is drawn from what is old by then.
  const known = await findExperiment(trx, deps.mode, id);
  if (known !== undefined) await lockGoal(trx, known.goal_id);
  const experiment = await lockExperiment(trx, id);
  if (experiment === undefined || experiment.mode !== deps.mode) throw new NotFound(`There is no experiment ${id}.`);
  if (isOver(experiment.state)) throw new Conflict(`Experiment ${id} is ${experiment.state} already.`);
  return experiment;
}

/** What still runs of it is stopped by a task of its own, each with its receipt. */
async function rollBack(deps: Deps, trx: Trx, experiment: Experiment): Promise<void> {
  const results = await readResults(trx, deps.mode, [experiment.id]);
  const launchIds = [...results.values()].flatMap(({ launches }) =>
    launches.filter(({ status }) => status === 'running').map(({ externalId }) => externalId),
  );
  const standing = await findStandingGoal(trx, deps.mode);
  if (launchIds.length === 0 || standing === null) return;
  await addPolicyTask(trx, {
    mode: deps.mode,
    goalId: experiment.goal_id,
    planId: standing.planId,
    key: `rollback_${experiment.id}`,
    policy: 'rollback',
    input: { launchIds },
    experimentId: experiment.id,
    title: `Undo experiment ${experiment.id}: ${experiment.name}`.slice(0, 120),
    why: 'It is over: what still runs of it is stopped, and the rest of its money comes back.',
    mostMicros: 0n,
  });
  await wake(trx, { job: 'work' });
}
