// An outside expense with its receipt: booked, waiting for a second person, or taken back.
import { sha256 } from '../../core/canonical-json.ts';
import { formatUsd } from '../../core/money.ts';
import type { Expense } from '../../domain/money/expense-store.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { ledgerPath } from './revenue-card.ts';

export function expenseTitle({ amountMicros, payee, reverses }: Expense): string {
  return reverses === null
    ? `Book ${formatUsd(amountMicros)} paid to ${plainLine(payee, 80)}`
    : `Take back expense ${reverses}, ${formatUsd(amountMicros)} to ${plainLine(payee, 80)}`;
}

function stateWords({ journalId, reversedBy, reverses, request }: Expense): string {
  if (reversedBy !== null && reverses === null) return 'taken back by an entry of its own';
  if (journalId !== null) return 'booked';
  if (request === null) return 'not booked';
  return request.status === 'pending'
    ? `waits for a second person, request ${request.id}`
    : `not booked: request ${request.id} ${request.status}`;
}

/** @param note said first */
export function expenseCard(expense: Expense, note = ''): Card {
  const { id, mode, amountMicros, payee, what, day, goalId, receipt, request } = expense;
  const state = stateWords(expense);
  const rows = `[Its postings](${ledgerPath({ mode, from: day, to: day }, 'expense')})`;
  return {
    title: `Expense ${id}: ${formatUsd(expense.reverses === null ? amountMicros : -amountMicros)} to ${plainLine(payee, 80)} (${mode})`,
    tone: expense.journalId === null ? 'muted' : 'good',
    text: [
      note,
      `**${state}**`,
      escapeMarkdown(what, 500),
      `Receipt: ${escapeMarkdown(receipt, 4_000)}`,
      expense.journalId === null ? '' : rows,
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: [
      { label: 'Day', value: day },
      { label: 'Goal', value: goalId === null ? 'none: a shared cost' : String(goalId) },
      { label: 'Handed in by', value: plainLine(expense.askedBy) },
      { label: 'Receipt SHA-256', value: sha256(receipt) },
    ],
    ...(state === 'booked' && expense.reverses === null
      ? { buttons: [{ label: 'Take back…', command: 'spend', args: { undo: id, reason: '' }, style: 'danger' as const }] }
      : request?.status === 'pending'
        ? { buttons: [{ label: `Show request ${request.id}`, command: 'approvals', args: { id: request.id }, style: 'primary' as const }] }
        : {}),
  };
}

export function expensesCard(expenses: readonly Expense[]): Card {
  if (expenses.length === 0)
    return {
      title: 'No outside expenses yet',
      tone: 'muted',
      text: 'An approver books one with: spend Server amount:49 payee:Hetzner receipt:INV-1001',
    };
  return {
    title: 'Outside expenses, newest first',
    tone: 'info',
    table: {
      columns: ['Expense', 'Day', 'Amount', 'Payee', 'What', 'State'],
      rows: expenses.map((expense) => [
        String(expense.id),
        expense.day,
        formatUsd(expense.reverses === null ? expense.amountMicros : -expense.amountMicros),
        plainLine(expense.payee, 60),
        plainLine(expense.what, 100),
        stateWords(expense),
      ]),
    },
  };
}
