// Profit and loss of a slice with everything that is told beside it, for the command and the console's page.
import type { Breakdown, RevenueFacts } from '../chat/views/revenue-card.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { readCustomers as readCustomerSums } from '../domain/money/customer-store.ts';
import { readProfitAndLoss } from '../domain/money/ledger-store.ts';
import { byKey } from '../domain/money/profit.ts';
import { readForeign, readSums, type Slice } from '../domain/money/slice-store.ts';
import type { Deps } from './deps.ts';
import { readBurn } from './read-burn.ts';
import { readCustomers } from './read-customers.ts';

export async function readRevenue(
  deps: Pick<Deps, 'mode' | 'config'>,
  db: DatabaseOrTrx,
  ask: { at: Date; slice: Slice; by: Breakdown['dimension'] | 'cohort' | undefined },
): Promise<Omit<RevenueFacts, 'unpriced'>> {
  const { slice, by } = ask;
  // What a whole mode burns says nothing of a part of it.
  const isWhole = Object.values({ ...slice, mode: undefined }).every((part) => part === undefined);
  const sums = await readProfitAndLoss(db, slice);
  return {
    slice,
    sums,
    foreign: await readForeign(db, slice),
    live: slice.mode === 'live' ? null : await readProfitAndLoss(db, { ...slice, mode: 'live' }),
    by: by === undefined || by === 'cohort' ? null : await breakDown(db, slice, by),
    customers: await readCustomers(db, slice, sums, { now: ask.at, timezone: deps.config.timezone }),
    byCohort: by === 'cohort',
    burn: isWhole ? await readBurn(deps, db, ask.at, slice.mode) : null,
  };
}

async function breakDown(db: DatabaseOrTrx, slice: Slice, by: Breakdown['dimension']): Promise<Breakdown> {
  if (by !== 'customer') {
    const rows = byKey(await readSums(db, slice, by));
    return { dimension: by, rows, total: rows.size };
  }
  const { rows, total } = await readCustomerSums(db, slice);
  return { dimension: by, rows: byKey(rows), total };
}
