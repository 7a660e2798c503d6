// Once a night: page through the provider's books, book what no event brought, and hold both sides against each other.
import { postMessage } from '../chat/outbox-store.ts';
import { differencesOf, reconcileWords } from '../chat/views/reconcile-words.ts';
import { Upstream } from '../core/errors.ts';
import type { Micros } from '../core/money.ts';
import { inTransaction } from '../db/database.ts';
import { listSlots, type Slot, takeSlot } from '../db/process-store.ts';
import { listBooked } from '../domain/money/ledger-store.ts';
import { PROVIDER } from '../domain/money/payment-store.ts';
import { addReconciliation, connectSource, readLastReconciliation, sumProcessor } from '../domain/money/reconciliation-store.ts';
import type { PaymentProvider } from '../domain/offers/payment-provider.ts';
import { bookLines } from './book-provider.ts';
import type { Deps } from './deps.ts';

/** Each night looks back over these days again: lines may be dated before they show. */
const OVERLAP_MS = 7 * 86_400_000;
/** What is younger may be under way in a webhook. */
const UNDER_WAY_MS = 60_000;
const BATCH = 100;

/** The comparison comes before the slot is taken: taken means compared. Two processes at once do it twice, which changes nothing. */
export async function reconcilePayments(deps: Deps, slot: Slot): Promise<void> {
  const { payments } = deps;
  if (payments === null) return;
  const taken = await listSlots(deps.db, [slot.schedule], slot.slotAt);
  if (taken.some((row) => row.slot_at.getTime() === slot.slotAt.getTime())) return;
  const result = await compare(deps, payments);
  await inTransaction(deps.db, async (trx) => {
    if (!(await takeSlot(trx, slot))) return;
    await addReconciliation(trx, { ...result, mode: deps.mode, source: PROVIDER });
    const last = await readLastReconciliation(trx, PROVIDER, deps.mode);
    if (last === null || (last.unbooked.length === 0 && differencesOf(last).every(({ micros }) => micros === 0n))) return;
    const text = `${reconcileWords(last)}.`;
    const card = { title: 'The payment provider’s books differ from ours', tone: 'bad' as const, text };
    await postMessage(trx, { channel: 'revenue', goalId: null, key: `reconcile:${deps.mode}:${slot.slotAt.toISOString()}`, card });
  });
}

async function compare(deps: Deps, payments: PaymentProvider) {
  const last = await readLastReconciliation(deps.db, PROVIDER, deps.mode);
  const connected = await connectSource(deps.db, PROVIDER, deps.mode);
  const since = last === null ? connected : new Date(Math.max(connected.getTime(), last.to_at.getTime() - OVERLAP_MS));
  // Whole seconds: the provider dates its lines by them.
  const from = new Date(Math.floor(since.getTime() / 1000) * 1000);
  const to = new Date(Math.max(from.getTime(), Math.floor((deps.clock.now().getTime() - UNDER_WAY_MS) / 1000) * 1000));
  const provider = new Map<string, Micros>();
  const counts = { transactions: 0, fetched: 0 };
  const unbooked: string[] = [];
  let batch: string[] = [];
  const take = async (): Promise<void> => {
    const missed = await bookMissed(deps, payments, batch, unbooked);
    counts.fetched += missed;
    batch = [];
  };
  for await (const line of payments.listTransactions(from, to)) {
    counts.transactions += 1;
    provider.set(line.currency, (provider.get(line.currency) ?? 0n) + line.netMicros);
    batch.push(line.id);
    if (batch.length === BATCH) await take();
  }
  await take();
  const books = await sumProcessor(deps.db, PROVIDER, deps.mode, from, to);
  const currencies = [...new Set([...provider.keys(), ...books.keys()])].toSorted();
  const sums = currencies.map((currency) => ({
    currency,
    provider: (provider.get(currency) ?? 0n).toString(),
    books: (books.get(currency) ?? 0n).toString(),
  }));
  return { ...counts, from, to, sums, unbooked };
}

/** @returns how many were booked now. What is refused for good goes to `unbooked`; a provider that is down ends the comparison. */
async function bookMissed(deps: Deps, payments: PaymentProvider, ids: readonly string[], unbooked: string[]): Promise<number> {
  const booked = await listBooked(deps.db, PROVIDER, ids);
  let count = 0;
  for (const id of ids.filter((one) => !booked.has(one))) {
    try {
      await bookLines(deps, payments, [id], deps.mode);
      count += 1;
    } catch (error) {
      if (!(error instanceof Upstream) || error.retryable) throw error;
      deps.log.error({ err: error, transaction: id }, 'a line of the provider could not be booked');
      unbooked.push(id);
    }
  }
  return count;
}
