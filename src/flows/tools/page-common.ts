// What the tools of the storefront share: the price as the payment provider takes it, the page a call is about, and what one published version is.
import { formatMoney, parseAmount, toMinor } from '../../core/currency.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { Micros } from '../../core/money.ts';
import type { Database, DatabaseOrTrx } from '../../db/database.ts';
import type { PaymentProvider } from '../../domain/offers/payment-provider.ts';
import type { OwnPages } from '../../domain/pages/own-pages.ts';
import { type PageContent, pageHash } from '../../domain/pages/page.ts';
import { findPage, isSlugTaken, type ShownPage, type ShownVariant } from '../../domain/pages/page-store.ts';
import type { ToolContext } from '../../domain/tools/tool.ts';
import type { Deps } from '../deps.ts';

export interface PageNeeds {
  db: Database;
  payments: PaymentProvider;
  pages: OwnPages;
  config: Pick<Deps['config'], 'imprint' | 'discountMonthlyMicros' | 'timezone' | 'http'>;
}

export const pageTool = {
  version: '1',
  credentials: false,
  production: false,
  modes: ['practice', 'live'],
  taints: false,
  rate: { perMinute: 10, perHour: 60 },
} as const;

/** The name by which a version is a receipt and is read back. */
export const versionSource = (slug: string, variant: string, sha256: string): string => `page:${slug}/${variant}@${sha256.slice(0, 16)}`;

const HIGHEST_MINOR = 99_999_999n;

/** A price as cards can pay it. @throws InvalidInput */
export function readPrice(amount: string, currency: string): { amountMicros: Micros; currency: string } {
  const code = currency.toUpperCase();
  const amountMicros = parseAmount(amount);
  const minor = toMinor(amountMicros, code);
  if (minor <= 0n || minor > HIGHEST_MINOR) throw new InvalidInput(`${formatMoney(amountMicros, code)} is no price that a card can pay.`);
  return { amountMicros, currency: code };
}

/** The page of this goal, if there is one yet. @throws InvalidInput when the address belongs to somebody else */
export async function findOwn(
  db: DatabaseOrTrx,
  slug: string,
  context: Pick<ToolContext, 'mode' | 'goalId'>,
): Promise<ShownPage | undefined> {
  const page = await findPage(db, context.mode, slug);
  if (page === undefined && (await isSlugTaken(db, context.mode, slug)))
    throw new InvalidInput(`/o/${slug} belongs to a page of the other mode.`);
  if (page !== undefined && page.goalId !== context.goalId) throw new InvalidInput(`/o/${slug} belongs to another goal.`);
  return page;
}

/** @throws InvalidInput when this goal shows no such page */
export async function requireVariant(
  db: DatabaseOrTrx,
  at: { slug: string; variant: string },
  context: Pick<ToolContext, 'mode' | 'goalId'>,
): Promise<{ page: ShownPage; shown: ShownVariant }> {
  const page = await findOwn(db, at.slug, context);
  const shown = page?.variants.find((one) => one.variant === at.variant && one.status === 'published');
  if (page === undefined || shown === undefined)
    throw new InvalidInput(`This goal has published no page /o/${at.slug} with a variant ${at.variant}.`);
  return { page, shown };
}

/** What is public must say who answers for it, and be reachable. @throws InvalidInput */
export function requirePublisher({ config }: PageNeeds, mode: ToolContext['mode']): void {
  if (mode !== 'live') return;
  if (config.imprint === null) throw new InvalidInput('Nothing is published without an imprint: an owner sets JUG_IMPRINT.');
  if (config.http.publicUrl === null) throw new InvalidInput('Nobody outside could reach a page: an owner sets JUG_PUBLIC_URL.');
}

export const hashFor = ({ config }: PageNeeds, content: Omit<PageContent, 'imprint'>): string =>
  pageHash({ ...content, imprint: config.imprint });

/** Where whoever has paid is sent; only an address that the payment provider can send them to. */
export const thanksUrl = ({ config }: PageNeeds, slug: string): string | null =>
  config.http.publicUrl === null ? null : new URL(`/o/${slug}/thanks`, config.http.publicUrl).href;
