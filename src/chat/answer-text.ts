// A model's words as card markdown: **bold**, lists and links to our own pages stay, everything else is shown as it is written.
import { makeVisible } from '../core/visible-text.ts';
import { escapeMarkdown } from './escape.ts';

const LONGEST = 12_000;
const OWN_PAGE = String.raw`\/(?:(?:goals|tasks|approvals|documents|ledger|audit|calls|conversations|said|commands)(?:[/?#][\w\-./?=&%#]{0,300})?)?`;
const KEPT = new RegExp(String.raw`\*\*(?=\S)([^*\n]{1,500}?)\*\*|\[([^\]\[\n]{1,300})\]\((${OWN_PAGE})\)`, 'g');

/** No link leads out, no picture is loaded, nobody is mentioned. Escapes that the model copied from a tool's card are read as what they stand for. */
export function answerText(text: string): string {
  const plain = makeVisible(text.slice(0, LONGEST).toWellFormed()).replace(/\\([!-/:-@[-`{-~])/g, '$1');
  return plain.split('\n').map(lineText).join('\n').trim();
}

function lineText(line: string): string {
  const [, lead = '', rest = ''] = /^(\s{0,6}[-•*] +|\s{0,6}\d{1,3}[.)] +|#{1,4} +)?(.*)$/s.exec(line) ?? [];
  const words = spans(rest);
  if (lead.startsWith('#')) return words === '' ? '' : words.includes('**') ? words : `**${words}**`;
  return `${lead.replace(/[•*] +$/, '- ')}${words}`;
}

function spans(text: string): string {
  let out = '';
  let from = 0;
  for (const match of text.matchAll(KEPT)) {
    const [whole, bold, label, target] = match;
    out += escapeMarkdown(text.slice(from, match.index), LONGEST);
    out += bold === undefined ? `[${escapeMarkdown(label ?? '', 300)}](${target})` : `**${escapeMarkdown(bold, 500)}**`;
    from = match.index + whole.length;
  }
  return out + escapeMarkdown(text.slice(from), LONGEST);
}
