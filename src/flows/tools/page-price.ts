// Changing the price of a published variant: a public act, never below the floor, and a cut only within the month's budget for discounts.
import { formatMoney } from '../../core/currency.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { type PriceInput, priceInput } from '../../domain/pages/page-input.ts';
import { readDiscountGiven, type ShownVariant } from '../../domain/pages/page-store.ts';
import { highestOf, requireDiscount, requireFloor } from '../../domain/pages/price.ts';
import type { Tool, ToolContext } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';
import { hashFor, type PageNeeds, pageTool, readPrice, requirePublisher, requireVariant } from './page-common.ts';
import { createSoldLink, linkOf, type Sold, soldOutcome, writeVersion } from './page-version.ts';
import { costsNothing, lookFor, processor } from './payment-common.ts';

interface Change {
  sold: Sold;
  before: ShownVariant;
  floorMicros: bigint;
  givenMicros: bigint;
}

/** @throws InvalidInput */
async function changeOf(needs: PageNeeds, db: DatabaseOrTrx, input: PriceInput, context: ToolContext): Promise<Change> {
  requirePublisher(needs, context.mode);
  const { page, shown: before } = await requireVariant(db, input, context);
  const { currency, unitCostMicros, listMicros } = before;
  const { amountMicros: priceMicros } = readPrice(input.amount, currency);
  if (priceMicros === before.priceMicros) throw new InvalidInput(`It sells for ${formatMoney(priceMicros, currency)} already.`);
  const floorMicros = requireFloor({ priceMicros, unitCostMicros, currency });
  const { timezone, discountMonthlyMicros: budgetMicros } = needs.config;
  const givenMicros = await readDiscountGiven(db, context.mode, currency, { now: context.now(), timezone });
  requireDiscount({ listMicros, priceMicros, currency, givenMicros, budgetMicros });
  const { name, description, blocks } = before;
  const { slug } = page;
  const sha256 = hashFor(needs, { slug, variant: before.variant, name, blocks, priceMicros, currency, mode: context.mode });
  const sold: Sold = {
    slug,
    variant: before.variant,
    name,
    description,
    blocks,
    priceMicros,
    currency,
    // Above the list price there is no discount: it is the list price from now on.
    listMicros: highestOf([priceMicros, listMicros]),
    unitCostMicros,
    sha256,
  };
  return { sold, before, floorMicros, givenMicros };
}

function effectOf({ sold, before, floorMicros, givenMicros }: Change, needs: PageNeeds): string {
  const show = (micros: bigint): string => formatMoney(micros, sold.currency);
  const off = sold.listMicros - sold.priceMicros;
  const cut =
    off <= 0n
      ? ''
      : ` That is ${show(off)} off the list price for each sale; ${show(givenMicros)} of this month's ${show(needs.config.discountMonthlyMicros)} for discounts are given.`;
  return `Sells "${sold.name}" on /o/${sold.slug}, variant ${sold.variant}, for ${show(sold.priceMicros)} instead of ${show(before.priceMicros)}; floor ${show(floorMicros)}. The old payment link ends.${cut} The page stays as it is.`;
}

export function createChangePrice(needs: PageNeeds): Tool<PriceInput> {
  return {
    ...pageTool,
    service: processor,
    name: 'change_price',
    description:
      'Sell a published variant for another price. A person is asked; below the floor it is refused. Read it back with page_status.',
    input: priceInput,
    act: 'publish',
    touches: 'outside',
    reversible: true,
    reach: 'public',
    repeatable: false,
    quote: async (input, context) => costsNothing(effectOf(await changeOf(needs, needs.db, input, context), needs)),
    run: (input, context) =>
      attempt(async () => {
        const { sold } = await changeOf(needs, needs.db, input, context);
        return soldOutcome(needs, sold, await createSoldLink(needs, sold, context));
      }),
    reconcile: (input, context) =>
      lookFor(async () => {
        const link = await needs.payments.findLink(context.idempotencyKey, context.signal);
        return link === null ? null : soldOutcome(needs, (await changeOf(needs, needs.db, input, context)).sold, link);
      }),
    record: async (trx, input, outcome, context) => {
      const { sold, before, floorMicros } = await changeOf(needs, trx, input, context);
      await writeVersion(trx, sold, { link: linkOf(outcome), kept: null, before, floorMicros }, context);
    },
  };
}
