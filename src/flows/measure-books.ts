// The books as numbers for Prometheus: sums at every look, the worth and the cost of customers every few minutes, by mode and offer.
import { type ProfitAndLoss, readProfitAndLoss } from '../domain/money/ledger-store.ts';
import { byKey, profitOf } from '../domain/money/profit.ts';
import { readSums } from '../domain/money/slice-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { BooksGauges } from '../observability/books-gauges.ts';
import type { Deps } from './deps.ts';
import { readCustomers } from './read-customers.ts';

/** The offers with the most revenue have a series of their own; the rest are one, `other`. */
const MOST_OFFERS = 20;
const MOST_VALUED = 5;
const VALUED_EVERY_MS = 5 * 60_000;
/** Fewer than a person is shown: a number beside others, not a report. */
const FITTED = 300;

/** What `offer` says of the sum over all offers, and of entries of none. */
const ALL = 'all';
const NONE = 'none';

const usd = (micros: bigint): number => Number(micros) / 1e6;

/** Returns what brings the gauges up to date; call it before they are read. */
export function measureBooks(deps: Pick<Deps, 'db' | 'config' | 'clock'>, gauges: BooksGauges): () => Promise<void> {
  let valuedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const isDue = deps.clock.now().getTime() - valuedAt >= VALUED_EVERY_MS;
    for (const mode of ['practice', 'live'] as const) {
      const offers = await readOffers(deps, mode);
      gauges.setSums(
        mode,
        offers.map(({ offer, sums }) => [offer, sumsOf(sums)]),
      );
      if (isDue) gauges.setCustomers(mode, await valueOffers(deps, mode, offers));
    }
    if (isDue) valuedAt = deps.clock.now().getTime();
  };
}

interface OfferSums {
  offer: string;
  sums: ProfitAndLoss;
}

const sumsOf = (sums: ProfitAndLoss) => ({
  revenue: usd(sums.revenueMicros),
  refunds: usd(sums.refundsMicros),
  disputes: usd(sums.disputesMicros),
  fees: usd(sums.feesMicros),
  spend: usd(sums.offerSpendMicros),
  cost: usd(sums.modelCostMicros + sums.toolCostMicros),
  expense: usd(sums.expenseMicros),
  profit: usd(profitOf(sums)),
});

/** All together, then the largest offers, then what is left as one. */
async function readOffers({ db }: Pick<Deps, 'db'>, mode: Mode): Promise<OfferSums[]> {
  const [all, rows] = [await readProfitAndLoss(db, { mode }), byKey(await readSums(db, { mode }, 'offer'))];
  const sorted = [...rows].toSorted(([, a], [, b]) => Number(b.revenueMicros - a.revenueMicros));
  const offers = sorted.slice(0, MOST_OFFERS).map(([key, sums]) => ({ offer: key === '' ? NONE : key, sums }));
  const rest = sorted.slice(MOST_OFFERS).map(([, sums]) => sums);
  const other = rest.length === 0 ? [] : [{ offer: 'other', sums: rest.reduce(addSums) }];
  return [{ offer: ALL, sums: all }, ...offers, ...other];
}

function addSums(a: ProfitAndLoss, b: ProfitAndLoss): ProfitAndLoss {
  return {
    revenueMicros: a.revenueMicros + b.revenueMicros,
    refundsMicros: a.refundsMicros + b.refundsMicros,
    disputesMicros: a.disputesMicros + b.disputesMicros,
    feesMicros: a.feesMicros + b.feesMicros,
    offerSpendMicros: a.offerSpendMicros + b.offerSpendMicros,
    modelCostMicros: a.modelCostMicros + b.modelCostMicros,
    toolCostMicros: a.toolCostMicros + b.toolCostMicros,
    expenseMicros: a.expenseMicros + b.expenseMicros,
    journals: a.journals + b.journals,
    assumed: a.assumed + b.assumed,
  };
}

async function valueOffers(deps: Pick<Deps, 'db' | 'config' | 'clock'>, mode: Mode, offers: readonly OfferSums[]) {
  const named = offers.filter(({ offer, sums }) => ![NONE, 'other'].includes(offer) && sums.revenueMicros > 0n).slice(0, 1 + MOST_VALUED);
  const at = { now: deps.clock.now(), timezone: deps.config.timezone, limit: FITTED };
  const valued: [offer: string, facts: { customers: number; cost: number | null; value: number | null }][] = [];
  for (const { offer, sums } of named) {
    const facts = await readCustomers(deps.db, offer === ALL ? { mode } : { mode, offer }, sums, at);
    if (facts !== null && facts.customers > 0)
      valued.push([offer, { customers: facts.customers, cost: facts.cost?.value ?? null, value: facts.value?.value.value ?? null }]);
  }
  return valued;
}
