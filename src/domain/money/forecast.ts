// 14 days ahead from daily figures, with intervals as wide as the method's errors on the history itself. Pure and without randomness.
// Money that comes in or goes out is never below zero, so neither is a forecast of it.
import { HORIZON, LEAST_TRAINING, mean, predict, quantile, seasonalNaive, sum, WEEK } from './forecast-methods.ts';

/** Fewer days say too little of a week's shape and of the errors to expect. */
export const LEAST_DAYS = 42;
/** Older days are forgotten by the methods anyway, and tell of errors of another time. */
export const MOST_DAYS = 90;
/** Errors of forecasts from less than this are larger than the next one's; kept only where the history is too short to do without. */
const FULL_TRAINING = 28;
/** Errors measured on shorter histories of the same series; widened for what they have not seen yet. */
const WIDEN = 1.11;
/** Student's t of the few independent fortnights in a history (5 degrees of freedom), widened for a few fortnights that overlap. */
const T_80 = 1.48 * 1.25;
const T_95 = 2.57 * 1.25;
/** 80 % and 95 % of a normal lie within so many deviations. */
const Z_80 = 1.2816;
const Z_95 = 1.96;

interface Interval {
  low: number;
  high: number;
}

export interface ForecastDay {
  value: number;
  within80: Interval;
  within95: Interval;
}

export interface Forecast {
  days: ForecastDay[];
  /** What the same weekday was, a week or two before: the benchmark a forecast has to beat. */
  naive: number[];
  /** The sum of the days. Its intervals come from sums: errors of single days partly cancel. */
  total: ForecastDay;
}

/** What would have been forecast at earlier days, and by how much the truth lay above: one list of errors an origin, a week apart. */
function pastErrors(history: readonly number[]): number[][] {
  const errors: number[][] = [];
  const earliest = Math.max(LEAST_TRAINING, Math.min(FULL_TRAINING, history.length - HORIZON - 3 * WEEK));
  for (let origin = history.length - HORIZON; origin >= earliest; origin -= WEEK)
    errors.push(predict(history.slice(0, origin)).map((value, step) => (history[origin + step] ?? 0) - value));
  return errors;
}

/** How errors grow with the days ahead, 1 on average: the straight line in √days through their mean sizes, never falling. */
function growthOf(errors: readonly (readonly number[])[]): number[] {
  const days = Array.from({ length: HORIZON }, (_, step) => Math.sqrt(step + 1));
  const sizes = days.map((_, step) => mean(errors.map((one) => Math.abs(one[step] ?? 0))));
  const [day, size] = [mean(days), mean(sizes)];
  if (size === 0) return days.map(() => 1);
  const slope = sum(days.map((at, step) => (at - day) * ((sizes[step] ?? 0) - size))) / sum(days.map((at) => (at - day) ** 2));
  const rise = Math.min(Math.max(0, slope), size / day);
  return days.map((at) => (size + rise * (at - day)) / size);
}

/**
 * How many independent errors there are. Those of one origin share its luck: with the share ρ of their variance that lies between
 * origins (intraclass correlation) a fortnight counts as 14 / (1 + 13·ρ) days (Kish's design effect), halved, since ρ itself comes
 * from few fortnights and is seen too small.
 */
function independent(errors: readonly (readonly number[])[], days: number): number {
  const pooled = errors.flat();
  const middle = mean(pooled);
  const whole = mean(pooled.map((error) => (error - middle) ** 2));
  const between = whole > 0 ? mean(errors.map((one) => (mean(one) - middle) ** 2)) / whole : 0;
  const shared = Math.max(0, (between * HORIZON - 1) / (HORIZON - 1));
  const fortnights = 1 + (days - HORIZON - LEAST_TRAINING) / HORIZON;
  return Math.max(4, (fortnights * HORIZON) / (1 + (HORIZON - 1) * shared) / 2);
}

/** How much further than a normal Student's t reaches (Abramowitz & Stegun 26.7.5, two terms). */
const reachOf = (z: number, freedom: number): number =>
  1 + (z ** 2 + 1) / (4 * freedom) + (5 * z ** 4 + 16 * z ** 2 + 3) / (96 * freedom ** 2);

/**
 * Forecasts `HORIZON` days behind the history, whose last value is the last whole day. Uses the last `MOST_DAYS` of it.
 * @returns null with fewer than `LEAST_DAYS` days
 */
export function forecast(all: readonly number[]): Forecast | null {
  const history = all.slice(-MOST_DAYS);
  if (history.length < LEAST_DAYS) return null;
  const values = predict(history);
  const errors = pastErrors(history);
  const growth = growthOf(errors);
  const alike = errors.map((one) => one.map((error, step) => error / (growth[step] ?? 1)));
  const freedom = independent(alike, history.length) - 1;
  const [reach80, reach95] = [reachOf(Z_80, freedom), reachOf(Z_95, freedom)];
  const pooled = alike.flat();
  // Signed errors: sales are skewed, and so is what may come.
  const around = (value: number, step: number, share: number, reach: number): Interval => {
    const side = (1 - share) / 2;
    const widen = WIDEN * reach * (growth[step] ?? 1);
    return {
      low: Math.max(0, value + Math.min(0, quantile(pooled, side)) * widen),
      high: Math.max(0, value + Math.max(0, quantile(pooled, 1 - side)) * widen),
    };
  };
  return {
    days: values.map((value, step) => ({
      value,
      within80: around(value, step, 0.8, reach80),
      within95: around(value, step, 0.95, reach95),
    })),
    naive: seasonalNaive(history),
    total: totalOf(values, errors.map(sum), reach80),
  };
}

/** Robust forecasts lie near the middle of a day, which is not its mean: over two weeks the difference adds up, and is put back. */
function totalOf(values: readonly number[], errors: readonly number[], reach: number): ForecastDay {
  const shift = mean(errors);
  const value = Math.max(0, sum(values) + shift);
  const deviation = Math.sqrt(sum(errors.map((error) => (error - shift) ** 2)) / Math.max(1, errors.length - 1)) * reach;
  const within = (t: number): Interval => ({ low: Math.max(0, value - t * deviation), high: value + t * deviation });
  return { value, within80: within(T_80), within95: within(T_95) };
}
