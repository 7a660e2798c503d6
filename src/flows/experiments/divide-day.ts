// Divides a day's money over the experiments that may spend, and writes the launches that carry it out. Pure.
import { formatUsd, type Micros } from '../../core/money.ts';
import { hashSeed } from '../../core/random.ts';
import { allocateBudget } from '../../domain/allocation/allocate-budget.ts';
import { FIRST_PRIOR } from '../../domain/allocation/prior.ts';
import { dayBudget } from '../../domain/experiments/portfolio.ts';
import type { DecidedCall } from '../../domain/experiments/review-store.ts';
import { leastOf, type ReadExperiment, type ReadVariant } from './read-morning.ts';
import type { Portfolio } from './read-portfolio.ts';

/** What a new experiment gets on its first day, so that every one that was approved is looked at. */
const LOOK_VISITORS = 6n;

export interface Division {
  budgetMicros: Micros;
  cashMicros: Micros;
  calls: DecidedCall[];
  /** By variant. */
  allocated: Map<number, Micros>;
  lines: string[];
}

/** @param capMicros what everybody together may spend on a market day; null where there is no such cap */
export function divideDay(portfolio: Portfolio, read: readonly ReadExperiment[], capMicros: Micros | null): Division {
  const { budget, spent, today, week } = portfolio;
  const total = dayBudget({
    periodMicros: budget.amountMicros - spent.periodMicros,
    daysInPeriod: week.last - today + 1,
    capMicros: capMicros === null ? null : capMicros - spent.everybodyTodayMicros,
  });
  const division: Division = { budgetMicros: total, cashMicros: total, calls: [], allocated: new Map(), lines: [] };
  const able = read.flatMap((one) =>
    one.variants.filter((variant) => maySpend(portfolio, one, variant)).map((variant) => ({ one, variant })),
  );
  for (const { one, variant } of able.filter(({ one: { morning } }) => morning.firstLaunchDay === null)) look(division, one, variant);
  divide(
    division,
    portfolio,
    able.filter(({ one: { morning } }) => morning.firstLaunchDay !== null),
  );
  return division;
}

function maySpend(portfolio: Portfolio, one: ReadExperiment, { variant }: ReadVariant): boolean {
  const { morning, experiment } = one;
  if (variant.offer_id === null || variant.status !== 'open' || portfolio.busyOffers.has(variant.offer_id)) return false;
  if (experiment.held_at !== null || !['approved', 'running'].includes(experiment.state)) return false;
  return morning.allowedMicros >= leastOf({ variant }) && (morning.deadlineDay === null || morning.today <= morning.deadlineDay);
}

/** So many visitors, or as many as there is money for today. */
function look(division: Division, one: ReadExperiment, variant: ReadVariant): void {
  const { visitor_cost_micros: cost } = variant.variant;
  const least = leastOf(variant);
  const wanted = LOOK_VISITORS * cost < least ? least / cost + 1n : LOOK_VISITORS;
  let within = division.cashMicros;
  if (one.morning.allowedMicros < within) within = one.morning.allowedMicros;
  const visitors = wanted * cost <= within ? wanted : within / cost;
  if (visitors * cost < least) return;
  give(division, one, variant, visitors * cost, `its first look: ${visitors} visitors`);
}

function divide(division: Division, portfolio: Portfolio, able: readonly { one: ReadExperiment; variant: ReadVariant }[]): void {
  if (able.length === 0) return;
  const shared = allocateBudget({
    arms: able.map(({ variant }) => variant.arm),
    budgetMicros: division.cashMicros,
    today: portfolio.today,
    prior: FIRST_PRIOR,
    seed: hashSeed('experiments', portfolio.mode, portfolio.today),
  });
  for (const [index, share] of shared.arms.entries()) {
    const at = able[index];
    if (at === undefined) continue;
    const why = share.reasons.map(({ sentence }) => sentence).join('; ');
    if (share.micros >= leastOf(at.variant)) give(division, at.one, at.variant, share.micros, why);
    else
      division.lines.push(
        `${at.one.experiment.name} gets nothing: ${share.micros > 0n ? 'its share buys less than can be launched' : why}.`,
      );
  }
}

function give(division: Division, one: ReadExperiment, { variant }: ReadVariant, micros: Micros, reason: string): void {
  division.cashMicros -= micros;
  division.allocated.set(variant.id, micros);
  division.calls.push({
    tool: 'market_launch',
    arguments: { offerId: variant.offer_id, budgetUsd: Number(micros / 10_000n) / 100, days: 1 },
    experimentId: one.experiment.id,
    reason,
  });
  division.lines.push(`${one.experiment.name} gets ${formatUsd(micros)}: ${reason}.`);
}
