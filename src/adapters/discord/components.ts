// Card → Discord components v2, pure. Every limit of a message is kept: what does not fit is shortened with a note and attached whole.

import { createHash } from 'node:crypto';
import { type APIComponentInContainer, type APIContainerComponent, ComponentType, SeparatorSpacingSize } from 'discord.js';
import type { Card, Tone } from '../../chat/card.ts';
import { plainLine } from '../../chat/escape.ts';
import { renderButtons } from './button-rows.ts';
import { cardFile } from './card-file.ts';
import { escapeData, type PublicUrl, renderMarkdown, renderValue, takeLines } from './markdown.ts';
import { renderTable } from './table-text.ts';

export interface RenderedCard {
  container: APIContainerComponent;
  /** To be attached as CARD_FILE; null when the message holds everything. */
  text: string | null;
  /** To be drawn and attached as CHART_FILE. */
  chart: NonNullable<Card['chart']> | null;
}

export const CARD_FILE = 'card.txt';
export const CHART_FILE = 'chart.png';

/** Characters of all text displays of a message together. */
const ALL_TEXT = 4000;
const MAX_TITLE = 200;
const MAX_FIELD = 700;
const MAX_LABEL = 80;
/** Kept free for the title, the progress bar, the notes and the separators between parts. */
const FRAME = 700;
const SHORTENED = '-# Shortened: all of it is in the attached file.';
const MAX_ALT = 1024;
const BAR = 12;

const COLOUR: Record<Tone, number> = { info: 0x3b82f6, ask: 0xf59e0b, good: 0x22c55e, bad: 0xef4444, muted: 0x6b7280 };
/** Colour alone tells nothing to those who don't see it. */
const SIGN: Record<Tone, string> = { info: '', ask: '❓ ', good: '✅ ', bad: '❌ ', muted: '' };

/** @param altText what the chart shows, in words; only used when the card has a chart. */
export function renderCard(card: Card, options: { mark: string | null; publicUrl: PublicUrl; altText: string }): RenderedCard {
  const { publicUrl } = options;
  const hasChart = card.chart?.series.some(({ points }) => points.some(({ y }) => Number.isFinite(y))) ?? false;
  const { rows, unpressable } = renderButtons(card.buttons ?? []);
  const body = fitBody(card, publicUrl, ALL_TEXT - FRAME - unpressable.length);
  const parts: APIComponentInContainer[] = [];
  const say = (content: string): void => {
    if (content.trim() !== '') parts.push({ type: ComponentType.TextDisplay, content });
  };
  say(`### ${SIGN[card.tone] ?? ''}${clipRendered(plainLine(card.title, MAX_TITLE), 500) || 'Untitled'}`);
  say(body.text);
  say([progressLine(card.progress), body.fields].filter((line) => line !== '').join('\n'));
  say(body.table);
  if (hasChart)
    parts.push({
      type: ComponentType.MediaGallery,
      items: [{ media: { url: `attachment://${CHART_FILE}` }, description: options.altText.slice(0, MAX_ALT) }],
    });
  if (body.isShortened) {
    say(SHORTENED);
    parts.push({ type: ComponentType.File, file: { url: `attachment://${CARD_FILE}` } });
  }
  say(unpressable);
  if (rows.length > 0) parts.push({ type: ComponentType.Separator, divider: false, spacing: SeparatorSpacingSize.Small }, ...rows);
  return {
    container: {
      type: ComponentType.Container,
      accent_color: COLOUR[card.tone] ?? COLOUR.info,
      ...(options.mark === null ? {} : { id: markId(options.mark) }),
      components: parts,
    },
    text: body.isShortened ? cardFile(card) : null,
    chart: hasChart ? (card.chart ?? null) : null,
  };
}

/** A message's mark as the container's own number: Discord gives it back with the message, and nobody has to look at it. */
export function markId(mark: string): number {
  // 31 bits, and far from the small numbers that Discord hands out by itself.
  return (createHash('sha256').update(mark).digest().readUInt32BE(0) >>> 1) | 0x4000_0000;
}

interface Body {
  text: string;
  fields: string;
  table: string;
  isShortened: boolean;
}

/** Everything where it fits; else the fields first (they say what it is about), then words, then as many rows as there is room for. */
function fitBody(card: Card, publicUrl: PublicUrl, room: number): Body {
  const fields = (card.fields ?? []).map((field) => fieldLine(field, publicUrl));
  const shown = takeLines(fields, Math.floor(room / 2));
  const text = fitText(card.text ?? '', publicUrl, room - shown.length - Math.min(room / 4, card.table === undefined ? 0 : room / 4));
  const table = fitTable(card.table, publicUrl, room - shown.length - text.shown.length);
  return {
    text: text.shown,
    fields: shown,
    table: table.shown,
    isShortened:
      text.isCut ||
      table.isCut ||
      shown.length < fields.join('\n').length ||
      (card.fields ?? []).some(({ value }) => value.length > MAX_FIELD) ||
      card.title.length > MAX_TITLE,
  };
}

function fieldLine({ label, value }: { label: string; value: string }, publicUrl: PublicUrl): string {
  const shown = value.length > MAX_FIELD ? escapeData(plainLine(value, MAX_FIELD)) : renderValue(value, publicUrl);
  return `**${escapeData(plainLine(label, MAX_LABEL)) || '·'}:** ${shown}`;
}

/** The longest beginning whose rendering fits; cut in the source, so that no markup is left open. */
function fitText(source: string, publicUrl: PublicUrl, room: number): { shown: string; isCut: boolean } {
  const whole = source.length > 40_000 ? null : renderMarkdown(source, publicUrl);
  if (whole !== null && whole.length <= room) return { shown: whole, isCut: false };
  let low = 0;
  let high = Math.min(source.length, Math.ceil(room * 2));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (renderMarkdown(cutSource(source, middle), publicUrl).length <= room) low = middle;
    else high = middle - 1;
  }
  return { shown: renderMarkdown(cutSource(source, low), publicUrl), isCut: true };
}

const cutSource = (source: string, end: number): string => `${source.slice(0, end).replace(/[\uD800-\uDBFF\\]$/, '')}…`;

function fitTable(table: Card['table'], publicUrl: PublicUrl, room: number): { shown: string; isCut: boolean } {
  if (table === undefined) return { shown: '', isCut: false };
  for (let rows = Math.min(table.rows.length, 200); rows >= 0; rows = rows > 8 ? Math.floor(rows * 0.8) : rows - 1) {
    const shown = renderTable({ columns: table.columns, rows: table.rows.slice(0, rows) }, publicUrl);
    if (shown.length <= room) return { shown, isCut: rows < table.rows.length };
  }
  return { shown: '', isCut: true };
}

function clipRendered(text: string, max: number): string {
  const shown = escapeData(text);
  return shown.length <= max ? shown : `${escapeData(text.slice(0, Math.floor(max / 3)))}…`;
}

function progressLine(progress: Card['progress']): string {
  if (progress === undefined) return '';
  const { done, total } = progress;
  const filled = total > 0 ? Math.max(0, Math.min(BAR, Math.round((done / total) * BAR))) : 0;
  return `${'▰'.repeat(filled)}${'▱'.repeat(BAR - filled)} ${done} of ${total}`;
}
