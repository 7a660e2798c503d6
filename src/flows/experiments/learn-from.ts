// What a concluded experiment teaches: effects by category, channel, price band and source, measured anew over all that have ended; which of its
// assumptions failed; and whether the lessons it was chosen by were right.
import type { Trx } from '../../db/database.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { analyseFailure, type Course, type Gap } from '../../domain/learning/failure.ts';
import {
  keepLessons,
  listFinished,
  listTried,
  listUsed,
  listWrong,
  type NewLesson,
  retireLessons,
  scoreUses,
} from '../../domain/learning/lesson-store.ts';
import { type Lesson, learnEffects } from '../../domain/learning/lessons.ts';
import { learnPartWeights, type PartLesson } from '../../domain/learning/part-weights.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import { SCORE_PART } from '../opportunities/learned-weights.ts';
import type { Expected, ReadExperiment } from './read-morning.ts';

/** A lesson is judged by what it foretold after so many tries. */
const LEAST_PREDICTIONS = 6;
const ASSUMED_DELAY_DAYS = 3;
const ASSUMED_REFUNDS = 0.05;

export async function learnFrom(trx: Trx, one: ReadExperiment): Promise<void> {
  const { mode, id } = one.experiment;
  await scoreLessons(trx, one);
  const { lessons } = learnEffects(await listFinished(trx, mode));
  await keepLessons(
    trx,
    mode,
    lessons.filter(({ retired }) => !retired).map((lesson) => effectRow(lesson)),
  );
  const stopped = lessons.filter(({ retired }) => retired).map(({ factor, level }) => ({ dimension: factor, value: level }));
  await retireLessons(trx, mode, stopped, 'the newest experiments would have been better foretold without it');
  const wrong = (await listWrong(trx, mode, LEAST_PREDICTIONS)).map(({ dimension, value }) => ({ dimension, value }));
  await retireLessons(trx, mode, wrong, 'it was wrong about most of what it foretold');
  await keepLessons(trx, mode, failuresOf(one));
  const weighed = await learnWeights(trx, mode);
  const detail = { verdict: one.experiment.verdict, effects: lessons.length, ...weighed, retired: stopped.length + wrong.length };
  await recordAudit(trx, [{ mode, actor: 'policy', action: 'experiment.taught', subjectKind: 'experiment', subjectId: id, detail }]);
}

/** What told those that paid from those that did not becomes the weights of the next scores. */
async function learnWeights(trx: Trx, mode: Mode): Promise<{ weights: number; weightsRetired: number }> {
  const parts = learnPartWeights(await listTried(trx, mode));
  const stopped = parts
    .filter(({ retired }) => retired)
    .map(({ part }) => ({ kind: 'pattern' as const, dimension: SCORE_PART, value: part }));
  const inForce = parts.filter(({ retired }) => !retired);
  await keepLessons(trx, mode, inForce.map(weightRow));
  await retireLessons(trx, mode, stopped, 'the newest experiments would have been better foretold without it');
  return { weights: inForce.length, weightsRetired: stopped.length };
}

function weightRow({ part, effect, spread, support, confidence }: PartLesson): NewLesson {
  const at = (deviations: number): string => Math.exp(effect + deviations * spread).toFixed(2);
  return {
    ...{ kind: 'pattern', dimension: SCORE_PART, value: part, measure: 'odds of paying', experimentId: null },
    ...{ effect, spread, support, confidence: Math.min(1, Math.max(0, confidence)) },
    words: `score part ${part}: a quarter more of it goes with ${at(0)} times the odds of paying (95 %: ${at(-1.96)} to ${at(1.96)}), from ${support} experiments`,
  };
}

export function effectRow(lesson: Lesson): NewLesson {
  return {
    kind: 'effect',
    dimension: lesson.factor,
    value: lesson.level,
    measure: 'conversion',
    effect: Math.log(lesson.times),
    spread: Math.log(lesson.high / lesson.low) / (2 * 1.96),
    support: Math.max(1, lesson.experiments),
    confidence: Math.min(1, Math.max(0, lesson.confidence)),
    words: effectWords(lesson),
    experimentId: null,
  };
}

const effectWords = (lesson: Lesson): string =>
  `${lesson.factor} ${lesson.level}: ${lesson.times.toFixed(2)} times the usual conversion (95 %: ${lesson.low.toFixed(2)} to ${lesson.high.toFixed(2)}), from ${lesson.experiments} experiment${lesson.experiments === 1 ? '' : 's'} with ${Math.round(lesson.visitors)} visitors`;

/** A lesson that said "better than usual" was right when it was better than without that lesson would have been expected. */
async function scoreLessons(trx: Trx, { experiment, best }: ReadExperiment): Promise<void> {
  const used = (await listUsed(trx, 'experiment', experiment.id)).filter(({ kind }) => kind === 'effect');
  const { prior } = experiment.expected as unknown as Expected;
  await scoreUses(
    trx,
    used.map((lesson) => {
      const without = prior.mean / Math.exp(lesson.effect);
      return { lessonId: lesson.id, missed: Math.sign(lesson.effect) !== Math.sign(best.belief.conversion.mean - without) };
    }),
  );
}

/** Only of those that did not pay: which assumption failed, and what that cost. */
function failuresOf({ experiment, morning, contract, variants }: ReadExperiment): NewLesson[] {
  if (morning.earnedMicros >= morning.spendMicros || morning.visitors === 0) return [];
  const orders = variants.flatMap(({ result }) => result.orders);
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  const { priceUsd, visitorCostUsd } = contract.variants[0] ?? { priceUsd: 0, visitorCostUsd: 0 };
  const launched = variants.reduce(
    (sum, { result }) => sum + result.launches.reduce((all, { budgetMicros }) => all + budgetMicros, 0n),
    0n,
  );
  const assumed: Course = {
    // To pay, it had to convert at break-even.
    conversion: Math.min(1, contract.breakEven),
    price: priceUsd,
    costPerVisitor: visitorCostUsd,
    refundShare: ASSUMED_REFUNDS,
    delayDays: ASSUMED_DELAY_DAYS,
    visitors: visitorCostUsd > 0 ? Math.max(1, Math.round(Number(launched) / 1e6 / visitorCostUsd)) : morning.visitors,
  };
  const measured: Course = {
    conversion: Math.min(1, orders.length / morning.visitors),
    price: mean(orders.map(({ valueMicros }) => Number(valueMicros) / 1e6)) ?? priceUsd,
    costPerVisitor: Number(morning.spendMicros) / 1e6 / morning.visitors,
    refundShare: mean(orders.map(({ refunded }) => (refunded ? 1 : 0))) ?? ASSUMED_REFUNDS,
    delayDays: mean(orders.map(({ payDay, visitDay }) => payDay - visitDay)) ?? ASSUMED_DELAY_DAYS,
    visitors: morning.visitors,
  };
  const { gaps, failed } = analyseFailure(assumed, measured, feeOf);
  return gaps
    .filter(({ assumption }) => assumption === failed)
    .map((gap) => ({
      kind: 'failure',
      dimension: 'assumption',
      value: experiment.name.slice(0, 200),
      measure: gap.assumption,
      effect: gap.profit,
      spread: 0,
      support: 1,
      confidence: 1,
      words: `${experiment.name}: ${gapWords(gap)}`,
      experimentId: experiment.id,
    }));
}

const feeOf = (price: number): number => 0.029 * price + 0.3;

const SHARES: ReadonlySet<string> = new Set(['conversion', 'refunds']);

function gapWords({ assumption, assumed, measured, profit }: Gap): string {
  const show = (value: number): string => {
    if (SHARES.has(assumption)) return `${(value * 100).toFixed(1)} %`;
    if (assumption === 'execution') return `${Math.round(value)} visitors`;
    return assumption === 'delay' ? `${value.toFixed(1)} days` : `$${value.toFixed(2)}`;
  };
  return `${assumption} had to be ${show(assumed)} and was ${show(measured)}, which cost $${Math.abs(profit).toFixed(2)}`;
}
