// Random entries of every kind the books know, made from a number, so that two processes and the test itself mean the same entry by it.
import type { JournalDraft } from '../../src/domain/money/ledger-store.ts';

export interface LedgerOperation {
  id: number;
  cents: number;
  mode: 'practice' | 'live';
  kind: JournalDraft['kind'];
  /** Of one customer, agent and currency among a few. */
  who: number;
  minute: number;
}

const FIRST = Date.UTC(2026, 2, 1);

export function draftOf({ id, cents, mode, kind, who, minute }: LedgerOperation): JournalDraft {
  const amount = BigInt(cents) * 10_000n;
  const fee = amount / 33n;
  const base = {
    mode,
    source: 'writers',
    externalId: String(id),
    kind,
    memo: `entry ${id}`,
    occurredAt: new Date(FIRST + minute * 60_000),
    goalId: null,
    taskId: null,
    toolCallId: null,
    launchId: null,
    agent: `agent ${who % 3}`,
    currency: who % 7 === 0 ? 'EUR' : 'USD',
  };
  const two = (debit: JournalDraft['postings'][number]['account'], credit: JournalDraft['postings'][number]['account']): JournalDraft => ({
    ...base,
    postings: [
      { account: debit, amountMicros: amount },
      { account: credit, amountMicros: -amount },
    ],
  });
  switch (kind) {
    case 'sale':
      return {
        ...base,
        customer: `customer ${who}`,
        postings: [
          { account: 'processor', amountMicros: amount - fee },
          { account: 'fees', amountMicros: fee },
          { account: 'revenue', amountMicros: -amount },
        ],
      };
    case 'refund':
      return { ...two('refunds', 'processor'), customer: `customer ${who}` };
    case 'spend':
      return two('offer_spend', 'cash');
    case 'spend_return':
      return two('cash', 'offer_spend');
    case 'model_cost':
      return { ...two('model_cost', 'model_payable'), model: 'm' };
    case 'refund_failed':
      return two('processor', 'refunds');
    case 'dispute':
      return two('disputes', 'processor');
    case 'dispute_reversed':
      return two('processor', 'disputes');
    case 'fee':
      return two('fees', 'processor');
    case 'payout':
      return two('cash', 'processor');
    case 'adjustment':
      return two('suspense', 'processor');
    case 'expense':
      return two('expense', 'cash');
    case 'expense_reversal':
      return two('cash', 'expense');
  }
}
