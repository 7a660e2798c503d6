// One experiment on the morning of a day: the belief about each variant, the verdict of the evidence, and the figures its rules look at. Pure.
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { Arm, ConversionPrior } from '../../domain/allocation/arm.ts';
import { FIRST_PRIOR } from '../../domain/allocation/prior.ts';
import { type Belief, type Reading, readArms } from '../../domain/allocation/reading.ts';
import { countedCost, sellsOnPage, variantBreakEven } from '../../domain/experiments/contract.ts';
import type { Variant } from '../../domain/experiments/experiment-store.ts';
import { MEASURE_SLACK_DAYS } from '../../domain/experiments/lifecycle.ts';
import type { Morning } from '../../domain/experiments/next-move.ts';
import type { NewReading } from '../../domain/experiments/review-store.ts';
import { type Judgement, judge, type Standing } from '../../domain/verdicts/judge.ts';
import type { Seen, SeenVariant } from './read-portfolio.ts';
import { revenueEvidence } from './revenue-evidence.ts';

/** What the practice market's processor keeps, and Stripe of a card. */
const FEE = { rate: 0.029, fixedMicros: 300_000n };
/** Nothing smaller can be launched. */
const LEAST_LAUNCH = 1_000_000n;

export interface ReadVariant extends SeenVariant {
  arm: Arm;
  belief: Belief;
  reading: Reading;
  judgement: Judgement;
}

export interface ReadExperiment extends Omit<Seen, 'variants'> {
  variants: ReadVariant[];
  best: ReadVariant;
  morning: Morning;
}

/** What was expected before the start, as it is kept with the experiment. */
export interface Expected {
  prior: ConversionPrior;
  unitCostMicros: string;
  lessonIds: number[];
}

export function armOf(seen: Seen, { variant, result }: SeenVariant, today: number): Arm {
  const expected = seen.experiment.expected as unknown as Expected;
  const sinceDay = Math.min(today, ...result.launches.map(({ day }) => day));
  return {
    id: String(variant.id),
    listPriceMicros: variant.price_micros,
    costPerVisitorMicros: countedCost(variant.visitor_cost_micros),
    capacityPerDay: variant.capacity_per_day ?? 1_000,
    sinceDay,
    visits: result.visits.filter(({ day }) => day < today && day >= sinceDay),
    orders: result.orders.filter(({ payDay, visitDay }) => payDay <= today && visitDay <= payDay),
    fee: FEE,
    unitCostMicros: BigInt(expected.unitCostMicros),
    mostMicros: seen.allowedMicros < 0n ? 0n : seen.allowedMicros,
    prior: expected.prior,
  };
}

/** All at once: what one learns of payment delays is the others' too. */
export function readExperiments(seen: readonly Seen[], today: number): ReadExperiment[] {
  const arms = seen.flatMap((one) => one.variants.map((variant) => armOf(one, variant, today)));
  const readings = new Map(readArms(arms, today, FIRST_PRIOR).map((reading, index) => [arms[index]?.id ?? '', reading]));
  const armById = new Map(arms.map((arm) => [arm.id, arm]));
  return seen.flatMap((one) => {
    const variants = one.variants.flatMap((variant) => {
      const arm = armById.get(String(variant.variant.id));
      const reading = readings.get(String(variant.variant.id));
      if (arm === undefined || reading === undefined) return [];
      const { belief } = reading;
      return [{ ...variant, arm, belief, reading, judgement: judgeVariant(one, variant, { arm, belief, today }) }];
    });
    // One that was stopped, or never published, speaks for nothing more.
    const open = variants.filter(({ variant }) => variant.status === 'open');
    const best = (open.length > 0 ? open : variants).toSorted((a, b) => b.belief.profitable - a.belief.profitable)[0];
    return best === undefined ? [] : [{ ...one, variants, best, morning: morningOf(one, variants, best, today) }];
  });
}

function judgeVariant(seen: Seen, variant: SeenVariant, { arm, belief, today }: { arm: Arm; belief: Belief; today: number }): Judgement {
  const before = variant.before === undefined ? null : ((variant.before.evidence as { standing: Standing | null }).standing ?? null);
  return judge({
    today,
    matured: { visitors: Math.max(belief.orders, belief.effectiveVisitors), orders: belief.orders },
    breakEven: Math.min(0.99, breakEvenAt(seen, variant.variant)),
    revenue: revenueEvidence(arm, belief.effectiveVisitors),
    profitable: belief.profitable,
    before,
    closed: seen.experiment.state === 'measuring',
  });
}

function breakEvenAt(
  { experiment, contract }: Seen,
  { price_micros: priceMicros, visitor_cost_micros: visitorCostMicros }: Variant,
): number {
  const { unitCostMicros } = experiment.expected as unknown as Expected;
  return variantBreakEven(contract, { priceMicros, visitorCostMicros }, BigInt(unitCostMicros));
}

const sum = (values: readonly Micros[]): Micros => values.reduce((total, value) => total + value, 0n);

function morningOf(seen: Seen, variants: readonly ReadVariant[], best: ReadVariant, today: number): Morning {
  const { experiment, contract } = seen;
  const launchDays = variants.flatMap(({ result }) => result.launches.map(({ day }) => day));
  const paidDays = variants.flatMap(({ result }) => result.orders.map(({ payDay }) => payDay));
  const heard = variants.flatMap(({ result }) => [
    ...result.visits.filter(({ visitors }) => visitors > 0).map(({ day }) => day),
    ...result.orders.map(({ payDay }) => payDay),
  ]);
  const lastHeardDay = heard.length === 0 ? null : Math.max(...heard);
  const since = lastHeardDay ?? Math.min(today, ...launchDays) - 1;
  return {
    state: experiment.state,
    held: experiment.held_at !== null,
    today,
    startedDay: experiment.started_day,
    deadlineDay: experiment.deadline_day,
    measureUntil: experiment.state === 'measuring' ? (experiment.state_deadline_day ?? today) - MEASURE_SLACK_DAYS : null,
    contract,
    firstLaunchDay: launchDays.length === 0 ? null : Math.min(...launchDays),
    spendMicros: sum(variants.map(({ result }) => result.spendMicros)),
    earnedMicros: sum(variants.map(({ result }) => result.revenueMicros - result.refundedMicros - result.feesMicros)),
    maxLossMicros: experiment.budget_micros,
    allowedMicros: seen.allowedMicros,
    leastMicros: leastOf(best),
    visitors: variants.reduce((total, { belief }) => total + belief.visitors, 0),
    profitable: best.belief.profitable,
    judged: best.judgement.verdict,
    lastOrderDay: paidDays.length === 0 ? null : Math.max(...paidDays),
    lastHeardDay,
    starvedDays: launchDays.length === 0 ? 0 : today - Math.max(...launchDays) - 1,
    silentDays: new Set(launchDays.filter((day) => day > since && day < today)).size,
    ...(sellsOnPage(contract) ? onSale(seen, today, since) : {}),
  };
}

/** A page takes no share of the money: it goes on while it is up, and is not put up again without a yes. Its silence is asked about again and again. */
function onSale({ experiment, contract }: Seen, today: number, since: number) {
  const silent = today - since - 1;
  return {
    allowedMicros: experiment.state === 'running' ? experiment.budget_micros : 0n,
    leastMicros: 1n,
    starvedDays: 0,
    silentDays: silent % contract.silentDays === 0 ? silent : 0,
  };
}

/** One visitor, or what the market takes at least. */
export const leastOf = ({ variant }: Pick<SeenVariant, 'variant'>): Micros =>
  variant.visitor_cost_micros > LEAST_LAUNCH ? variant.visitor_cost_micros : LEAST_LAUNCH;

export function readingOf(read: ReadVariant, day: number, allocatedMicros: Micros): NewReading {
  const { result, belief, judgement } = read;
  return {
    variantId: read.variant.id,
    experimentId: read.variant.experiment_id,
    day,
    visitors: belief.visitors,
    orders: belief.orders,
    refunds: result.orders.filter(({ refunded }) => refunded).length,
    revenueMicros: result.revenueMicros,
    refundedMicros: result.refundedMicros,
    feesMicros: result.feesMicros,
    spendMicros: result.spendMicros,
    posterior: { ...belief, breakEven: Number.isFinite(belief.breakEven) ? belief.breakEven : null } as unknown as Json,
    evidence: {
      verdict: judgement.verdict,
      standing: judgement.standing,
      howSure: judgement.howSure,
      now: judgement.now,
    } as unknown as Json,
    allocatedMicros,
  };
}
