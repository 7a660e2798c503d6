// Ties committed audit rows into the chain, batch by batch, until none waits.
import { inTransaction } from '../db/database.ts';
import { type Head, sealAudit as sealBatch } from '../domain/audit/audit-store.ts';
import type { Deps } from './deps.ts';

const BATCH = 1_000;

/** Returns how many rows were sealed and where the chain ends now (null: nothing sealed). Does nothing while another process seals. */
export async function sealAudit({ db }: Pick<Deps, 'db'>): Promise<{ sealed: number; head: Head | null }> {
  let sealed = 0;
  let head: Head | null = null;
  for (;;) {
    const batch = await inTransaction(db, (trx) => sealBatch(trx, BATCH));
    sealed += batch.sealed;
    head = batch.head ?? head;
    if (batch.sealed < BATCH) return { sealed, head };
  }
}
