// Pages of offers in the console: what is published, what was visited and sold, and a look at one before it is.
import type { Config } from '../../config.ts';
import { dayOf, daysUpTo } from '../../core/calendar.ts';
import { formatMoney, parseAmount } from '../../core/currency.ts';
import { readSigningKey } from '../../domain/orders/order-store.ts';
import { readTakings, readVisits } from '../../domain/pages/figure-store.ts';
import { pageHash } from '../../domain/pages/page.ts';
import { publishInput } from '../../domain/pages/page-input.ts';
import { findPage } from '../../domain/pages/page-store.ts';
import { previewPath } from '../../domain/pages/preview.ts';
import { renderOffer } from '../http/offer-page.ts';
import { respondPublic } from '../http/public-page.ts';
import { findOfferRow, findPublishCall, listOfferRows, listVisitDays } from './offer-page-store.ts';
import { OFFERS_PAGE, renderOfferDetail, renderOffers } from './offer-page-views.ts';
import { type Build, countOf, idOf } from './page-request.ts';

const CHART_DAYS = 30;

const buildOffers: Build = async (c, frame, db) => {
  const market = c.req.query('market') === '1';
  const rows = await listOfferRows(db, { mode: frame.mode, market, before: countOf(c, 'before'), limit: OFFERS_PAGE });
  return { title: 'Pages', section: 'pages', live: 'any', body: renderOffers(frame, rows, market) };
};

const buildOffer: Build = async (c, frame, db) => {
  const row = await findOfferRow(db, frame.mode, idOf(c));
  if (row === undefined) return null;
  const page = await findPage(db, frame.mode, row.slug);
  const [visits, takings] = [await readVisits(db, row.id), await readTakings(db, row.id)];
  const days = daysUpTo(dayOf(new Date(), frame.timezone), CHART_DAYS);
  const byDay = await listVisitDays(db, row.id, days[0] ?? '');
  const key = await readSigningKey(db);
  const previews = new Map(
    (page?.variants ?? []).flatMap((one) =>
      one.status === 'published' ? [[one.variant, previewPath(key, row.slug, one.variant)] as const] : [],
    ),
  );
  const letters = [...new Set(byDay.map(({ variant }) => variant))];
  const chart = {
    kind: 'line' as const,
    title: 'Visitors by day',
    series: letters.map((variant) => ({
      name: `variant ${variant}`,
      points: days.map((day) => ({ x: day, y: byDay.find((one) => one.day === day && one.variant === variant)?.visitors ?? 0 })),
    })),
  };
  const body = renderOfferDetail({ row, variants: page?.variants ?? [], visits, takings, previews, chart });
  return { title: `/o/${row.slug}`, section: 'pages', live: 'any', body };
};

/** The pages that need to know the imprint. */
export function offerPages(config: Config): Record<string, Build> {
  return {
    '/pages': buildOffers,
    '/pages/:id': buildOffer,
    // As it would be served, by the call that asks: nothing of it is public yet.
    '/pages/preview/:id': async (c, _frame, db) => {
      const call = await findPublishCall(db, idOf(c));
      const read = publishInput.safeParse(call?.arguments);
      if (call === undefined || !read.success) return null;
      const { slug, variant, name, blocks, amount, currency } = read.data;
      const price = { priceMicros: parseAmount(amount), currency: currency.toUpperCase() };
      const content = { slug, variant, name, blocks, ...price, imprint: config.imprint, mode: call.mode };
      const words = `preview of call ${idOf(c)}, ${formatMoney(price.priceMicros, price.currency)}, ${pageHash(content).slice(0, 16)}`;
      return respondPublic(c, 200, renderOffer({ ...content, payUrl: '#', meta: words }));
    },
  };
}
