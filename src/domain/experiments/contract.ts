// The contract of an experiment: what is tried, how it is measured, and when it ends, fixed before the start. Pure.
import { z } from 'zod';
import { formatUsd, type Micros } from '../../core/money.ts';

export const contractVariant = z.object({
  name: z.string().min(1).max(60),
  /** Where a market sells it. */
  offerId: z.string().min(1).max(60).nullable(),
  /** Where a page of ours sells it: /o/SLUG. Its days are calendar days, and it spends nothing itself. */
  pageSlug: z.string().min(3).max(60).optional(),
  /** Its letter there; a page with one variant has only "a". */
  pageVariant: z
    .string()
    .regex(/^[a-z]$/)
    .optional(),
  channel: z.string().max(80),
  priceUsd: z.number().positive().max(1_000_000),
  visitorCostUsd: z.number().min(0).max(10_000),
  capacityPerDay: z.number().int().min(0).nullable(),
});

/** Dollars are exact to the cent; days are market days in practice. */
export const contract = z.object({
  hypothesis: z.string().min(3).max(400),
  metric: z.literal('profit per visitor'),
  /** Orders per visitor at which a visitor brings what they cost. */
  breakEven: z.number().positive(),
  maxLossUsd: z.number().positive().max(1_000_000),
  /** Days on which it may spend, from its first launch. */
  days: z.number().int().min(1).max(365),
  /** Days after that in which late payments and refunds are waited for. */
  measureDays: z.number().int().min(0).max(60),
  /** It is closed when the chance that it is profitable falls below this. */
  killBelow: z.number().min(0).max(0.5),
  /** Without this many visitors nothing is said about its merits. */
  minVisitors: z.number().int().min(1),
  /** Days with spending and without anything from outside (a visit, an order) after which it is held and people are asked. */
  silentDays: z.number().int().min(1).max(60),
  /** Days without any share of the money, because other things are likelier to earn, after which it ends. */
  starvedDays: z.number().int().min(1).max(60),
  rollback: z.string().min(3).max(400),
  variants: z.array(contractVariant).min(1).max(6),
});
export type Contract = z.output<typeof contract>;

/** The variant whose page argues another way, at the same price. */
export const OTHER_WORDS = 'other words';

export interface PageWay {
  letter: string;
  name: string;
  priceMicros: Micros;
}

/** What an opportunity says of itself, as far as an experiment needs it. */
export interface Sellable {
  name: string;
  sells: string;
  channel: string;
  offerId: string | null;
  pageSlug?: string;
  /** Ways of selling it on that page, the first as listed; without them there is one. */
  ways?: readonly PageWay[];
  priceMicros: Micros;
  unitCostMicros: Micros;
  visitorCostMicros: Micros;
  capacityPerDay: number | null;
}

const DAYS = 21;
const MEASURE_DAYS = 7;
const KILL_BELOW = 0.05;
const MIN_VISITORS = 25;
const SILENT_DAYS = 5;
const STARVED_DAYS = 7;
/** What of a sale does not stay, before anything is known: refunds and the processor's fee. */
export const REFUND_SHARE = 0.05;
const FEE = { share: 0.029, fixed: 0.3 };
/** What a visitor counts for who costs nothing: the place they take from something else. In verdicts only, never in the books. */
const FREE_VISITOR: Micros = 10_000n;
/** An order is taken not to cost more than it brings, or its break-even is beyond any rate there is. */
const LEAST_NET = 0.01;

const dollars = (micros: Micros): number => Number(micros / 10_000n) / 100;

/** What a visitor costs as verdicts count it. */
export const countedCost = (visitorCostMicros: Micros): Micros => (visitorCostMicros > 0n ? visitorCostMicros : FREE_VISITOR);

/** Whether a page of ours sells it; else a market does. */
export const sellsOnPage = ({ variants }: Pick<Contract, 'variants'>): boolean => variants.some(({ pageSlug }) => pageSlug !== undefined);

const DAY_MS = 86_400_000;
/** A day of its life, as people read it: a date where it counts calendar days. */
export const dayText = (agreed: Pick<Contract, 'variants'>, day: number): string =>
  sellsOnPage(agreed) ? new Date(day * DAY_MS).toISOString().slice(0, 10) : String(day);

/** Orders per visitor needed: cost of a visitor over what an order leaves (science.md §2.2). */
export function breakEvenOf({
  priceMicros,
  unitCostMicros,
  visitorCostMicros,
}: Pick<Sellable, 'priceMicros' | 'unitCostMicros' | 'visitorCostMicros'>): number {
  const price = dollars(priceMicros);
  const net = price * (1 - REFUND_SHARE - FEE.share) - FEE.fixed - dollars(unitCostMicros);
  return dollars(countedCost(visitorCostMicros)) / Math.max(LEAST_NET, net);
}

/** The contract that this product offers for a thing to be tried with so much to lose. */
export function draftContract(thing: Sellable, maxLossMicros: Micros): Contract {
  const breakEven = breakEvenOf(thing);
  const { pageSlug } = thing;
  const where = thing.channel === '' ? '' : ` through ${thing.channel}`;
  return {
    hypothesis:
      `More than ${percent(breakEven)} of the visitors of ${thing.name}${where} buy at ${formatUsd(thing.priceMicros)}, so that each brings more than the ${formatUsd(countedCost(thing.visitorCostMicros))} they ${thing.visitorCostMicros > 0n ? 'cost' : 'are counted with, being free'}.`.slice(
        0,
        400,
      ),
    metric: 'profit per visitor',
    breakEven,
    maxLossUsd: dollars(maxLossMicros),
    days: DAYS,
    measureDays: MEASURE_DAYS,
    killBelow: KILL_BELOW,
    minVisitors: MIN_VISITORS,
    silentDays: SILENT_DAYS,
    starvedDays: STARVED_DAYS,
    rollback:
      pageSlug !== undefined
        ? `The page /o/${pageSlug} is taken down and its payment link ends. What was sold stays sold.`
        : 'Launches that still run are stopped, the rest of their budget comes back, and the permission to spend ends.',
    variants: (thing.ways ?? [{ letter: 'a', name: 'as listed', priceMicros: thing.priceMicros }]).map((way, _, all) => ({
      name: way.name,
      offerId: thing.offerId,
      ...(pageSlug === undefined ? {} : { pageSlug }),
      ...(all.length === 1 ? {} : { pageVariant: way.letter }),
      channel: thing.channel,
      priceUsd: dollars(way.priceMicros),
      visitorCostUsd: dollars(thing.visitorCostMicros),
      capacityPerDay: thing.capacityPerDay,
    })),
  };
}

/** What a variant breaks even at: by its own price where variants are sold at several. */
export function variantBreakEven(
  agreed: Contract,
  variant: { priceMicros: Micros; visitorCostMicros: Micros },
  unitCostMicros: Micros,
): number {
  const several = new Set(agreed.variants.map(({ priceUsd }) => priceUsd)).size > 1;
  return several ? breakEvenOf({ ...variant, unitCostMicros }) : agreed.breakEven;
}

export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

/** The contract as people read it, on the request and on the experiment's card. */
export function contractLines(agreed: Contract): { label: string; text: string }[] {
  const onPage = sellsOnPage(agreed);
  const busy = onPage ? 'on sale' : 'of spending';
  return [
    { label: 'Hypothesis', text: agreed.hypothesis },
    { label: 'Measured by', text: `${agreed.metric}; it breaks even at ${percent(agreed.breakEven)} of visitors` },
    {
      label: 'Most it may lose',
      text: `$${agreed.maxLossUsd.toFixed(2)}; ${onPage ? 'publishing spends nothing: refunds and fees beyond what it earned count, and that much ends it' : 'it spends no more than that without being asked for again'}`,
    },
    { label: 'Ends', text: `after ${agreed.days} days ${busy} at the latest, then ${agreed.measureDays} days for late payments` },
    {
      label: 'Is closed earlier',
      text: `when the chance that it is profitable falls below ${percent(agreed.killBelow)} after at least ${agreed.minVisitors} visitors`,
    },
    ...(onPage
      ? []
      : [{ label: 'Ends without a share', text: `after ${agreed.starvedDays} days on which other things were likelier to earn` }]),
    { label: 'Is held', text: `after ${agreed.silentDays} days ${busy} without a visit or an order` },
    { label: 'Is undone', text: agreed.rollback },
    ...(agreed.variants.some(({ pageVariant }) => pageVariant !== undefined)
      ? [
          {
            label: 'Visitors',
            text: `are shared out over the variants and each keeps theirs; every day the shares follow what the variants earn, and one that is less than ${percent(agreed.killBelow)} likely to be the better one is taken down`,
          },
        ]
      : []),
    {
      label: 'Variants',
      text: agreed.variants
        .map(
          (one) =>
            `${one.pageVariant === undefined ? '' : `${one.pageVariant}, `}${one.name}: $${one.priceUsd.toFixed(2)}, a visitor costs $${one.visitorCostUsd.toFixed(2)}${one.channel === '' ? '' : `, ${one.channel}`}`,
        )
        .join('; '),
    },
  ];
}
