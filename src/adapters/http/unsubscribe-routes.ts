// The link below every message to a person: one press, for ever. Looking alone does nothing: mail scanners look.
import type { Context, Hono } from 'hono';
import { readSigningKey } from '../../domain/orders/order-store.ts';
import { readUnsubscribe } from '../../domain/outreach/outreach.ts';
import { unsubscribe } from '../../flows/outreach.ts';
import { html } from '../console/markup.ts';
import type { PageParts } from './page-routes.ts';
import { respondSheet } from './public-page.ts';

const PATH = '/o/unsubscribe/:token';

export function addUnsubscribeRoutes(app: Hono, { db, config }: Pick<PageParts, 'db' | 'config'>): void {
  const read = async (c: Context): Promise<string | null> => readUnsubscribe(await readSigningKey(db), c.req.param('token') ?? '');
  const unknown = (c: Context): Response => respondSheet(c, 404, 'This link leads to nothing', html`<p>Was it copied whole?</p>`);

  app.get(PATH, async (c) => {
    if ((await read(c)) === null) return unknown(c);
    return respondSheet(
      c,
      200,
      'No more messages?',
      html`<p>Press the button and you will not hear from us again.</p><form method="post" action="/o/unsubscribe/${c.req.param('token')}"><button type="submit">Stop all messages</button></form>`,
    );
  });

  app.post(PATH, async (c) => {
    const contact = await read(c);
    if (contact === null) return unknown(c);
    await unsubscribe(db, config.mode, contact);
    return respondSheet(c, 200, 'You will not hear from us again', html`<p>This holds for ever.</p>`);
  });
}
