// Which opportunities are tried next, and what is believed of their conversion before anybody has visited them.
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { ConversionPrior } from '../../domain/allocation/arm.ts';
import { FIRST_PRIOR } from '../../domain/allocation/prior.ts';
import type { Ends } from '../../domain/experiments/history-store.ts';
import type { Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';

export interface Choice {
  opportunity: Opportunity;
  prior: ConversionPrior;
  /** What moved the choice beside the score, in words. */
  because: string;
  lessonIds: number[];
}

/** Best first. */
export async function rankOpportunities(_db: DatabaseOrTrx, _mode: Mode, found: readonly Opportunity[], _ends: Ends): Promise<Choice[]> {
  return found.map((opportunity) => ({ opportunity, prior: FIRST_PRIOR, because: '', lessonIds: [] }));
}
