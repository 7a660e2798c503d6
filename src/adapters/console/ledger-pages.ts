// What the ledger's page and its download read.
import { readAccounts, readBalance } from '../../domain/money/slice-store.ts';
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
  const [journals, balance, accounts] = await Promise.all([
    listJournals(db, filter, { before, limit: LEDGER_PAGE }),
    readBalance(db),
    slice === null ? null : readAccounts(db, slice),
  ]);
  const postings = await listPostings(
    db,
    journals.map(({ id }) => id),
  );
  return {
    title: 'Ledger',
    section: 'ledger',
    live: before === null ? 'any' : 'none',
    body: renderLedger(frame, { filter, journals, postings, balance, accounts }),
  };
};

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
