// What became of a table of opportunities that somebody handed in.
import type { Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

export interface HandedIn {
  found: number;
  fresh: number;
  merged: number;
  refused: number;
  /** Handed in before. */
  known: number;
  problems: readonly string[];
}

const PROBLEMS_SHOWN = 10;

export function handedInCard({ found, fresh, merged, refused, known, problems }: HandedIn): Card {
  return {
    title: `${found} ${found === 1 ? 'opportunity' : 'opportunities'} read, ${fresh} new`,
    tone: problems.length > 0 ? 'info' : 'good',
    text: [
      ...problems.slice(0, PROBLEMS_SHOWN).map((problem) => `- ${escapeMarkdown(plainLine(problem, 300))}`),
      'All of them: [opportunities](/opportunities).',
    ].join('\n'),
    fields: [
      { label: 'New', value: String(fresh) },
      { label: 'Known already', value: String(known) },
      { label: 'Duplicates', value: String(merged) },
      { label: 'Refused', value: String(refused) },
    ],
    buttons: [{ label: 'Opportunities', command: 'opportunities', args: {}, style: 'primary' }],
  };
}
