// Whoever reads /metrics sees how opportunities become profit, counted when they look.
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
}
