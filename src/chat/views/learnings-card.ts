// Lessons with their effect sizes, and whether learning does any good.
import type { LearningFigures, LessonRow } from '../../domain/learning/lesson-store.ts';
import type { Card } from '../card.ts';
import { plainLine } from '../escape.ts';

export function learningsCard({ lessons, figures }: { lessons: readonly LessonRow[]; figures: LearningFigures }): Card {
  const effects = lessons.filter(({ kind }) => kind !== 'failure');
  const shown = effects.filter(({ kind, retired_at: retired }) => kind === 'effect' && retired === null).slice(0, 12);
  return {
    title: lessons.length === 0 ? 'Nothing learnt yet' : `${effects.length} lessons, ${lessons.length - effects.length} failed assumptions`,
    tone: lessons.length === 0 ? 'muted' : 'info',
    text:
      lessons.length === 0
        ? 'Every experiment that is concluded teaches: how category, channel, price and source change conversion, and which assumption failed.'
        : 'An effect multiplies the usual conversion, that of a score part the odds of paying; the range holds it 95 times in 100. Scans, scores, choices, first beliefs and prompts read these, and their cards name them.',
    fields: [
      { label: 'Newest proposals moved by lessons', value: share(figures.learningRate) },
      { label: 'Opportunities that were tried', value: share(figures.opportunityConversion) },
      { label: 'Concluded experiments that paid', value: share(figures.successShare) },
    ],
    ...(lessons.length === 0
      ? {}
      : {
          table: {
            columns: ['Lesson', 'What', 'Effect', 'Range', 'Experiments', 'Sure', 'Foretold rightly', 'State'],
            rows: lessons.map(rowOf),
          },
        }),
    ...(shown.length === 0
      ? {}
      : {
          chart: {
            kind: 'bar' as const,
            title: 'Times the usual conversion',
            series: [
              { name: 'effect', points: shown.map((one) => ({ x: plainLine(one.value, 24), y: Number(Math.exp(one.effect).toFixed(2)) })) },
            ],
          },
        }),
  };
}

const share = (value: number | null): string => (value === null ? 'none yet' : `${Math.round(value * 100)} %`);

function rowOf(lesson: LessonRow): string[] {
  const at = (deviations: number): string => Math.exp(lesson.effect + deviations * lesson.spread).toFixed(2);
  const effect = lesson.kind === 'failure' ? `$${lesson.effect.toFixed(2)}` : `× ${at(0)}`;
  return [
    String(lesson.id),
    plainLine(lesson.words, 160),
    effect,
    lesson.kind === 'failure' ? '' : `${at(-1.96)} to ${at(1.96)}`,
    String(lesson.support),
    `${Math.round(lesson.confidence * 100)} %`,
    lesson.predicted === 0 ? '' : `${lesson.predicted - lesson.missed} of ${lesson.predicted}`,
    lesson.retired_at === null ? 'in force' : `retired: ${plainLine(lesson.retired_reason ?? '', 80)}`,
  ];
}
