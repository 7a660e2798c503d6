// Offers as visitors see them: the page of their variant, counted once it is theirs, and the thanks after paying.
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/database.ts';
import { readSigningKey } from '../../domain/orders/order-store.ts';
import { pageHash, pageSlug } from '../../domain/pages/page.ts';
import { findPage, type ShownPage, type ShownVariant } from '../../domain/pages/page-store.ts';
import { readPreview } from '../../domain/pages/preview.ts';
import { addressOf, chooseVariant, visitorKey, whyNoVisit } from '../../domain/pages/visitor.ts';
import type { VisitCounter } from '../../flows/count-visits.ts';
import type { Log } from '../../observability/logger.ts';
import { html } from '../console/markup.ts';
import { renderOffer } from './offer-page.ts';
import { respondPublic, respondSheet } from './public-page.ts';

export interface PageParts {
  db: Database;
  config: Config;
  log: Log;
  visits: VisitCounter;
}

/** A page's address holds no dot; an order's token holds two. */
const SLUG = '{[a-z0-9]+(?:-[a-z0-9]+)*}';
const RETRY_SECONDS = '5';

export function addPageRoutes(app: Hono, parts: PageParts): void {
  let key: Promise<string> | null = null;
  // It never changes; a failed look is not kept.
  const secretOf = (): Promise<string> => {
    key ??= readSigningKey(parts.db).catch((error: unknown) => {
      key = null;
      throw error;
    });
    return key;
  };
  const find = async (c: Context): Promise<ShownPage | null> => {
    const slug = pageSlug.safeParse(c.req.param('slug'));
    return slug.success ? ((await findPage(parts.db, parts.config.mode, slug.data)) ?? null) : null;
  };

  app.get(`/o/:slug${SLUG}/thanks`, async (c) => {
    const page = await find(c);
    if (page === null || page.variants.length === 0) return notHere(c);
    const words = 'Your payment is being confirmed. What you bought is delivered as the receipt from the payment provider says.';
    return respondSheet(c, 200, 'Thank you', html`<p>${words}</p><p class="soft">You may close this page.</p>`);
  });

  app.get(`/o/:slug${SLUG}`, async (c) => {
    const page = await find(c);
    if (page === null) return notHere(c);
    const shown = page.variants.filter(({ status }) => status === 'published');
    if (shown.length === 0)
      return page.status === 'retired' ? respondSheet(c, 410, 'This offer has ended', html`<p>It is no longer sold.</p>`) : notHere(c);
    return show(c, parts, page, shown, await secretOf());
  });
}

const notHere = (c: Context): Response => respondSheet(c, 404, 'Nothing here', html`<p>There is no page at this address.</p>`);

async function show(c: Context, parts: PageParts, page: ShownPage, shown: readonly ShownVariant[], secret: string): Promise<Response> {
  const preview = c.req.query('preview');
  const wanted = preview === undefined ? null : readPreview(secret, page.slug, preview);
  const agent = c.req.header('user-agent') ?? '';
  const address = addressOf(peerOf(c), c.req.header('x-forwarded-for'));
  const variant = shown.find((one) => one.variant === wanted) ?? chooseVariant(shown, visitorKey(secret, page.id, address, agent));
  if (variant === undefined) return notHere(c);
  if (wanted === null && whyNoVisit(c.req.method, (name) => c.req.header(name)) === null) {
    const channel = page.channels.find((one) => one === c.req.query('c')) ?? 'direct';
    try {
      await parts.visits.count({ pageId: page.id, variant: variant.variant, channel, address, agent });
    } catch (error) {
      parts.log.warn({ err: error, slug: page.slug }, 'a visit could not be counted');
      c.header('Retry-After', RETRY_SECONDS);
      return respondSheet(c, 503, 'One moment', html`<p>This page cannot be shown right now. Please load it again.</p>`);
    }
  }
  return respondPublic(c, 200, renderOffer(viewOf(page, variant, parts.config)));
}

function viewOf(page: ShownPage, variant: ShownVariant, config: Config) {
  const { name, blocks, priceMicros, currency } = variant;
  const content = {
    slug: page.slug,
    variant: variant.variant,
    name,
    blocks,
    priceMicros,
    currency,
    imprint: config.imprint,
    mode: page.mode,
  };
  return { ...content, payUrl: variant.url, meta: `${variant.variant}.${variant.version}.${pageHash(content)}` };
}

function peerOf(c: Context): string | undefined {
  return (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress;
}
