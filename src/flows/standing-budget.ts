// The standing budget that holds now: what an owner said last; in practice mode, where nobody has, what the environment says.
import type { DatabaseOrTrx } from '../db/database.ts';
import type { StandingBudget } from '../domain/opportunities/standing-budget.ts';
import { findStanding } from '../domain/opportunities/standing-budget-store.ts';
import type { Deps } from './deps.ts';

export async function readStandingBudget(deps: Pick<Deps, 'mode' | 'config'>, db: DatabaseOrTrx): Promise<StandingBudget> {
  const { mode } = deps;
  const said = await findStanding(db, mode);
  const given = mode === 'practice' ? deps.config.limits.practiceStandingMicros : 0n;
  return {
    mode,
    amountMicros: said?.amountMicros ?? given,
    period: mode === 'practice' ? 'market week' : 'week',
    setBy: said?.setBy ?? null,
    setAt: said?.setAt ?? null,
  };
}
