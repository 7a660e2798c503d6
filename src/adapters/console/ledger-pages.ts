// What the ledger's page and its download read.
import { customerFields } from '../../chat/views/customers-part.ts';
import type { Database } from '../../db/database.ts';
import { readProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { readAccounts, readBalance, type Slice } from '../../domain/money/slice-store.ts';
import { readCustomers } from '../../flows/read-customers.ts';
import { streamCsv } from './ledger-csv.ts';
import { filterQuery, readLedgerFilter, sliceOf } from './ledger-filter.ts';
import { LEDGER_PAGE, renderLedger } from './ledger-page.ts';
import { listJournals, listLines, listPostings } from './ledger-page-store.ts';
import { type Build, countOf } from './page-request.ts';

const CSV_CHUNK = 1_000;

export const buildLedger: Build = async (c, frame, db) => {
  const filter = readLedgerFilter(c.req.query(), countOf(c, 'goal'));
  const before = countOf(c, 'before');
  const slice = sliceOf(filter);
  const [journals, balance, accounts, customers] = await Promise.all([
    listJournals(db, filter, { before, limit: LEDGER_PAGE }),
    readBalance(db),
    slice === null ? null : readAccounts(db, slice),
    slice === null || filter.account !== null || before !== null ? null : readCustomersOf(db, slice, frame.timezone),
  ]);
  const postings = await listPostings(
    db,
    journals.map(({ id }) => id),
  );
  return {
    title: 'Ledger',
    section: 'ledger',
    live: before === null ? 'any' : 'none',
    body: renderLedger(frame, { filter, journals, postings, balance, accounts, customers }),
  };
};

async function readCustomersOf(db: Database, slice: Slice, timezone: string) {
  const facts = await readCustomers(db, slice, await readProfitAndLoss(db, slice), { now: new Date(), timezone });
  return facts === null ? [] : customerFields(facts);
}

/** The same selection as a file, written while it is read: its size costs no memory. */
export const sendLedgerCsv: Build = async (c, _frame, db) => {
  const filter = readLedgerFilter(c.req.query(), countOf(c, 'goal'));
  const named = Object.values(filterQuery(filter)).filter((part) => part !== null);
  const name = ['ledger', ...named]
    .join('-')
    .replace(/[^\w-]+/g, '_')
    .slice(0, 100);
  c.header('content-type', 'text/csv; charset=utf-8');
  c.header('content-disposition', `attachment; filename="${name}.csv"`);
  return c.body(streamCsv((after) => listLines(db, filter, after, CSV_CHUNK)));
};
