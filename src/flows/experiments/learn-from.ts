// What a concluded experiment teaches: effects by category, channel, price band and source, measured anew over all that have ended; which of its
// assumptions failed; and whether the lessons it was chosen by were right.
import type { Trx } from '../../db/database.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { findGaps, gapWords } from '../../domain/experiments/failure-analysis.ts';
import { keepLessons, listFinished, listUsed, listWrong, type NewLesson, retireLessons, scoreUses } from '../../domain/learning/lesson-store.ts';
import { learnEffects, type Lesson } from '../../domain/learning/lessons.ts';
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
  const detail = { verdict: one.experiment.verdict, effects: lessons.length, retired: stopped.length + wrong.length };
  await recordAudit(trx, [{ mode, actor: 'policy', action: 'experiment.taught', subjectKind: 'experiment', subjectId: id, detail }]);
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
  const used = await listUsed(trx, 'experiment', experiment.id);
  const { prior } = experiment.expected as unknown as Expected;
  await scoreUses(
    trx,
    used.map((lesson) => {
      const without = prior.mean / Math.exp(lesson.effect);
      return { lessonId: lesson.id, missed: Math.sign(lesson.effect) !== Math.sign(best.belief.conversion.mean - without) };
    }),
  );
}

/** Only of those that did not pay: why not. */
function failuresOf({ experiment, best, morning, contract, variants }: ReadExperiment): NewLesson[] {
  if (morning.earnedMicros >= morning.spendMicros) return [];
  const orders = variants.flatMap(({ result }) => result.orders);
  const planned = variants.reduce((sum, { result }) => sum + result.launches.length, 0);
  const ran = variants.reduce((sum, { result }) => sum + result.visits.filter(({ visitors }) => visitors > 0).length, 0);
  const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length);
  const { priceUsd, visitorCostUsd } = contract.variants[0] ?? { priceUsd: 0, visitorCostUsd: 0 };
  const gaps = findGaps(
    {
      // To pay, it had to convert at break-even.
      conversion: contract.breakEven,
      priceUsd,
      costUsd: visitorCostUsd,
      delayDays: ASSUMED_DELAY_DAYS,
      refundShare: ASSUMED_REFUNDS,
      executed: 1,
    },
    {
      conversion: morning.visitors === 0 ? null : orders.length / morning.visitors,
      priceUsd: mean(orders.map(({ valueMicros }) => Number(valueMicros) / 1e6)),
      costUsd: morning.visitors === 0 ? null : Number(morning.spendMicros) / 1e6 / morning.visitors,
      delayDays: mean(orders.map(({ payDay, visitDay }) => payDay - visitDay)),
      refundShare: mean(orders.map(({ refunded }) => (refunded ? 1 : 0))),
      executed: planned === 0 ? null : ran / planned,
    },
  );
  return gaps.map((gap) => ({
    kind: 'failure',
    dimension: 'assumption',
    value: experiment.name.slice(0, 200),
    measure: gap.assumption,
    effect: Math.log(gap.worse),
    spread: 0,
    support: 1,
    confidence: 1 - best.belief.profitable,
    words: `${experiment.name}: ${gapWords(gap)}`,
    experimentId: experiment.id,
  }));
}

