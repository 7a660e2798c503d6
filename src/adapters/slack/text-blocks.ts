// A card's words as blocks: title, text split between lines, fields, progress.
import type { Card, Tone } from '../../chat/card.ts';
import { type Block, type Drawn, type Look, markup, note, plain, restIs, SECTION_MAX, section } from './block-parts.ts';
import { clipRendered, literal, renderLines, renderValue, splitRendered } from './mrkdwn.ts';

export const SIGN: Record<Tone, string> = { info: 'ℹ️', ask: '❓', good: '✅', bad: '❌', muted: '▫️' };
const FIELD_MAX = 2_000;
const FIELDS_PER_SECTION = 10;
const MOST_FIELDS = 30;
const BAR = 20;

export const renderTitle = (card: Card): Block => ({ type: 'header', text: plain(`${SIGN[card.tone]} ${card.title}`, 150) });

/** @returns whether all of it is there; what is missing is said. */
export function renderText(text: string, look: Look, room: number): Drawn {
  const pieces: string[] = [];
  let piece = '';
  let left = room;
  for (const line of renderLines(text, look.publicUrl).flatMap((one) => splitRendered(one, SECTION_MAX))) {
    if (line.length + 1 > left)
      return { blocks: [...sections([...pieces, piece]), note(missing(text, [...pieces, piece], look))], whole: false };
    left -= line.length + 1;
    if (piece.length + line.length + 1 > SECTION_MAX) {
      pieces.push(piece);
      piece = '';
    }
    piece = piece === '' ? line : `${piece}\n${line}`;
  }
  return { blocks: sections([...pieces, piece]), whole: true };
}

const sections = (pieces: readonly string[]): Block[] => pieces.filter((piece) => piece.trim() !== '').map(section);

function missing(text: string, pieces: readonly string[], look: Look): string {
  const shown = pieces.reduce((sum, one) => sum + one.length, 0);
  return `_Shortened: about ${Math.max(1, text.length - shown).toLocaleString('en')} more characters are ${restIs(look)}._`;
}

export function renderFields(fields: NonNullable<Card['fields']>, look: Look, room: number): Drawn {
  const shown: string[] = [];
  let left = room;
  for (const { label, value } of fields.slice(0, MOST_FIELDS)) {
    const text = `*${clipRendered(literal(label.trim() === '' ? '–' : label), 200)}*\n${clipRendered(renderValue(value, look.publicUrl), FIELD_MAX - 300)}`;
    if (text.length > left) break;
    left -= text.length;
    shown.push(text);
  }
  const blocks: Block[] = [];
  for (let at = 0; at < shown.length; at += FIELDS_PER_SECTION)
    blocks.push({ type: 'section', fields: shown.slice(at, at + FIELDS_PER_SECTION).map(markup) });
  if (shown.length < fields.length) blocks.push(note(`_${fields.length - shown.length} more lines are ${restIs(look)}._`));
  return { blocks, whole: shown.length === fields.length };
}

export function renderProgress({ done, total }: { done: number; total: number }): Block {
  const filled = total <= 0 ? 0 : Math.round((Math.max(0, Math.min(done, total)) / total) * BAR);
  return note(`${'▓'.repeat(filled)}${'░'.repeat(BAR - filled)} ${done} of ${total}`);
}
