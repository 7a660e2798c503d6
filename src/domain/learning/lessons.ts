// Lessons: what finished experiments teach, as rows a person can read and a decision can name; and what they predict of the next one.

import { InvalidInput } from '../../core/errors.ts';
import { type Effect, type Fit, fitEffects } from './effects.ts';
import { type Factor, type FinishedExperiment, levelOf, type Traits } from './experience.ts';

export interface Lesson {
  factor: Factor;
  level: string;
  /** Conversion is multiplied by this, all else equal: 1.5 is half as much again. */
  times: number;
  /** The range that holds it 95 times in 100. */
  low: number;
  high: number;
  /** Finished experiments and matured visitors behind it. */
  experiments: number;
  visitors: number;
  /** Chance that the direction is right. */
  confidence: number;
  /** It has stopped predicting: it is told of, and moves nothing. */
  retired: boolean;
}

/** Everything a prediction needs; small enough to be made anew at each look. */
export interface Lessons {
  lessons: Lesson[];
  fit: Fit;
}

export interface Prediction {
  /** Orders per visitor. */
  mean: number;
  /** Visitors it weighs like: Beta(mean·strength, (1 − mean)·strength). */
  strength: number;
  /** What moved it noticeably, most first. */
  because: Lesson[];
}

/** A lesson moves a decision noticeably from a twentieth up or down. */
const NOTICEABLE = 0.05;
/** The newest experiments are what lessons of the earlier ones are held against; a level needs so many of them there and before. */
const NEWEST = 24;
const ENOUGH = 4;
/** Retired when without it they would have been this much better foretold (a logarithm: e² is about seven times). */
const WORSE_BY = 2;
/** Never so sure that an arm's own visitors could not overrule it. */
const STRENGTH = { least: 20, most: 150 };
/** Never so low, against the usual rate and at all, that nothing would be tried: what is never tried cannot show that it was good. */
const LEAST = { ofUsual: 0.35, rate: 0.004 };
const MOST_RATE = 0.5;

/** @param finished oldest first @throws InvalidInput for counts that cannot be */
export function learnEffects(finished: readonly FinishedExperiment[]): Lessons {
  const wrong = finished.find(({ visitors, orders }) => !(orders >= 0 && visitors >= orders && Number.isFinite(visitors)));
  if (wrong !== undefined)
    throw new InvalidInput(`Experiment ${wrong.id}: ${wrong.orders} orders of ${wrong.visitors} visitors cannot be.`);
  const fit = fitEffects(finished);
  const earlier = finished.length > NEWEST ? fitEffects(finished.slice(0, -NEWEST)) : null;
  return { fit, lessons: fit.effects.map((effect) => lessonOf(effect, finished, earlier)) };
}

function lessonOf(effect: Effect, finished: readonly FinishedExperiment[], earlier: Fit | null): Lesson {
  const isOwn = (one: FinishedExperiment): boolean => one.visitors > 0 && levelOf(one, effect.factor) === effect.level;
  const own = finished.filter(isOwn);
  const newest = finished.slice(-NEWEST).filter(isOwn);
  const at = (deviations: number): number => Math.exp(effect.effect + deviations * effect.deviation);
  return {
    factor: effect.factor,
    level: effect.level,
    ...{ times: at(0), low: at(-1.96), high: at(1.96) },
    experiments: own.length,
    visitors: own.reduce((sum, { visitors }) => sum + visitors, 0),
    confidence: normalShare(Math.abs(effect.effect) / effect.deviation),
    retired: earlier !== null && Math.min(newest.length, own.length - newest.length) >= ENOUGH && hasStopped(effect, earlier, newest),
  };
}

/** Whether the level's newest experiments would have been better foretold without what the earlier ones taught. */
function hasStopped({ factor, level }: Effect, earlier: Fit, newest: readonly FinishedExperiment[]): boolean {
  const taught = earlier.effects.find((effect) => effect.factor === factor && effect.level === level)?.effect ?? 0;
  const score = (without: number): number =>
    newest.reduce((sum, one) => sum + logChance(one, one.visitors * Math.exp(logRateOf(earlier, one) - without), earlier.own), 0);
  return score(taught) - score(0) > WORSE_BY;
}

/** ln of a negative binomial's mass with this mean and variance mean + own·mean², up to what does not hang on the mean. */
function logChance({ orders }: FinishedExperiment, mean: number, own: number): number {
  return orders * Math.log(mean / (1 + own * mean)) - Math.log1p(own * mean) / own;
}

function logRateOf(fit: Fit, traits: Traits): number {
  return fit.effects.reduce((sum, { factor, level, effect }) => (levelOf(traits, factor) === level ? sum + effect : sum), fit.base);
}

/** The prior of something that has not run. A level nobody has tried adds its factor's uncertainty by being absent: the strength stays weak. */
export function predictConversion({ lessons, fit }: Lessons, traits: Traits): Prediction {
  const used = lessons.flatMap((lesson, index) =>
    !lesson.retired && levelOf(traits, lesson.factor) === lesson.level ? [{ lesson, place: index + 1 }] : [],
  );
  const log = used.reduce((sum, { lesson }) => sum + Math.log(lesson.times), fit.base);
  const places = [0, ...used.map(({ place }) => place)];
  const doubt = places.reduce((sum, row) => sum + places.reduce((line, column) => line + (fit.covariance[row]?.[column] ?? 0), 0), 0);
  const mean = Math.min(Math.max(Math.exp(log), LEAST.ofUsual * Math.exp(fit.base), LEAST.rate), MOST_RATE);
  // A Beta with the coefficient of variation of a log-normal rate with that variance.
  const variation = Math.expm1(Math.max(0, doubt) + fit.own);
  const strength = Math.min(Math.max((1 - mean) / (mean * variation) - 1, STRENGTH.least), STRENGTH.most);
  const because = used.map(({ lesson }) => lesson).filter(({ times }) => Math.abs(Math.log(times)) >= NOTICEABLE);
  because.sort((a, b) => Math.abs(Math.log(b.times)) - Math.abs(Math.log(a.times)));
  return { mean, strength, because };
}

/** P(Z ≤ z) for z ≥ 0 (Zelen & Severo; Abramowitz & Stegun 26.2.17), to seven digits. */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}
