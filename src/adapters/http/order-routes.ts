// The customer's page behind a download link. Looking is harmless (mail scanners and chat previews look); the button hands the file over.
import type { Context, Hono } from 'hono';
import { type Download, noteFetched, openDownload } from '../../flows/fetch-order.ts';
import { html } from '../console/markup.ts';
import type { HttpParts } from './parts.ts';
import { respondSheet } from './public-page.ts';

const GONE: Record<Exclude<Download['kind'], 'file'>, { status: 404 | 410; words: string }> = {
  unknown: { status: 404, words: 'This link leads to nothing. Was it copied whole?' },
  expired: { status: 410, words: 'This link has run out. Ask the seller for a new one.' },
  withdrawn: { status: 410, words: 'This order was refunded, so its download has ended.' },
};

const fileName = (title: string): string =>
  `${
    title
      .replace(/[^\w-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'download'
  }.md`;

export type OrderParts = Pick<HttpParts, 'db' | 'config'>;

export function addOrderRoutes(app: Hono, { db, config }: OrderParts): void {
  const open = (c: Context): Promise<Download> => openDownload(db, config.mode, c.req.param('token') ?? '', new Date());
  const refuse = (c: Context, kind: keyof typeof GONE): Response =>
    respondSheet(c, GONE[kind].status, 'No download here', html`<p>${GONE[kind].words}</p>`);

  app.get('/o/:token', async (c) => {
    const found = await open(c);
    if (found.kind !== 'file') return refuse(c, found.kind);
    return respondSheet(
      c,
      200,
      found.title,
      html`<p>Order ${found.order.id}, ready to download.</p><form method="post" action="/o/${c.req.param('token')}"><button type="submit">Download</button></form>`,
    );
  });

  app.post('/o/:token', async (c) => {
    const found = await open(c);
    if (found.kind !== 'file') return refuse(c, found.kind);
    await noteFetched(db, found);
    return c.body(found.body, 200, {
      'content-type': 'text/markdown; charset=utf-8',
      'content-disposition': `attachment; filename="${fileName(found.title)}"`,
    });
  });
}
