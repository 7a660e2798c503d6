// The portfolio as its rows are now, for the command and the console.
import type { Card } from '../../chat/card.ts';
import { portfolioCard } from '../../chat/views/portfolio-card.ts';
import { listExperiments } from '../../domain/experiments/experiment-store.ts';
import { countEnds } from '../../domain/experiments/history-store.ts';
import { listLatestReadings } from '../../domain/experiments/review-store.ts';
import type { Deps } from '../deps.ts';
import { readStandingBudget } from '../standing-budget.ts';

const SHOWN = 40;

export async function readExperimentsCard(deps: Pick<Deps, 'db' | 'mode' | 'config'>): Promise<Card> {
  const rows = await listExperiments(deps.db, deps.mode, SHOWN);
  return portfolioCard({
    rows,
    readings: await listLatestReadings(
      deps.db,
      rows.map(({ id }) => id),
    ),
    ends: await countEnds(deps.db, deps.mode),
    budget: await readStandingBudget(deps, deps.db),
  });
}
