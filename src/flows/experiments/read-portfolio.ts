// Everything a day's decision is made from, read once: open experiments with their results, what may be spent, what is running.
import { dayOf } from '../../core/calendar.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { type Grant, listGrantsOf } from '../../domain/approvals/grant-store.ts';
import { type Contract, sellsOnPage } from '../../domain/experiments/contract.ts';
import { type Experiment, listOpen, listVariants, type Variant } from '../../domain/experiments/experiment-store.ts';
import { readResults, type VariantResult } from '../../domain/experiments/result-store.ts';
import { listLatestReadings, type Reading, readSpent, type Spent } from '../../domain/experiments/review-store.ts';
import { listRunning, readMarketDay } from '../../domain/offers/launch-store.ts';
import { marketWeekOf, type StandingBudget } from '../../domain/opportunities/standing-budget.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Deps } from '../deps.ts';
import { readStandingBudget } from '../standing-budget.ts';

export interface SeenVariant {
  variant: Variant;
  result: VariantResult;
  /** The reading before this one. */
  before: Reading | undefined;
}

export interface Seen {
  experiment: Experiment;
  contract: Contract;
  variants: SeenVariant[];
  /** What one of its permissions still allows. */
  allowedMicros: Micros;
}

export interface Portfolio {
  mode: Mode;
  today: number;
  budget: StandingBudget;
  week: { first: number; last: number };
  spent: Spent;
  experiments: Seen[];
  /** Offers that run just now, whoever launched them. */
  busyOffers: ReadonlySet<string>;
}

const DAY_MS = 86_400_000;

export const calendarDay = (deps: Pick<Deps, 'clock' | 'config'>): number =>
  Math.floor(Date.parse(dayOf(deps.clock.now(), deps.config.timezone)) / DAY_MS);

/** The day it is for an experiment: what a page of ours sells counts calendar days. */
export async function readDayOf(
  deps: Pick<Deps, 'mode' | 'clock' | 'config'>,
  db: DatabaseOrTrx,
  experiment: Pick<Experiment, 'contract'>,
): Promise<number> {
  return sellsOnPage(experiment.contract as unknown as Contract) ? calendarDay(deps) : readToday(deps, db);
}

/** The day it is now: the market's in practice, the calendar's in live. */
export async function readToday(deps: Pick<Deps, 'mode' | 'clock' | 'config'>, db: DatabaseOrTrx): Promise<number> {
  if (deps.mode === 'practice') return (await readMarketDay(db, 'practice')) + 1;
  return calendarDay(deps);
}

/** The week the day is in: live days count from a Thursday, its weeks from Monday. */
function weekOfDay(mode: Mode, day: number): { first: number; last: number } {
  if (mode === 'practice') return marketWeekOf(day);
  const first = day - ((day + 3) % 7);
  return { first, last: first + 6 };
}

export async function readPortfolio(deps: Deps, db: DatabaseOrTrx, goalId: number): Promise<Portfolio> {
  const { mode } = deps;
  const today = await readToday(deps, db);
  const week = weekOfDay(mode, today);
  const open = await listOpen(db, mode);
  const ids = open.map(({ id }) => id);
  const variants = await listVariants(db, ids);
  const results = await readResults(db, mode, ids);
  const before = new Map((await listLatestReadings(db, ids)).map((reading) => [reading.variant_id, reading]));
  const grants = await listGrantsOf(db, ids);
  return {
    mode,
    today,
    budget: await readStandingBudget(deps, db),
    week,
    spent: await readSpent(db, { mode, goalId, first: week.first, today }),
    busyOffers: new Set((await listRunning(db, mode)).map(({ offer_id: offer }) => offer)),
    experiments: open.map((experiment) => ({
      experiment,
      contract: experiment.contract as unknown as Contract,
      allowedMicros: allowedBy(grants.filter((grant) => grant.experiment_id === experiment.id)),
      variants: variants
        .filter((variant) => variant.experiment_id === experiment.id)
        .map((variant) => ({ variant, result: results.get(variant.id) ?? nothing(variant), before: before.get(variant.id) })),
    })),
  };
}

/** The most that one of them still covers: two halves of a sum are no permission for the whole. */
const allowedBy = (grants: readonly Grant[]): Micros =>
  grants.reduce((most, grant) => {
    const left = grant.used < grant.uses ? grant.total_micros - grant.used_micros : 0n;
    return left > most ? left : most;
  }, 0n);

export const nothing = (variant: Variant): VariantResult => ({
  variantId: variant.id,
  experimentId: variant.experiment_id,
  launches: [],
  visits: [],
  orders: [],
  revenueMicros: 0n,
  refundedMicros: 0n,
  feesMicros: 0n,
  spendMicros: 0n,
});
