// One value a day ahead from daily figures: the mean of three robust smoothers that fail in different ways. Pure and without randomness.

export const HORIZON = 14;
export const WEEK = 7;
/** The shortest history a method is given: two weeks, from which Holt-Winters takes its first state. */
export const LEAST_TRAINING = 14;
/** A surprise beyond so many deviations counts as this many: one holiday or one large order is no new level. */
const SURPRISE = 3;
const ALPHAS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9];
/** How much of the slope so far goes on: none, half, all. */
const DRIFTS = [0, 0.5, 1];
/** A slope has to be better than none by this much: most that rises has only wandered. */
const DRIFT_PRICE = 1.03;
/** Days on either side of which the slope is the difference. */
const SLOPE_DAYS = 28;

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const ahead = (at: (step: number) => number): number[] => Array.from({ length: HORIZON }, (_, step) => at(step));

/** The value below which `share` of the values lie, straight between neighbours, by the (n + 1) rule of split-conformal intervals. */
export function quantile(values: readonly number[], share: number): number {
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

/** A history without its weekdays' effects. */
interface Flat {
  effects: number[];
  values: number[];
  spread: number;
}

function flatten(history: readonly number[]): Flat {
  const effects = weekdayEffects(history, trimmedMean);
  const values = history.map((value, index) => value - (effects[index % WEEK] ?? 0));
  return { effects, values, spread: spreadOf(values) };
}

/** The smoothed level after each day, and the errors one day ahead on the way. */
function levelsOf({ values, spread }: Flat, alpha: number): { levels: number[]; error: number } {
  let [level, error] = [mean(values.slice(0, LEAST_TRAINING)), 0];
  const levels = values.map((value) => {
    const surprise = clip(value - level, spread);
    error += Math.abs(surprise);
    level += alpha * surprise;
    return level;
  });
  return { levels, error };
}

const withEffects = ({ effects, values }: Flat, at: (step: number) => number): number[] =>
  ahead((step) => at(step) + (effects[(values.length + step) % WEEK] ?? 0));

/** Simple exponential smoothing with the constant that was best one day ahead. */
function smoothLevel(flat: Flat): number[] {
  const last = chooseBest(ALPHAS.map((alpha) => levelsOf(flat, alpha)).map(({ levels, error }) => ({ error, state: levels.at(-1) ?? 0 })));
  return withEffects(flat, () => last);
}

/** How much a day the last weeks lie above those before them, after each day. */
function slopesOf(values: readonly number[]): number[] {
  return values.map((_, day) => {
    const days = Math.min(SLOPE_DAYS, Math.floor((day + 1) / 2));
    const [late, early] = [values.slice(day + 1 - days, day + 1), values.slice(day + 1 - 2 * days, day + 1 - days)];
    return days < WEEK ? 0 : (mean(late) - mean(early)) / days;
  });
}

/**
 * Smoothing, with or without a slope, by the constants that were best over the whole horizon: where a level falls back to its mean,
 * the best one day ahead is not the best two weeks ahead.
 */
function smoothAhead(flat: Flat): number[] {
  const { values } = flat;
  const slopes = slopesOf(values);
  const candidates = ALPHAS.flatMap((alpha) => {
    const { levels } = levelsOf(flat, alpha);
    return DRIFTS.map((drift) => ({
      error: errorAhead(flat, levels, slopes, drift) * (drift === 0 ? 1 : DRIFT_PRICE),
      state: { level: levels.at(-1) ?? 0, slope: drift * (slopes.at(-1) ?? 0) },
    }));
  });
  const { level, slope } = chooseBest(candidates);
  return withEffects(flat, (step) => level + slope * (step + 1));
}

/** Mean absolute error up to `HORIZON` days ahead, from every day on which something could have been forecast. */
function errorAhead({ values, spread }: Flat, levels: readonly number[], slopes: readonly number[], drift: number): number {
  let [error, count] = [0, 0];
  for (let day = LEAST_TRAINING - 1; day < values.length - 1; day += 1) {
    const [level, slope] = [levels[day] ?? 0, drift * (slopes[day] ?? 0)];
    for (let step = 1; step <= HORIZON && day + step < values.length; step += 1) {
      error += Math.min(2 * SURPRISE * spread, Math.abs((values[day + step] ?? 0) - level - slope * step));
      count += 1;
    }
  }
  return error / Math.max(1, count);
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

/** One value a day ahead, never below zero. */
export function predict(history: readonly number[]): number[] {
  const flat = flatten(history);
  const methods = [smoothLevel(flat), smoothAhead(flat), smoothWeek(history)];
  return ahead((step) => Math.max(0, mean(methods.map((values) => values[step] ?? 0))));
}

/** The same weekday a week before, and again for the second week. */
export const seasonalNaive = (history: readonly number[]): number[] => ahead((step) => history[history.length - WEEK + (step % WEEK)] ?? 0);
