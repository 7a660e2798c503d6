// Publishing a page: a public act. A person sees all of it on the card; what they said yes to is what is served, by its hash.
import { formatMoney, parseAmount } from '../../core/currency.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { type PublishInput, publishInput } from '../../domain/pages/page-input.ts';
import type { ShownVariant } from '../../domain/pages/page-store.ts';
import { highestOf, requireFloor } from '../../domain/pages/price.ts';
import type { Quote, Tool, ToolContext } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';
import { findOwn, hashFor, type PageNeeds, pageTool, readPrice, requirePublisher } from './page-common.ts';
import { createSoldLink, linkOf, type Sold, soldOutcome, writeVersion } from './page-version.ts';
import { costsNothing, lookFor, processor } from './payment-common.ts';

interface Draft {
  sold: Sold;
  /** What stands at this letter now, shown or not. */
  before: ShownVariant | undefined;
  floorMicros: bigint;
}

/** Everything that is decided by code and rows. @throws InvalidInput */
async function draftOf(needs: PageNeeds, db: DatabaseOrTrx, input: PublishInput, context: ToolContext): Promise<Draft> {
  requirePublisher(needs, context.mode);
  const page = await findOwn(db, input.slug, context);
  const before = page?.variants.find(({ variant }) => variant === input.variant);
  const { amountMicros: priceMicros, currency } = readPrice(input.amount, input.currency);
  if (before?.status === 'published' && (before.priceMicros !== priceMicros || before.currency !== currency))
    throw new InvalidInput(
      `Variant ${input.variant} sells for ${formatMoney(before.priceMicros, before.currency)}: change_price changes that.`,
    );
  const stated = parseAmount(input.unitCost);
  // What was said to cost more once does not get cheaper by saying so.
  const known = (page?.variants ?? []).filter((one) => one.currency === currency).map((one) => one.unitCostMicros);
  const unitCostMicros = highestOf([stated, ...known]);
  const floorMicros = requireFloor({ priceMicros, unitCostMicros, currency });
  const listMicros =
    before === undefined || before.currency !== currency || before.listMicros < priceMicros ? priceMicros : before.listMicros;
  if (listMicros > priceMicros && before?.status !== 'published')
    throw new InvalidInput(
      `Variant ${input.variant} sold for ${formatMoney(listMicros, currency)}: publish it at that price, then change_price.`,
    );
  const { slug, variant, name, blocks } = input;
  const sha256 = hashFor(needs, { slug, variant, name, blocks, priceMicros, currency, mode: context.mode });
  const sold: Sold = {
    slug,
    variant,
    name,
    description: input.description ?? null,
    blocks,
    priceMicros,
    currency,
    listMicros,
    unitCostMicros,
    sha256,
  };
  return { sold, before, floorMicros };
}

/** The link stays as long as name and price do. */
const keepsLink = ({ before, sold }: Draft): boolean =>
  before?.status === 'published' && before.url !== null && before.name === sold.name && before.description === sold.description;

function quoteOf({ config }: PageNeeds, { sold, before, floorMicros }: Draft, context: ToolContext): Quote {
  const price = formatMoney(sold.priceMicros, sold.currency);
  const what = before?.status === 'published' ? `Replaces version ${before.version} of` : 'Publishes';
  const floor = `${formatMoney(floorMicros, sold.currency)} (unit cost ${formatMoney(sold.unitCostMicros, sold.currency)} and fees)`;
  const imprint = config.imprint === null ? 'No imprint is set.' : `Responsible: ${config.imprint}.`;
  return costsNothing(
    `${what} the page /o/${sold.slug}, variant ${sold.variant}, which sells "${sold.name}" for ${price}${context.mode === 'live' ? '' : ' (test payments)'}; floor ${floor}. ${imprint} Its SHA-256 begins ${sold.sha256.slice(0, 16)}; it can be retired again.`,
    `${price} for each sale, less the provider's fee. How many will buy is unknown.`,
  );
}

export function createPublishPage(needs: PageNeeds): Tool<PublishInput> {
  return {
    ...pageTool,
    service: processor,
    name: 'publish_page',
    description:
      'Publish a page of ours at /o/SLUG that sells one thing at a fixed price, or a new version of it. A person is asked and sees all of it. Read it back with page_status.',
    input: publishInput,
    act: 'publish',
    touches: 'outside',
    reversible: true,
    reach: 'public',
    repeatable: false,
    quote: async (input, context) => quoteOf(needs, await draftOf(needs, needs.db, input, context), context),
    run: (input, context) =>
      attempt(async () => {
        const draft = await draftOf(needs, needs.db, input, context);
        if (keepsLink(draft)) return soldOutcome(needs, draft.sold, null);
        return soldOutcome(needs, draft.sold, await createSoldLink(needs, draft.sold, context));
      }),
    reconcile: (input, context) =>
      lookFor(async () => {
        const link = await needs.payments.findLink(context.idempotencyKey, context.signal);
        return link === null ? null : soldOutcome(needs, (await draftOf(needs, needs.db, input, context)).sold, link);
      }),
    record: async (trx, input, outcome, context) => {
      const draft = await draftOf(needs, trx, input, context);
      const link = linkOf(outcome);
      const kept = link === null && draft.before !== undefined ? draft.before.launchId : null;
      await writeVersion(trx, draft.sold, { link, kept, before: draft.before, floorMicros: draft.floorMicros }, context);
    },
  };
}
