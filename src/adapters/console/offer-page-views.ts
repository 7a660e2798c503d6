// How pages of offers look in the console.
import type { Card } from '../../chat/card.ts';
import { formatMoney } from '../../core/currency.ts';
import type { Taking, VisitSum } from '../../domain/pages/figure-store.ts';
import type { ShownVariant } from '../../domain/pages/page-store.ts';
import { renderChart } from './chart.ts';
import { renderStatus } from './goal-pages.ts';
import { type Frame, nextPage, renderOlder } from './layout.ts';
import { type Html, html } from './markup.ts';
import type { OfferRow } from './offer-page-store.ts';

export const OFFERS_PAGE = 50;

export function renderOffers(frame: Frame, rows: readonly OfferRow[], market: boolean): Html {
  const tab = (href: string, words: string, isHere: boolean): Html =>
    html`<a href="${href}"${isHere && html` aria-current="page"`}>${words}</a>`;
  return html`<h1>Pages</h1>
    <nav class="tabs" aria-label="Which pages">${tab('/pages', 'our own', !market)}${frame.mode === 'practice' && tab('/pages?market=1', 'on the practice market', market)}</nav>
    ${rows.length === 0 && html`<p class="empty">${market ? 'Nothing was launched on the practice market.' : 'No page was published yet.'}</p>`}
    <ul class="rows">${rows.map(
      (
        row,
      ) => html`<li><a class="row" href="/pages/${row.id}"><span class="id">#${row.id}</span><span class="what">${row.is_market ? row.slug : `/o/${row.slug}`}</span>${renderStatus(row.status)}
      <span class="meta">variants ${row.variants} · ${row.visitors} visitors, ${row.visits} visits · ${row.orders} orders · goal #${row.goal_id}</span></a></li>`,
    )}</ul>
    ${renderOlder('/pages', { market: market ? 1 : null }, nextPage(rows, OFFERS_PAGE))}`;
}

export interface OfferDetail {
  row: OfferRow;
  variants: readonly ShownVariant[];
  visits: readonly VisitSum[];
  takings: readonly Taking[];
  /** By letter: a look that is no visit. */
  previews: ReadonlyMap<string, string>;
  chart: NonNullable<Card['chart']>;
}

export function renderOfferDetail({ row, variants, visits, takings, previews, chart }: OfferDetail): Html {
  return html`<p class="crumbs"><a href="/pages">Pages</a> / <a href="/goals/${row.goal_id}">goal #${row.goal_id}</a></p>
    <h1>${row.is_market ? row.slug : `/o/${row.slug}`}</h1>
    <p class="meta">${renderStatus(row.status)} ${row.visitors} visitors · ${row.visits} visits · ${row.orders} orders${row.retired_why !== null && html` · ${row.retired_why}`}</p>
    ${row.is_market && html`<p>A launch on the practice market: its visitors are counted here, there is no page to look at.</p>`}
    ${variants.length > 0 && html`<h2>Variants</h2><div class="scroll"><table><thead><tr><th>Variant</th><th>State</th><th class="num">Version</th><th class="num">Price</th><th class="num">List</th><th class="num">Floor</th><th class="num">Share</th><th class="hash">SHA-256</th></tr></thead><tbody>${variants.map((one) => renderVariant(one, previews))}</tbody></table></div>`}
    <h2>Visits</h2>
    ${visits.length === 0 ? html`<p class="empty">Nobody has been here yet.</p>` : renderChart(chart)}
    ${
      visits.length > 0 &&
      html`<div class="scroll"><table><thead><tr><th>Variant</th><th>Channel</th><th class="num">Visitors</th><th class="num">Visits</th></tr></thead><tbody>${visits.map(
        (one) =>
          html`<tr><td>${one.variant}</td><td>${one.channel}</td><td class="num">${one.visitors}</td><td class="num">${one.visits}</td></tr>`,
      )}</tbody></table></div>`
    }
    <h2>Sales</h2>
    ${takings.length === 0 && html`<p class="empty">Nothing was sold here yet.</p>`}
    ${takings.length > 0 && html`<div class="scroll"><table><thead><tr><th>Variant</th><th class="num">Orders</th><th class="num">Orders by visitor</th><th class="num">Revenue</th><th class="num">Given back</th><th class="num">Fees</th></tr></thead><tbody>${takings.map((one) => renderTaking(one, visits))}</tbody></table></div>`}`;
}

function renderVariant(one: ShownVariant, previews: ReadonlyMap<string, string>): Html {
  const show = (micros: bigint): string => formatMoney(micros, one.currency);
  const preview = previews.get(one.variant);
  const state = one.status === 'published' && one.url === null ? 'shown, not on sale' : one.status;
  return html`<tr><td>${preview === undefined ? one.variant : html`<a href="${preview}">${one.variant}</a>`}</td><td>${state}</td><td class="num">${one.version}</td><td class="num">${show(one.priceMicros)}</td><td class="num">${show(one.listMicros)}</td><td class="num">${show(one.floorMicros)}</td><td class="num">${one.weight}</td><td class="hash">${one.sha256}</td></tr>`;
}

function renderTaking(one: Taking, visits: readonly VisitSum[]): Html {
  const visitors = visits.filter(({ variant }) => variant === one.variant).reduce((sum, visit) => sum + visit.visitors, 0);
  const rate = visitors === 0 ? 'none' : `${((100 * one.orders) / visitors).toFixed(1)} %`;
  const show = (micros: bigint): string => formatMoney(micros, one.currency);
  return html`<tr><td>${one.variant}</td><td class="num">${one.orders}</td><td class="num">${rate}</td><td class="num">${show(one.revenueMicros)}</td><td class="num">${show(one.refundedMicros)}</td><td class="num">${show(one.feeMicros)}</td></tr>`;
}
