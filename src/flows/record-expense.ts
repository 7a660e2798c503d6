// An outside expense goes to the books: by one approver, or by two above the amount that takes two; taken back by an entry of its own.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { expenseCard, expenseTitle } from '../chat/views/expense-card.ts';
import { dayOf, momentOn } from '../core/calendar.ts';
import { Conflict, NotFound } from '../core/errors.ts';
import { formatUsd } from '../core/money.ts';
import { redactText } from '../core/redact.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import type { Approval } from '../domain/approvals/approval-store.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { findGoal } from '../domain/goals/goal-store.ts';
import { type ExpenseDraft, expenseHash, fingerprintOf } from '../domain/money/expense.ts';
import { addExpense, type Expense, findExpense, lockTwins } from '../domain/money/expense-store.ts';
import { bookJournal } from '../domain/money/ledger-store.ts';
import { askSecond, takesTwo } from './ask-second.ts';
import type { Deps } from './deps.ts';
import { showGoal, showResult } from './show.ts';

/** The same expense handed in again changes nothing and shows the first one. */
export async function recordExpense(deps: Deps, given: Omit<ExpenseDraft, 'mode'>, caller: Caller): Promise<Card> {
  const draft: ExpenseDraft = {
    ...given,
    mode: deps.mode,
    payee: redactText(given.payee),
    what: redactText(given.what),
    receipt: redactText(given.receipt),
  };
  return inTransaction(deps.db, async (trx) => {
    if (draft.goalId !== null && (await findGoal(trx, draft.goalId))?.mode !== draft.mode)
      throw new NotFound(`There is no goal ${draft.goalId}.`);
    const fingerprint = fingerprintOf(draft);
    const twins = await lockTwins(trx, draft.mode, fingerprint);
    const same = twins.find(isAlive);
    if (same !== undefined) return expenseCard(same, 'It was handed in before; nothing was booked again.');
    const id = await addExpense(trx, { ...draft, askedBy: caller.platformId, fingerprint, round: twins.length });
    const expense = await findExpense(trx, id);
    if (expense === undefined) throw new Error('the expense was not kept');
    if (takesTwo(deps, draft.amountMicros)) return askSecond(deps, trx, wishOf(expense), caller);
    return book(deps, trx, expense, caller.platformId);
  });
}

/** An entry that takes another back; above the same amount it takes two people too. */
export async function reverseExpense(deps: Deps, id: number, reason: string, caller: Caller): Promise<Card> {
  const expense = await findExpense(deps.db, id);
  if (expense === undefined || expense.mode !== deps.mode) throw new NotFound(`There is no expense ${id}.`);
  if (expense.reverses !== null) throw new Conflict(`Expense ${id} takes back expense ${expense.reverses}. Book that one again instead.`);
  if (expense.journalId === null) throw new Conflict(`Expense ${id} is not booked; there is nothing to take back.`);
  const { amountMicros, payee, goalId, receipt } = expense;
  const day = dayOf(deps.clock.now(), deps.config.timezone);
  return recordExpense(
    deps,
    { amountMicros, payee, goalId, receipt, day, what: `Takes back expense ${id}: ${reason}`, reverses: id },
    caller,
  );
}

/** The second person has said yes to exactly this. */
export async function bookApproved(deps: Deps, trx: Trx, approval: Approval): Promise<void> {
  const expense = approval.subject_id === null ? undefined : await findExpense(trx, approval.subject_id);
  if (expense === undefined || expenseHash(expense) !== approval.request_hash)
    throw new Conflict(`What request ${approval.id} asks for has changed. Nothing was booked.`);
  await book(deps, trx, expense, approval.decided_by ?? approval.asked_by);
}

const isAlive = (expense: Expense): boolean =>
  (expense.journalId !== null && expense.reversedBy === null) || (expense.journalId === null && expense.request?.status === 'pending');

const wishOf = (expense: Expense) => ({
  kind: 'expense' as const,
  subjectId: expense.id,
  title: expenseTitle(expense),
  amountMicros: expense.amountMicros,
  payee: expense.payee,
  requestHash: expenseHash(expense),
  story: [
    { label: 'What', text: expense.what },
    { label: 'Day', text: expense.day },
    { label: 'Receipt', text: expense.receipt },
    ...(expense.goalId === null ? [] : [{ label: 'For goal', text: String(expense.goalId) }]),
    {
      label: 'On yes',
      text: `It is booked at once; the money itself was paid outside. ${formatUsd(expense.amountMicros)} change the profit.`,
    },
    { label: 'On deny or expiry', text: 'Nothing is booked.' },
  ],
});

async function book(deps: Deps, trx: Trx, expense: Expense, by: string): Promise<Card> {
  const sign = expense.reverses === null ? 1n : -1n;
  const booked = await bookJournal(trx, {
    mode: expense.mode,
    source: 'expense',
    externalId: expense.reverses === null ? String(expense.id) : `${expense.reverses}:reversed`,
    kind: expense.reverses === null ? 'expense' : 'expense_reversal',
    memo: `${expense.payee}: ${expense.what}`.slice(0, 300),
    occurredAt: momentOn(expense.day, deps.config.timezone),
    goalId: expense.goalId,
    taskId: null,
    toolCallId: null,
    launchId: null,
    currency: 'USD',
    postings: [
      { account: 'expense', amountMicros: sign * expense.amountMicros },
      { account: 'cash', amountMicros: -sign * expense.amountMicros },
    ],
  });
  if (!booked) throw new Conflict(`Expense ${expense.id} was booked before.`);
  const { id, amountMicros, payee, day, receipt } = expense;
  const detail = {
    amountMicros: amountMicros.toString(),
    payee,
    day,
    receiptHash: expenseHash(expense),
    receipt: receipt.slice(0, 200),
    reverses: expense.reverses,
  };
  await recordAudit(trx, [{ mode: expense.mode, actor: by, action: 'expense.booked', subjectKind: 'expense', subjectId: id, detail }]);
  const card = await showExpense(trx, id);
  if (expense.reverses !== null) await showExpense(trx, expense.reverses);
  await redrawGoal(trx, expense.goalId);
  return card;
}

async function showExpense(trx: Trx, id: number): Promise<Card> {
  const expense = await findExpense(trx, id);
  if (expense === undefined) throw new Error(`expense ${id} is gone`);
  const card = expenseCard(expense);
  await postMessage(trx, { channel: 'revenue', goalId: null, key: `expense:${id}`, card });
  return card;
}

/** An ended goal's result follows the ledger. */
async function redrawGoal(trx: Trx, goalId: number | null): Promise<void> {
  const goal = goalId === null ? undefined : await findGoal(trx, goalId);
  if (goal === undefined) return;
  if (['done', 'failed', 'cancelled'].includes(goal.status)) await showResult(trx, goal);
  else await showGoal(trx, goal.id);
}
