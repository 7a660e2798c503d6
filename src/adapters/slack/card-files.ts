// What of a card does not fit into Slack's blocks, as files: all its words as text, its chart as a picture.
import { createHash } from 'node:crypto';
import type { Card } from '../../chat/card.ts';
import { unescapeMarkup } from '../../chat/card-markup.ts';
import { makeVisible } from '../../core/visible-text.ts';
import { chartAltText, drawChart } from '../chart-image.ts';
import type { Rendered } from './blocks.ts';

export interface CardFile {
  filename: string;
  title: string;
  bytes: Uint8Array;
  /** For pictures: what they show, in words. */
  altText: string | null;
}

/** Names what the files would hold, so that the same is not attached twice; null when everything fits. */
export function nameFiles(card: Card, cut: Rendered['cut']): string | null {
  if (!cut.words && !cut.chart) return null;
  const held = JSON.stringify([cut.words ? writeCard(card) : '', cut.chart ? card.chart : null]);
  return createHash('sha256').update(held).digest('hex').slice(0, 16);
}

export async function drawFiles(card: Card, cut: Rendered['cut']): Promise<CardFile[]> {
  const about = card.ref === undefined ? 'card' : `${card.ref.kind}-${card.ref.id}`.replace(/[^\w-]/g, '-');
  // Found again by its name when the message could not be told that it is there.
  const name = `${about}-${nameFiles(card, cut)}`;
  const files: CardFile[] = [];
  if (cut.words)
    files.push({
      filename: `${name}.txt`,
      title: `${makeVisible(card.title).slice(0, 150)}: all of it`,
      bytes: Buffer.from(writeCard(card)),
      altText: null,
    });
  if (cut.chart && card.chart !== undefined)
    files.push({
      filename: `${name}.png`,
      title: makeVisible(card.chart.title).slice(0, 150),
      bytes: await drawChart(card.chart),
      altText: chartAltText(card.chart),
    });
  return files;
}

/** All words of a card; nothing is left out, and no sign in it is hidden. */
export function writeCard(card: Card): string {
  const parts = [
    card.title,
    unescapeMarkup(card.text ?? ''),
    (card.fields ?? []).map(({ label, value }) => `${label}: ${value}`).join('\n'),
    card.table === undefined ? '' : [card.table.columns, ...card.table.rows].map((cells) => cells.join(' | ')).join('\n'),
  ];
  return `${parts
    .filter((part) => part.trim() !== '')
    .map(makeVisible)
    .join('\n\n')}\n`;
}
