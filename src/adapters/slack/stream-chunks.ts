// A goal's live card as the chunks of a stream: its title, and a plan with its tasks. Sent again whole each time, nothing is said twice.
import type { types } from '@slack/bolt';
import type { Card } from '../../chat/card.ts';
import { unescapeMarkup } from '../../chat/card-markup.ts';
import { escapeMarkdown } from '../../chat/escape.ts';
import { markBlockId } from './message-mark.ts';
import { clipRendered, escapeControl } from './mrkdwn.ts';

/** Slack's limit for the text of a chunk. */
const CHUNK_MAX = 256;
const MOST_TASKS = 50;

/** Whether the card is a goal's live card and work goes on without anybody's answer. Only the live card offers to cancel its goal. */
export function isAtWork({ tone, ref, buttons = [] }: Card): boolean {
  const canCancel = buttons.some(({ command, args }) => command === 'cancel' && args['goal'] === ref?.id);
  return tone === 'info' && ref?.kind === 'goal' && canCancel && !buttons.some(({ style }) => style === 'primary');
}

export const drawFirst = (card: Card, mark: string): types.AnyChunk[] => [
  { type: 'markdown_text', text: `**${escapeMarkdown(escapeControl(card.title).replace(/\s+/g, ' ').slice(0, 300))}**` },
  { type: 'blocks', blocks: [{ type: 'divider', block_id: markBlockId(mark) }] },
  ...drawNext(card),
];

export const drawNext = (card: Card): types.AnyChunk[] => [
  { type: 'plan_update', title: chunkText(`${card.text ?? card.title}${progressWords(card)}`) },
  ...(card.table?.rows ?? []).slice(0, MOST_TASKS).map(drawTask),
];

const progressWords = ({ progress }: Card): string => (progress === undefined ? '' : ` · ${progress.done} of ${progress.total} done`);

function drawTask([id = '', what = '', state = '']: readonly string[]): types.AnyChunk {
  return { type: 'task_update', id: `task-${id}`, title: chunkText(`${what} (${state})`), status: statusOf(state) };
}

function statusOf(state: string): 'pending' | 'in_progress' | 'complete' | 'error' {
  if (state === 'done') return 'complete';
  if (state === 'running') return 'in_progress';
  return /^(?:failed|dead|cancelled)\b/.test(state) ? 'error' : 'pending';
}

/** Plain words of one line: our own marks are left out, nothing can be read as a mention. */
function chunkText(text: string): string {
  const words = unescapeMarkup(text.replace(/\*\*/g, ''));
  return clipRendered(escapeControl(words.replace(/\s+/g, ' ').trim()), CHUNK_MAX) || '–';
}
