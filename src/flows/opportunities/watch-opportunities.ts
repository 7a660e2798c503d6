// Whoever reads /metrics sees how opportunities become profit, counted when they look.
import { readLearningFigures } from '../../domain/learning/lesson-store.ts';
import { countConversion } from '../../domain/opportunities/opportunity-store.ts';
import type { Deps } from '../deps.ts';

const STAGES = ['found', 'open', 'refused', 'taken', 'concluded', 'profitable'] as const;

export function watchOpportunities({ db, mode, metrics }: Pick<Deps, 'db' | 'mode' | 'metrics'>): void {
  metrics.watch(
    'opportunities',
    'Opportunities by stage: found, of those refused and ever taken; of the taken, tried to an end, and of those profitable.',
    ['mode', 'stage'],
    async () => {
      const counts = await countConversion(db, mode);
      return STAGES.map((stage) => ({ labels: { mode, stage }, value: counts[stage] }));
    },
  );
  metrics.watch(
    'learning',
    'Shares, 0 to 1: of the newest proposals those that lessons moved, of opportunities those that were tried, of concluded experiments those that paid.',
    ['mode', 'share'],
    async () => {
      const { learningRate, opportunityConversion, successShare } = await readLearningFigures(db, mode);
      const shares = { learning_rate: learningRate, opportunity_conversion: opportunityConversion, success_share: successShare };
      // What nobody can know yet is absent.
      return Object.entries(shares).flatMap(([share, value]) => (value === null ? [] : [{ labels: { mode, share }, value }]));
    },
  );
}
