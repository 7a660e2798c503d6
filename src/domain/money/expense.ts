// What a person paid outside: which two entries are the same, and what exactly a second person says yes to. Pure.
import { hashOf, sha256 } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { Mode } from '../tools/tool.ts';

export interface ExpenseDraft {
  mode: Mode;
  amountMicros: Micros;
  payee: string;
  what: string;
  /** A day of the books. */
  day: string;
  goalId: number | null;
  /** A number, an address or the text itself, as the person gave it. */
  receipt: string;
  /** The expense that this one takes back. */
  reverses: number | null;
}

const plain = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

/** Equal for what is the same expense handed in again; its words (`what`) may differ. */
export function fingerprintOf(draft: ExpenseDraft): string {
  if (draft.reverses !== null) return hashOf({ mode: draft.mode, reverses: draft.reverses });
  const { mode, amountMicros, day, receipt } = draft;
  return hashOf({ mode, amountMicros, day, payee: plain(draft.payee), receipt: sha256(plain(receipt)) });
}

/** Everything a yes covers. */
export function expenseHash(draft: ExpenseDraft): string {
  const { mode, amountMicros, payee, what, day, goalId, reverses } = draft;
  return hashOf({ kind: 'expense', mode, amountMicros, payee, what, day, goalId, reverses, receipt: sha256(draft.receipt) });
}
