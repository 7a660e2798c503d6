// One version of a variant as it is published: its outcome, its launch and link, and the end of the link that it replaces.
import { hashOf } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { Trx } from '../../db/database.ts';
import { addLaunch, endLaunch, readMarketDay } from '../../domain/offers/launch-store.ts';
import { addPaymentLink } from '../../domain/offers/payment-link-store.ts';
import type { PaymentLink } from '../../domain/offers/payment-provider.ts';
import type { PageBlock } from '../../domain/pages/page.ts';
import { addVersion, type ShownVariant } from '../../domain/pages/page-store.ts';
import type { Success, ToolContext } from '../../domain/tools/tool.ts';
import { showLink, stopLink } from '../set-link.ts';
import { type PageNeeds, thanksUrl, versionSource } from './page-common.ts';
import { plain } from './payment-common.ts';

/** All that a version says and costs. */
export interface Sold {
  slug: string;
  variant: string;
  name: string;
  description: string | null;
  blocks: readonly PageBlock[];
  priceMicros: Micros;
  currency: string;
  listMicros: Micros;
  unitCostMicros: Micros;
  sha256: string;
}

interface LinkFacts {
  id: string;
  url: string;
  priceId: string;
}

/** The payment link of what is sold, made once under the call's key. */
export const createSoldLink = (needs: PageNeeds, sold: Sold, context: ToolContext): Promise<PaymentLink> =>
  needs.payments.createLink(
    {
      name: sold.name,
      description: sold.description,
      amountMicros: sold.priceMicros,
      currency: sold.currency,
      key: context.idempotencyKey,
      goalId: context.goalId,
      taskId: context.taskId,
      thanksUrl: thanksUrl(needs, sold.slug),
    },
    context.signal,
  );

/** @param link null when the one that is there goes on */
export function soldOutcome(needs: Pick<PageNeeds, 'pages'>, sold: Sold, link: PaymentLink | null): Success {
  const source = versionSource(sold.slug, sold.variant, sold.sha256);
  const output = plain({
    slug: sold.slug,
    variant: sold.variant,
    url: `${needs.pages.address()}/o/${sold.slug}`,
    priceMicros: sold.priceMicros,
    currency: sold.currency,
    sha256: sold.sha256,
    link: link === null ? null : { id: link.id, url: link.url, priceId: link.priceId },
  });
  return {
    ok: true,
    output,
    evidence: [{ kind: 'receipt', source, sha256: hashOf(output) }],
    spentMicros: 0n,
    receipt: link?.id ?? source,
  };
}

export const linkOf = (outcome: Success): LinkFacts | null => (outcome.output as unknown as { link: LinkFacts | null }).link;

interface Sale {
  link: LinkFacts | null;
  /** The launch it goes on selling through, without a new link. */
  kept: number | null;
  before: ShownVariant | undefined;
  floorMicros: Micros;
}

export async function writeVersion(trx: Trx, sold: Sold, sale: Sale, context: ToolContext): Promise<void> {
  const launchId = sale.kept ?? (await launch(trx, sold, sale.link, context));
  const { mode, goalId, toolCallId } = context;
  await addVersion(trx, { ...sold, mode, goalId, toolCallId, launchId, floorMicros: sale.floorMicros });
  if (sale.before === undefined || sale.before.launchId === launchId) return;
  await stopLink(trx, { launchId: sale.before.launchId, mode }, 'policy', `Another version of /o/${sold.slug} sells now.`);
  await endLaunch(trx, sale.before.launchId, 'stopped');
}

async function launch(trx: Trx, sold: Sold, link: LinkFacts | null, context: ToolContext): Promise<number> {
  if (link === null) throw new Error(`a version of /o/${sold.slug} has no link to sell through`);
  const { mode, goalId, taskId, toolCallId } = context;
  const made = await addLaunch(trx, {
    mode,
    goalId,
    taskId,
    toolCallId,
    externalId: link.id,
    // How its orders are fulfilled is said of the page, whatever link they came through.
    offerId: sold.slug,
    name: sold.name,
    budgetMicros: 0n,
    // No end: it sells until somebody stops it.
    days: 0,
    startedDay: await readMarketDay(trx, mode),
  });
  const { priceMicros: amountMicros, currency, name } = sold;
  await addPaymentLink(trx, {
    launchId: made.id,
    mode,
    externalId: link.id,
    url: link.url,
    priceId: link.priceId,
    name,
    amountMicros,
    currency,
  });
  await showLink(trx, made.id);
  return made.id;
}
