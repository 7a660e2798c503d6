// 14 days ahead from daily figures: the mean of two robust smoothers, with intervals as wide as their errors on the history itself.
// Pure and without randomness. Money that comes in or goes out is never below zero, so neither is a forecast of it.

export const HORIZON = 14;
/** Fewer days say too little of a week's shape and of the errors to expect. */
export const LEAST_DAYS = 42;
/** Older days are forgotten by the methods anyway, and tell of errors of another time. */
export const MOST_DAYS = 90;
const WEEK = 7;
/** Training of the earliest rolling origin: two weeks, from which Holt-Winters takes its first state. */
const LEAST_TRAINING = 14;
/** A surprise beyond so many deviations counts as this many: one holiday or one large order is no new level. */
const SURPRISE = 3;
/** Errors measured on shorter histories of the same series; widened for what they have not seen yet. */
const WIDEN = 1.12;
/** Student's t of the few independent fortnights in a history (5 degrees of freedom), widened alike. */
const T_80 = 1.48 * WIDEN;
const T_95 = 2.57 * WIDEN;

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

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const ahead = (at: (step: number) => number): number[] => Array.from({ length: HORIZON }, (_, step) => at(step));

/** The value below which `share` of the values lie, straight between neighbours, by the (n + 1) rule of split-conformal intervals. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = Math.min(sorted.length, Math.max(1, share * (sorted.length + 1))) - 1;
  const [below = 0, above = below] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The mean of what is left when the largest and the smallest fifth are put away. */
function trimmedMean(values: readonly number[]): number {
  const away = Math.floor(values.length / 5);
  return mean(values.toSorted((a, b) => a - b).slice(away, values.length - away));
}

/** What each weekday adds to the mean of the week, by `middle` of all its days. */
function weekdayEffects(history: readonly number[], middle: (values: readonly number[]) => number): number[] {
  const days = Array.from({ length: WEEK }, (_, day) => middle(history.filter((_, index) => index % WEEK === day)));
  return days.map((value) => value - mean(days));
}

/** A standard deviation that single days cannot drive up: 1.4826 × the median distance from the median. */
function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  const distance = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  return distance > 0 ? distance : Math.max(mean(values.map((value) => Math.abs(value - middle))), Number.MIN_VALUE);
}

const clip = (surprise: number, spread: number): number => Math.max(-SURPRISE * spread, Math.min(SURPRISE * spread, surprise));

/** The last state of the candidate whose one-step errors are the least. */
function chooseBest<State>(candidates: readonly { error: number; state: State }[]): State {
  const [first, ...others] = candidates;
  if (first === undefined) throw new RangeError('nothing to choose from');
  return others.reduce((best, one) => (one.error < best.error ? one : best), first).state;
}

/** Simple exponential smoothing of what is left without the weekdays' effects. */
function smoothLevel(history: readonly number[]): number[] {
  const effects = weekdayEffects(history, trimmedMean);
  const flat = history.map((value, index) => value - (effects[index % WEEK] ?? 0));
  const spread = spreadOf(flat);
  const start = mean(flat.slice(0, LEAST_TRAINING));
  const candidates = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9].map((alpha) => {
    let [level, error] = [start, 0];
    for (const value of flat) {
      const surprise = clip(value - level, spread);
      error += Math.abs(surprise);
      level += alpha * surprise;
    }
    return { error, state: level };
  });
  const last = chooseBest(candidates);
  return ahead((step) => last + (effects[(history.length + step) % WEEK] ?? 0));
}

/** Additive Holt-Winters without trend, period 7 (Winters 1960), surprises clipped as in Gelper, Fried & Croux 2010. */
function smoothWeek(history: readonly number[]): number[] {
  const first = history.slice(0, LEAST_TRAINING);
  const season0 = weekdayEffects(first, mean);
  const effects = weekdayEffects(history, median);
  const spread = spreadOf(history.map((value, index) => value - (effects[index % WEEK] ?? 0)));
  const candidates = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7].flatMap((alpha) =>
    [0.02, 0.08, 0.2, 0.4].map((gamma) => {
      const season = [...season0];
      let [level, error] = [mean(first), 0];
      for (const [index, value] of history.entries()) {
        const seasonal = season[index % WEEK] ?? 0;
        const surprise = clip(value - level - seasonal, spread);
        error += Math.abs(surprise);
        level += alpha * surprise;
        season[index % WEEK] = seasonal + gamma * (1 - alpha) * surprise;
      }
      return { error, state: { level, season } };
    }),
  );
  const { level, season } = chooseBest(candidates);
  return ahead((step) => level + (season[(history.length + step) % WEEK] ?? 0));
}

/** One value a day ahead. */
function predict(history: readonly number[]): number[] {
  const [level, week] = [smoothLevel(history), smoothWeek(history)];
  return ahead((step) => Math.max(0, ((level[step] ?? 0) + (week[step] ?? 0)) / 2));
}

/** The same weekday a week before, and again for the second week. */
const seasonalNaive = (history: readonly number[]): number[] => ahead((step) => history[history.length - WEEK + (step % WEEK)] ?? 0);

/** What would have been forecast at earlier days, and by how much the truth lay above: one list of errors an origin, a week apart. */
function pastErrors(history: readonly number[]): number[][] {
  const errors: number[][] = [];
  for (let origin = history.length - HORIZON; origin >= LEAST_TRAINING; origin -= WEEK)
    errors.push(predict(history.slice(0, origin)).map((value, step) => (history[origin + step] ?? 0) - value));
  return errors;
}

/** An interval from signed errors: sales are skewed, and so is what may come. */
function around(value: number, errors: readonly number[], share: number): Interval {
  const side = (1 - share) / 2;
  return {
    low: Math.max(0, value + Math.min(0, quantile(errors, side)) * WIDEN),
    high: Math.max(0, value + Math.max(0, quantile(errors, 1 - side)) * WIDEN),
  };
}

const withIntervals = (value: number, errors: readonly number[]): ForecastDay => ({
  value,
  within80: around(value, errors, 0.8),
  within95: around(value, errors, 0.95),
});

/**
 * Forecasts `HORIZON` days behind the history, whose last value is the last whole day. Uses the last `MOST_DAYS` of it.
 * @returns null with fewer than `LEAST_DAYS` days
 */
export function forecast(all: readonly number[]): Forecast | null {
  const history = all.slice(-MOST_DAYS);
  if (history.length < LEAST_DAYS) return null;
  const values = predict(history);
  const errors = pastErrors(history);
  const pooled = errors.flat();
  const totals = errors.map(sum);
  // Robust forecasts lie near the middle of a day, which is not its mean: over two weeks the difference adds up, and is put back.
  const shift = mean(totals);
  const total = Math.max(0, sum(values) + shift);
  const deviation = Math.sqrt(sum(totals.map((error) => (error - shift) ** 2)) / Math.max(1, totals.length - 1));
  const within = (t: number): Interval => ({ low: Math.max(0, total - t * deviation), high: total + t * deviation });
  return {
    days: values.map((value) => withIntervals(value, pooled)),
    naive: seasonalNaive(history),
    total: { value: total, within80: within(T_80), within95: within(T_95) },
  };
}
