// Half of the writers of a ledger, in a process of its own that may be killed at any moment: books what the parent's list says, each entry
// as often as it is there. Says which it has done; what it was killed before saying, the next one does again.
import type pg from 'pg';
import { createDatabase, createPool } from '../../src/db/database.ts';
import { bookJournal, type JournalDraft } from '../../src/domain/money/ledger-store.ts';
import { draftOf, type LedgerOperation } from './ledger-operations.ts';

interface Told {
  connection: pg.PoolConfig;
  writers: number;
  operations: LedgerOperation[];
}

process.once('message', async ({ connection, writers, operations }: Told) => {
  const db = createDatabase(createPool({ ...connection, max: writers }, () => {}));
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < operations.length) {
      const operation = operations[next] as LedgerOperation;
      next += 1;
      await bookJournal(db, draftOf(operation) satisfies JournalDraft);
      process.send?.(operation.id);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  process.exit(0);
});
process.send?.('ready');
