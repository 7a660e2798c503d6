// An approved experiment runs from its first receipt on, and its last day is counted from that.
import type { Trx } from '../../db/database.ts';
import type { Contract } from '../../domain/experiments/contract.ts';
import { listOpen } from '../../domain/experiments/experiment-store.ts';
import { readResults } from '../../domain/experiments/result-store.ts';
import type { Deps } from '../deps.ts';
import { stepExperiment } from './settle-experiment.ts';
import { showExperiments } from './show-experiments.ts';

export async function settleFirstLaunches(deps: Pick<Deps, 'mode' | 'clock' | 'config'>, trx: Trx): Promise<void> {
  const approved = (await listOpen(trx, deps.mode)).filter(({ state }) => state === 'approved');
  if (approved.length === 0) return;
  const results = [
    ...(
      await readResults(
        trx,
        deps.mode,
        approved.map(({ id }) => id),
      )
    ).values(),
  ];
  const begun: number[] = [];
  for (const experiment of approved) {
    const days = results
      .filter((result) => result.experimentId === experiment.id)
      .flatMap(({ launches }) => launches.map(({ day }) => day));
    if (days.length === 0) continue;
    const startedDay = Math.min(...days);
    const deadlineDay = startedDay + (experiment.contract as unknown as Contract).days - 1;
    const moved = await stepExperiment(deps, trx, experiment, 'launch', {
      reason: 'its first money has left, as the receipt says',
      by: 'policy',
      day: startedDay,
      set: { startedDay, deadlineDay },
    });
    if (moved !== undefined) begun.push(moved.id);
  }
  await showExperiments(deps, trx, begun);
}
