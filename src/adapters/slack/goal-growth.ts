// A goal's live card as the chunks of a stream: its title, and a plan with its tasks. Sent again whole each time, nothing is said twice.
import type { types } from '@slack/bolt';
import type { Card } from '../../chat/card.ts';
import { unescapeMarkup } from '../../chat/card-markup.ts';
import { chunkText, type Growth, markChunk, titleChunk } from './growth.ts';

const MOST_TASKS = 50;
/** As for any edit of it: it changes with every step of a task. */
const PAUSE_MS = 3_000;

export const goalGrowth: Growth = {
  pauseMs: PAUSE_MS,
  mode: 'plan',
  isGrowing: isAtWork,
  first: (card, mark) => [titleChunk(card), markChunk(mark), ...drawState(card)],
  next: (card) => drawState(card),
  // All but the title and the tasks, which the stream shows already.
  rest: ({ table: _, ...card }) => card,
};

/** Whether the card is a goal's live card and work goes on without anybody's answer. Only the live card offers to cancel its goal. */
function isAtWork({ tone, ref, buttons = [] }: Card): boolean {
  const canCancel = buttons.some(({ command, args }) => command === 'cancel' && args['goal'] === ref?.id);
  return tone === 'info' && ref?.kind === 'goal' && canCancel && !buttons.some(({ style }) => style === 'primary');
}

const drawState = (card: Card): types.AnyChunk[] => [
  { type: 'plan_update', title: plainChunk(`${card.text ?? card.title}${progressWords(card)}`) },
  ...(card.table?.rows ?? []).slice(0, MOST_TASKS).map(drawTask),
];

const progressWords = ({ progress }: Card): string => (progress === undefined ? '' : ` · ${progress.done} of ${progress.total} done`);

function drawTask([id = '', what = '', state = '']: readonly string[]): types.AnyChunk {
  return { type: 'task_update', id: `task-${id}`, title: plainChunk(`${what} (${state})`), status: statusOf(state) };
}

function statusOf(state: string): 'pending' | 'in_progress' | 'complete' | 'error' {
  if (state === 'done') return 'complete';
  if (state === 'running') return 'in_progress';
  return /^(?:failed|dead|cancelled)\b/.test(state) ? 'error' : 'pending';
}

/** Without our own marks. */
const plainChunk = (text: string): string => chunkText(unescapeMarkup(text.replace(/\*\*/g, '')));
