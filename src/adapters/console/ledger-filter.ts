// What part of the ledger a page shows: read from the address, written into links.
import type { Slice } from '../../domain/money/slice-store.ts';

export const ACCOUNTS = [
  'cash',
  'bank',
  'processor',
  'model_payable',
  'revenue',
  'refunds',
  'disputes',
  'fees',
  'fx',
  'offer_spend',
  'model_cost',
  'tool_cost',
  'expense',
];

export interface LedgerFilter {
  mode: 'practice' | 'live' | null;
  account: string | null;
  goalId: number | null;
  experiment: number | null;
  offer: string | null;
  agent: string | null;
  tool: string | null;
  model: string | null;
  customer: string | null;
  from: string | null;
  to: string | null;
}

/** Whatever makes no sense counts as absent. */
export function readLedgerFilter(query: Record<string, string>, goalId: number | null): LedgerFilter {
  const words = (name: string): string | null => query[name]?.trim().slice(0, 200) || null;
  const day = (name: string): string | null => {
    const text = words(name) ?? '';
    const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
    return isDay ? text : null;
  };
  const [mode, account] = [words('mode'), words('account')];
  return {
    mode: mode === 'practice' || mode === 'live' ? mode : null,
    account: account !== null && ACCOUNTS.includes(account) ? account : null,
    goalId,
    experiment: /^\d{1,15}$/.test(words('experiment') ?? '') ? Number(words('experiment')) : null,
    offer: words('offer'),
    agent: words('agent'),
    tool: words('tool'),
    model: words('model'),
    customer: words('customer'),
    from: day('from'),
    to: day('to'),
  };
}

/** The same as the query of an address. */
export function filterQuery(filter: LedgerFilter): Record<string, string | number | null> {
  const { goalId, ...same } = filter;
  return { ...same, goal: goalId };
}

/** Null without a mode: practice and live are never in one sum. */
export function sliceOf(filter: LedgerFilter): Slice | null {
  if (filter.mode === null) return null;
  const { mode, offer, agent, tool, model, customer, from, to } = filter;
  return {
    mode,
    goalId: filter.goalId ?? undefined,
    experiment: filter.experiment ?? undefined,
    offer: offer ?? undefined,
    agent: agent ?? undefined,
    tool: tool ?? undefined,
    model: model ?? undefined,
    customer: customer ?? undefined,
    from: from ?? undefined,
    to: to ?? undefined,
  };
}
