// Caps and budgets with what is used of each, of every kind of money that is in use here.
import type { BudgetFacts } from '../chat/views/budget-card.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { listBudgets } from '../domain/money/budget-store.ts';
import { readCapSettings, readCapUse } from '../domain/money/cap-store.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { readAssumed } from '../domain/money/ledger-store.ts';
import type { Deps } from './deps.ts';
import { readStandingBudget } from './standing-budget.ts';

export async function readBudgets(deps: Pick<Deps, 'mode' | 'config'>, db: DatabaseOrTrx): Promise<BudgetFacts> {
  const modes = deps.mode === 'live' ? (['live'] as const) : (['practice', 'live'] as const);
  const caps = await Promise.all(
    modes.map(async (mode) => {
      const settings = new Map((await readCapSettings(db, mode)).map((row) => [row.period as string, row.limit_micros]));
      return {
        mode,
        limits: periodCaps(mode, deps.config.limits, settings),
        use: await readCapUse(db, mode),
        budgets: await listBudgets(db, mode),
      };
    }),
  );
  return { caps, assumed: await readAssumed(db, 'live'), standing: await readStandingBudget(deps, db) };
}
