// Card → HTML, the one renderer of the console: feed, threads, answers and live updates all use it.
import type { Button, Card, Tone } from '../../chat/card.ts';
import { isMoment, readOwnLink } from '../../chat/card-markup.ts';
import { clipText } from '../../core/visible-text.ts';
import { renderChart } from './chart.ts';
import { renderMarkdown } from './markdown.ts';
import { type Html, html } from './markup.ts';

export interface CardPlace {
  /** Unique in the page: `m-17` for message 17, `r-…` for an answer. */
  key: string;
  version: number;
  /** The session's form token. */
  csrf: string;
  heading?: Html;
}

const TONE_WORD: Record<Tone, string> = { info: 'Info', ask: 'Needs you', good: 'Good', bad: 'Problem', muted: 'Note' };
const MAX_CELL = 2_000;

/** One card with its own place for the answer to its buttons. */
export function renderEntry(card: Card, place: CardPlace): Html {
  return html`<li class="entry">${renderCard(card, place)}<div class="answer" id="a-${place.key}" aria-live="polite"></div></li>`;
}

export function renderCard(card: Card, place: CardPlace): Html {
  const tone = TONE_WORD[card.tone] === undefined ? 'info' : card.tone;
  return html`<article class="card ${tone}" id="${place.key}" data-version="${place.version}"${card.ref !== undefined && html` data-ref="${card.ref.kind}:${card.ref.id}"`} tabindex="-1" aria-labelledby="t-${place.key}">
    <header><span class="tone">${TONE_WORD[tone]}</span><h3 id="t-${place.key}">${clipText(card.title, 300)}</h3>${place.heading}</header>
    ${card.text !== undefined && html`<div class="text">${renderMarkdown(card.text)}</div>`}
    ${card.progress !== undefined && renderProgress(card.progress)}
    ${card.fields !== undefined && card.fields.length > 0 && html`<dl class="fields">${card.fields.map(({ label, value }) => html`<div${value.length > 34 && html` class="long"`}><dt>${label}</dt><dd>${renderCell(value)}</dd></div>`)}</dl>`}
    ${card.table !== undefined && renderTable(card.table)}
    ${card.chart !== undefined && renderChart(card.chart)}
    ${card.buttons !== undefined && card.buttons.length > 0 && html`<footer class="buttons">${card.buttons.map((button) => renderButton(button, card, place))}</footer>`}
  </article>`;
}

/** Plain text, except that a whole value written as a link to one of our own pages is a link, and a moment is a time the browser tells in words. */
export function renderCell(value: string): Html {
  const link = readOwnLink(value);
  if (link !== null) return html`<a href="${link.page}">${link.words}</a>`;
  if (isMoment(value)) return html`<time datetime="${value}">${value}</time>`;
  return html`${clipText(value, MAX_CELL)}`;
}

function renderProgress({ done, total }: { done: number; total: number }): Html {
  return html`<div class="progress"><progress max="${Math.max(1, total)}" value="${done}" aria-label="${done} of ${total} done"></progress><span>${done} of ${total}</span></div>`;
}

/** Amounts and counts line up on the right; the first column names the row and stays left. */
function isNumeric(rows: readonly string[][], column: number): boolean {
  const cells = rows.map((row) => (row[column] ?? '').trim()).filter((cell) => cell !== '');
  return column > 0 && cells.length > 0 && cells.every((cell) => /^[-+−]?\$?[\d,.]+\s*%?$/.test(cell));
}

function renderTable({ columns, rows }: NonNullable<Card['table']>): Html {
  const kinds = columns.map((_, at) => (isNumeric(rows, at) ? 'num' : ''));
  const kindOf = (cell: string, at: number) =>
    cell.length > 24 ? 'wide' : cell.length > 11 && kinds[at] === '' ? 'mid' : (kinds[at] ?? '');
  return html`<div class="scroll" tabindex="0"><table>
    <thead><tr>${columns.map((column, at) => html`<th scope="col" class="${kinds[at]}">${column}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.map((cell, at) => html`<td class="${kindOf(cell, at)}">${renderCell(cell)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

/** A form of its own, so that it works without script too; what must be asked or confirmed, the server asks (action-routes.ts). */
export function renderButton(button: Button, card: Pick<Card, 'ref'>, place: Pick<CardPlace, 'key' | 'csrf'>): Html {
  const asks = Object.keys(button.args).filter((name) => button.args[name] === '');
  const action = `/do/${encodeURIComponent(button.command)}`;
  return html`<form class="act" method="post" action="${action}" hx-post="${action}" hx-target="#a-${place.key}" hx-swap="innerHTML">
    <input type="hidden" name="_csrf" value="${place.csrf}"><input type="hidden" name="_label" value="${button.label}"><input type="hidden" name="_style" value="${button.style}">
    ${card.ref !== undefined && html`<input type="hidden" name="_ref" value="${card.ref.kind}:${card.ref.id}">`}
    ${button.confirm !== undefined && html`<input type="hidden" name="_confirm" value="${button.confirm}">`}
    ${asks.length > 0 && html`<input type="hidden" name="_ask" value="${asks.join(',')}">`}
    ${Object.entries(button.args).map(([name, value]) => value !== '' && html`<input type="hidden" name="${name}" value="${String(value)}">`)}
    <button type="submit" class="${button.style}" data-command="${button.command}">${button.label}</button>
  </form>`;
}
