// A card's table as Discord can show it: aligned in a code block where it is narrow enough not to wrap, else one line a row.

import type { Card } from '../../chat/card.ts';
import { isMoment, readOwnLink } from '../../chat/card-markup.ts';
import { makeVisible } from '../../core/visible-text.ts';
import { codeBlock, escapeData, type PublicUrl, renderValue } from './markdown.ts';

type Table = NonNullable<Card['table']>;

/** Characters of a code block that fit beside each other in a desktop window. */
const WIDE = 62;

/** A cell as bare text: a link is its words, a moment is short. */
function bareCell(cell: string): string {
  const text = makeVisible(cell).replace(/\s+/g, ' ').trim();
  if (isMoment(text)) return text.slice(0, 16).replace('T', ' ');
  return readOwnLink(text)?.words ?? text;
}

/** The table with its columns aligned; used for the attached file too. */
export function alignTable({ columns, rows }: Table): string[] {
  const lines = [columns, ...rows].map((row) => columns.map((_, at) => bareCell(row[at] ?? '')));
  const widths = columns.map((_, at) => Math.max(...lines.map((row) => row[at]?.length ?? 0)));
  const isRight = columns.map((_, at) => rows.length > 0 && lines.slice(1).every((row) => /^[-+]?\$?[\d,.]+%?$/.test(row[at] ?? '')));
  return lines.map((row) =>
    row
      .map((cell, at) => (isRight[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

export function renderTable(table: Table, publicUrl: PublicUrl): string {
  if (table.columns.length === 0) return '';
  const aligned = alignTable(table);
  if (aligned.every((line) => line.length <= WIDE)) return codeBlock(aligned.join('\n'));
  const head = `-# ${table.columns.map((column) => escapeData(bareCell(column))).join(' · ')}`;
  return [head, ...table.rows.map((row) => renderRow(row, publicUrl))].join('\n');
}

function renderRow(row: readonly string[], publicUrl: PublicUrl): string {
  const [first = '', ...others] = row.map((cell) => renderValue(cell, publicUrl));
  return `- ${[first === '' ? '…' : `**${first}**`, ...others.filter((cell) => cell !== '')].join(' · ')}`;
}
