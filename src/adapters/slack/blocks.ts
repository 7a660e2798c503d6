// Card → Block Kit, the one renderer of Slack. Pure; whatever the card holds, the result is within Slack's limits and pings nobody.
import type { Card } from '../../chat/card.ts';
import { unescapeMarkup } from '../../chat/card-markup.ts';
import { type Block, countText, type Drawn, type Look, MESSAGE_MAX, note, restIs } from './block-parts.ts';
import { renderButtons } from './button-block.ts';
import { renderChart } from './chart-block.ts';
import { clipRendered, escapeControl } from './mrkdwn.ts';
import { renderTable } from './table-block.ts';
import { renderFields, renderProgress, renderText, renderTitle, SIGN } from './text-blocks.ts';

const FALLBACK_MAX = 3_000;
/** Kept free for the notes that say what is missing. */
const NOTES_ROOM = 500;

export interface Rendered {
  blocks: Block[];
  /** What notifications and screen readers get instead of the blocks. */
  text: string;
  /** What is not, or not whole, in the blocks. */
  cut: { words: boolean; chart: boolean };
}

export function renderBlocks(card: Card, look: Look): Rendered {
  const blocks: Block[] = [renderTitle(card)];
  const buttons = renderButtons(card.buttons ?? [], look);
  const room = (): number => Math.max(0, MESSAGE_MAX - NOTES_ROOM - countText(blocks) - countText(buttons));
  const add = (drawn: Drawn): boolean => {
    blocks.push(...drawn.blocks);
    return drawn.whole;
  };
  const isTextWhole = card.text === undefined || add(renderText(card.text, look, room()));
  if (card.progress !== undefined) blocks.push(renderProgress(card.progress));
  const areFieldsWhole = card.fields === undefined || add(renderFields(card.fields, look, room()));
  const isTableWhole = card.table === undefined || add(renderTable(card.table, look, room()));
  const isChartWhole = card.chart === undefined || add(drawChart(card.chart, look, room()));
  // Nobody says yes to what they cannot read.
  blocks.push(...(isTextWhole || look.hasFiles === true ? buttons : withoutYes(card, look)));
  const words = !(isTextWhole && areFieldsWhole && isTableWhole);
  return { blocks, text: renderFallback(card), cut: { words, chart: !isChartWhole } };
}

function drawChart(chart: NonNullable<Card['chart']>, look: Look, room: number): Drawn {
  const drawn = renderChart(chart, look);
  return countText(drawn.blocks) <= room ? drawn : { blocks: [note(`_The chart is ${restIs(look)}._`)], whole: false };
}

function withoutYes(card: Card, look: Look): Block[] {
  const others = (card.buttons ?? []).filter((button) => button.style !== 'primary');
  const isLess = others.length < (card.buttons?.length ?? 0);
  return [...renderButtons(others, look), ...(isLess ? [note('_Too long to be shown whole here: say yes in the console._')] : [])];
}

function renderFallback(card: Card): string {
  const lines = [
    `${SIGN[card.tone]} ${card.title}`,
    ...(card.text === undefined ? [] : [unmark(card.text)]),
    ...(card.fields ?? []).map(({ label, value }) => `${label}: ${value}`),
    ...(card.table?.rows ?? []).slice(0, 20).map((row) => row.join(' · ')),
  ];
  return clipRendered(escapeControl(lines.join('\n')), FALLBACK_MAX);
}

/** Words without our own marks. */
const unmark = (text: string): string => unescapeMarkup(text.slice(0, FALLBACK_MAX).replace(/\*\*(\S[^*\n]{0,500})\*\*/g, '$1'));
