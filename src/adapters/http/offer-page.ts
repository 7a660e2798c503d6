// An offer's page from its blocks: every word is text, every address is ours or the payment provider's.
import { formatMoney } from '../../core/currency.ts';
import { disclosureOf, type PageBlock, type PageContent } from '../../domain/pages/page.ts';
import { type Html, html } from '../console/markup.ts';
import { renderPublic } from './public-page.ts';

export interface OfferView extends PageContent {
  /** Where it is paid; null while it is not on sale. */
  payUrl: string | null;
  meta: string;
}

export function renderOffer(view: OfferView): Html {
  const hasPrice = view.blocks.some(({ kind }) => kind === 'price');
  const hero = view.blocks.find((block) => block.kind === 'hero');
  return renderPublic({
    title: hero?.kind === 'hero' ? hero.title : view.name,
    meta: view.meta,
    hidden: view.mode === 'practice',
    body: html`${view.mode === 'practice' && html`<p class="notice" role="note">Practice: a rehearsal of an offer. Nothing is sold here.</p>`}
      <main>${view.blocks.map((block) => renderBlock(block, view))}${!hasPrice && renderBuy(view, null)}</main>
      <footer>${disclosureOf(view).map((line) => html`<p>${line}</p>`)}</footer>`,
  });
}

function renderBlock(block: PageBlock, view: OfferView): Html {
  switch (block.kind) {
    case 'hero':
      return html`<header><h1>${block.title}</h1>${block.subtitle != null && html`<p class="lead">${block.subtitle}</p>`}</header>`;
    case 'text':
      return html`<section>${renderHeading(block.heading)}${block.text.split(/\n\s*\n/).map((part) => html`<p>${part}</p>`)}</section>`;
    case 'list':
      return html`<section>${renderHeading(block.heading)}<ul>${block.items.map((item) => html`<li>${item}</li>`)}</ul></section>`;
    case 'price':
      return renderBuy(view, block.note ?? null);
    case 'faq':
      return html`<section>${renderHeading(block.heading ?? 'Questions')}<dl>${block.items.map(({ question, answer }) => html`<dt>${question}</dt><dd>${answer}</dd>`)}</dl></section>`;
    case 'link':
      return html`<p><a href="${block.to}">${block.label}</a></p>`;
  }
}

const renderHeading = (heading: string | null | undefined): Html => html`${heading != null && html`<h2>${heading}</h2>`}`;

function renderBuy(view: OfferView, note: string | null): Html {
  const price = formatMoney(view.priceMicros, view.currency);
  return html`<section class="buy" aria-label="Price"><p class="price">${price}</p>${note !== null && html`<p>${note}</p>`}
    ${view.payUrl === null ? html`<p><strong>Not on sale at the moment.</strong></p>` : html`<a class="button" rel="nofollow" href="${view.payUrl}">Buy for ${price}</a><p class="soft">You pay at our payment provider; we never see your card.</p>`}</section>`;
}
