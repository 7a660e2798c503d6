// A card's table: Slack's own table in a message, text of even width in a view, where Slack has none.
import type { Card } from '../../chat/card.ts';
import { readOwnLink } from '../../chat/card-markup.ts';
import { type Block, type Drawn, type Look, note, restIs, SECTION_MAX, section } from './block-parts.ts';
import { clipRendered, escapeControl } from './mrkdwn.ts';

type Table = NonNullable<Card['table']>;

const MOST_ROWS = 100;
const MOST_COLUMNS = 20;
const CELL_MAX = 600;
const WIDEST = 40;

export function renderTable(table: Table, look: Look, room: number): Drawn {
  if (table.columns.length === 0) return { blocks: [], whole: true };
  const isNative = look.surface === 'message' && table.columns.length <= MOST_COLUMNS;
  return isNative ? renderNative(table, look, room) : renderText(table, look, room);
}

/** A link to one of our own pages is read as its words. */
const readCell = (cell: string): string => {
  const line = cell.replace(/\s+/g, ' ');
  return readOwnLink(line)?.words ?? line;
};

const rowOf = (cells: readonly string[], columns: readonly string[]) =>
  columns.map((_, at) => {
    const text = clipRendered(escapeControl(readCell(cells[at] ?? '').trim()), CELL_MAX);
    return { type: 'raw_text' as const, text: text === '' ? '–' : text };
  });

function renderNative({ columns, rows }: Table, look: Look, room: number): Drawn {
  const shown = [rowOf(columns, columns)];
  let left = room - lengthOf(shown[0] ?? []);
  if (left < 0) return { blocks: [note(`_A table of ${rows.length} rows is ${restIs(look)}._`)], whole: false };
  for (const row of rows.slice(0, MOST_ROWS - 1)) {
    const cells = rowOf(row, columns);
    left -= lengthOf(cells);
    if (left < 0) break;
    shown.push(cells);
  }
  const settings = columns.map((_, at) => ({ align: isNumeric(rows, at) ? ('right' as const) : ('left' as const), is_wrapped: true }));
  return withRest({ type: 'table', rows: shown, column_settings: settings }, rows.length - shown.length + 1, look);
}

const lengthOf = (cells: readonly { text: string }[]): number => cells.reduce((sum, cell) => sum + cell.text.length, 0);

const withRest = (table: Block | null, count: number, look: Look): Drawn => ({
  blocks: [...(table === null ? [] : [table]), ...(count > 0 ? [note(`_${count} more rows are ${restIs(look)}._`)] : [])],
  whole: count <= 0,
});

function isNumeric(rows: readonly string[][], column: number): boolean {
  const cells = rows.map((row) => (row[column] ?? '').trim()).filter((cell) => cell !== '');
  return column > 0 && cells.length > 0 && cells.every((cell) => /^[-+−]?\$?[\d,.]+\s*%?$/.test(cell));
}

function renderText({ columns, rows }: Table, look: Look, room: number): Drawn {
  const cells = [columns, ...rows].map((row) => columns.map((_, at) => cut(readCell(row[at] ?? ''))));
  const widths = columns.map((_, at) => Math.max(1, ...cells.map((row) => row[at]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const shown: string[] = [];
  let left = Math.min(room, SECTION_MAX) - 10;
  for (const line of lines.map((one) => escapeControl(one.replaceAll('`', "'")))) {
    left -= line.length + 1;
    if (left < 0) break;
    shown.push(line);
  }
  const block = shown.length === 0 ? null : section(`\`\`\`${shown.join('\n')}\`\`\``);
  return withRest(block, lines.length - Math.max(1, shown.length), look);
}

const cut = (cell: string): string => ([...cell].length <= WIDEST ? cell : `${[...cell].slice(0, WIDEST - 1).join('')}…`);
