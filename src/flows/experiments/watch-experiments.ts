// Experiments on /metrics: how many stand where, and whether learning does any good.
import { type ExperimentMoney, listExperimentMoney } from '../../domain/experiments/experiment-money-store.ts';
import { listOpen } from '../../domain/experiments/experiment-store.ts';
import { countEnds } from '../../domain/experiments/history-store.ts';
import { readLearningFigures } from '../../domain/learning/lesson-store.ts';
import type { Deps } from '../deps.ts';

/** Prometheus keeps a series for each label for ever. */
const MOST_SERIES = 50;

export function watchExperiments(deps: Pick<Deps, 'db' | 'mode' | 'metrics'>): void {
  const { db, mode, metrics } = deps;
  const seriesOf = ({ id }: ExperimentMoney, micros: bigint) => ({ labels: { mode, experiment: String(id) }, value: Number(micros) / 1e6 });
  metrics.watch('experiments', 'Experiments, by mode and state or verdict.', ['mode', 'state'], async () => {
    const counts = new Map<string, number>();
    for (const { state } of await listOpen(db, mode)) counts.set(state, (counts.get(state) ?? 0) + 1);
    const { scale, keep, kill, inconclusive, cancelled } = await countEnds(db, mode);
    for (const [state, count] of Object.entries({ scale, keep, kill, inconclusive, cancelled })) counts.set(state, count);
    return [...counts].map(([state, value]) => ({ labels: { mode, state }, value }));
  });
  metrics.watch(
    'experiment_revenue_usd',
    'Revenue booked on the launches of an experiment, in dollars; the newest.',
    ['mode', 'experiment'],
    async () =>
      (await listExperimentMoney(db, mode, { endedSince: null, limit: MOST_SERIES })).map((one) => seriesOf(one, one.revenueMicros)),
  );
  metrics.watch(
    'experiment_profit_usd',
    'Revenue of an experiment less refunds, disputes, fees and spend, in dollars; the newest.',
    ['mode', 'experiment'],
    async () =>
      (await listExperimentMoney(db, mode, { endedSince: null, limit: MOST_SERIES })).map((one) => seriesOf(one, one.profitMicros)),
  );
  const share = (name: string, help: string, of: 'learningRate' | 'opportunityConversion' | 'successShare'): void =>
    metrics.watch(name, help, ['mode'], async () => {
      const value = (await readLearningFigures(db, mode))[of];
      return value === null ? [] : [{ labels: { mode }, value }];
    });
  share('learning_rate', 'Share of the newest 20 proposals that a lesson moved.', 'learningRate');
  share('opportunity_conversion', 'Share of the opportunities found that became an experiment which ran.', 'opportunityConversion');
  share('experiment_success_share', 'Share of concluded experiments that brought more than they cost.', 'successShare');
}
