// A whole card as plain text, for the file attached when a message cannot hold all of it. Nothing is left out here.
import type { Card } from '../../chat/card.ts';
import { unescapeMarkup } from '../../chat/card-markup.ts';
import { makeVisible } from '../../core/visible-text.ts';
import { alignTable } from './table-text.ts';

export function cardFile(card: Card): string {
  const parts = [
    makeVisible(card.title),
    card.text === undefined ? '' : unescapeMarkup(makeVisible(card.text)),
    (card.fields ?? []).map(({ label, value }) => `${makeVisible(label)}: ${makeVisible(value)}`).join('\n'),
    card.table === undefined ? '' : alignTable(card.table).join('\n'),
  ];
  return `${parts.filter((part) => part.trim() !== '').join('\n\n')}\n`;
}
