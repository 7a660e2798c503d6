// An answer while it is written, as the chunks of a stream: what is said so far grows by checked sentences, what is read stands between them.
import type { types } from '@slack/bolt';
import type { Card } from '../../chat/card.ts';
import { unescapeMarkup } from '../../chat/card-markup.ts';
import { readUnderWay } from '../../chat/views/answer-card.ts';
import type { Look } from './block-parts.ts';
import { renderButtons } from './button-block.ts';
import { chunkText, type Growth, markChunk, titleChunk } from './growth.ts';
import { renderMarkdown } from './markdown.ts';

/** About a hundred calls a minute are taken, over all streams; a sentence is worth one a second. */
const PAUSE_MS = 1_000;
/** A longer answer is an ordinary card, with the rest in a file. */
const LONGEST = 10_000;

export const answerGrowth: Growth = {
  pauseMs: PAUSE_MS,
  mode: 'timeline',
  isGrowing: (card) => readUnderWay(card) !== null,
  first: (card, mark, look) => [
    titleChunk(card),
    markChunk(mark, renderButtons(card.buttons ?? [], look)),
    ...drawReading(card, null),
    ...wordsChunk(wordsOf(card, look)),
  ],
  next: drawNext,
  rest: (card) => ({ title: card.title, tone: card.tone, text: readUnderWay(card)?.doing ?? '' }),
};

function drawNext(card: Card, shown: Card, look: Look): types.AnyChunk[] | null {
  const [before, now] = [wordsOf(shown, look), wordsOf(card, look)];
  if (!now.startsWith(before) || now.length > LONGEST) return null;
  return [...drawReading(card, shown), ...wordsChunk(now.slice(before.length))];
}

const wordsOf = (card: Card, look: Look): string => renderMarkdown(readUnderWay(card)?.said ?? '', look.publicUrl);

const wordsChunk = (text: string): types.AnyChunk[] => (text === '' ? [] : [{ type: 'markdown_text', text }]);

/** The reading that has ended, and the one that has begun. */
function drawReading(card: Card, shown: Card | null): types.AnyChunk[] {
  const [before, now] = [shown === null ? null : readingOf(shown), readingOf(card)];
  if (before === now) return [];
  return [...(before === null ? [] : [task(before, 'complete')]), ...(now === null ? [] : [task(now, 'in_progress')])];
}

const readingOf = (card: Card): string | null => {
  const reading = readUnderWay(card)?.reading ?? null;
  return reading === null ? null : unescapeMarkup(reading);
};

const task = (title: string, status: 'complete' | 'in_progress'): types.AnyChunk => ({
  type: 'task_update',
  id: `read-${title.replace(/[^\w]+/g, '-').slice(0, 60)}`,
  title: chunkText(title),
  status,
});
