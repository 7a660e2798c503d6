// Card → terminal text, the one renderer of the terminal. Data cannot steer the terminal: its control characters are shown, not obeyed.
import type { Button, Card, Tone } from '../../chat/card.ts';
import { clipText, makeVisible } from '../../core/visible-text.ts';

export interface Look {
  /** ANSI colours. */
  colour: boolean;
  /** Columns of the window. */
  width: number;
}

const COLOUR: Record<Tone, string> = { info: '34', ask: '33', good: '32', bad: '31', muted: '90' };
const SIGN: Record<Tone, string> = { info: 'i', ask: '?', good: '✓', bad: '✗', muted: '·' };
const BAR = 24;
const SPARKS = '▁▂▃▄▅▆▇█';

export function renderCard(card: Card, look: Look): string {
  const paint = (code: string, text: string) => (look.colour ? `\u001B[${code}m${text}\u001B[0m` : text);
  const lines = [paint(`1;${COLOUR[card.tone]}`, `${SIGN[card.tone]} ${show(card.title)}`)];
  // Indented, so that a line of data cannot pass for a title or a button.
  if (card.text !== undefined)
    lines.push(
      ...unmark(card.text)
        .split('\n')
        .map((line) => `  ${line}`.trimEnd()),
    );
  if (card.progress !== undefined) lines.push(renderProgress(card.progress));
  if (card.fields !== undefined) lines.push(...renderFields(card.fields, paint));
  if (card.table !== undefined) lines.push(...renderTable(card.table, look, paint));
  if (card.chart !== undefined) lines.push(...renderChart(card.chart));
  if (card.buttons !== undefined) lines.push(...card.buttons.map((button) => renderButton(button, paint)));
  return lines.join('\n');
}

type Paint = (code: string, text: string) => string;

/** One line of data: no newline in it can fake another. */
function show(text: string): string {
  return makeVisible(clipText(text, 4_000)).replaceAll('\n', ' ').replaceAll('\t', ' ');
}

/** Markdown read as text: marks go, words stay; `[label](/path)` keeps its path. */
export function unmark(text: string): string {
  return makeVisible(clipText(text, 40_000))
    .replaceAll('\t', '  ')
    .replace(/\*\*(\S[^*\n]{0,500})\*\*/g, '$1')
    .replace(/\[([^\]\n]{1,300})\]\((\/[^()\s]{0,300}|https:\/\/[^()\s]{1,300})\)/g, '$1 ($2)')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

function renderProgress({ done, total }: { done: number; total: number }): string {
  const filled = total <= 0 ? 0 : Math.round((Math.min(done, total) / total) * BAR);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${done} of ${total}`;
}

function renderFields(fields: NonNullable<Card['fields']>, paint: Paint): string[] {
  const wide = Math.min(24, Math.max(0, ...fields.map(({ label }) => label.length)));
  return fields.map(
    ({ label, value }) => `${paint('90', show(label).padEnd(wide))}  ${show(value).replace(/^\[([^\]]*)\]\((\/[^)\s]*)\)$/, '$1 ($2)')}`,
  );
}

function renderTable({ columns, rows }: NonNullable<Card['table']>, look: Look, paint: Paint): string[] {
  const shown = rows.map((row) => row.map((cell) => show(cell).replace(/^\[([^\]]*)\]\(\/[^)\s]*\)$/, '$1')));
  const most = Math.max(8, Math.floor(look.width / Math.max(1, columns.length)) * 2);
  const widths = columns.map((column, at) => Math.min(most, Math.max(column.length, ...shown.map((row) => row[at]?.length ?? 0))));
  const isRight = columns.map((_, at) => shown.length > 0 && shown.every((row) => /^[-+]?\$?[\d,.]+%?$/.test(row[at] ?? '')));
  const join = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (isRight[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [paint('90', join(columns.map(show))), ...shown.map(join)];
}

function renderChart(chart: NonNullable<Card['chart']>): string[] {
  return chart.series.map(({ name, points }) => {
    const values = points.map(({ y }) => y);
    const low = Math.min(0, ...values);
    const span = Math.max(0, ...values) - low || 1;
    const sparks = values.slice(-60).map((value) => SPARKS[Math.round(((value - low) / span) * (SPARKS.length - 1))]);
    return `${show(chart.title)}, ${show(name)}: ${sparks.join('')} (${values[0] ?? 0} → ${values.at(-1) ?? 0})`;
  });
}

/** The command to type; what must be filled in stands in capitals. */
function renderButton(button: Button, paint: Paint): string {
  const { id, ...others } = button.args;
  const words = Object.entries(others).map(([name, value]) =>
    value === '' ? `--${name} ${name.toUpperCase()}` : `--${name} ${quote(String(value))}`,
  );
  return `${paint('1', `[${show(button.label)}]`)} npm run jug -- ${show(button.command)}${id === undefined ? '' : ` ${show(String(id))}`}${words.length > 0 ? ` ${words.map(show).join(' ')}` : ''}`;
}

/** Safe to paste into a shell. */
function quote(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
