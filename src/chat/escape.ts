// Data inside a card's markdown: shown as it is, never as markup, a mention or a trick; secrets are cut out while they can still be recognised.
import { redactText } from '../core/redact.ts';
import { clipText, makeVisible } from '../core/visible-text.ts';

/** One line of data for titles, fields and table cells. */
export function plainLine(text: string, max = 200): string {
  return clipText(makeVisible(redactText(text).replace(/\s+/g, ' ').trim()), max);
}

/** Data inside markdown text: markdown's own signs are escaped. */
export function escapeMarkdown(text: string, max = 2000): string {
  return clipText(makeVisible(redactText(text)), max).replace(/[\\`*_[\]()<>#|~]/g, '\\$&');
}
