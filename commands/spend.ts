// spend: book what was paid outside, with its receipt; take an entry back; look at what was booked.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { amountField, dayField, idField, wordsField } from '../src/chat/fields.ts';
import { expenseCard, expensesCard } from '../src/chat/views/expense-card.ts';
import { dayOf } from '../src/core/calendar.ts';
import { InvalidInput, NotFound } from '../src/core/errors.ts';
import { findExpense, listExpenses } from '../src/domain/money/expense-store.ts';
import { recordExpense, reverseExpense } from '../src/flows/record-expense.ts';

const LONGEST_RECEIPT = 20_000;
const SHOWN = 20;

export const spend = defineCommand({
  name: 'spend',
  summary: 'book an outside expense with its receipt, or take one back',
  role: (input) => (input.amount === undefined && input.undo === undefined ? 'viewer' : 'approver'),
  input: z.object({
    amount: amountField('what was paid, in dollars').optional(),
    payee: z.string().trim().min(1).max(200).describe('who was paid').optional(),
    receipt: z.string().trim().min(1).max(LONGEST_RECEIPT).describe('number or address of the receipt, or its text').optional(),
    what: wordsField('what for', 500).optional(),
    date: dayField('day it was paid, today if left out').optional(),
    goal: idField('the goal it was paid for').optional(),
    id: idField('an expense, to show it').optional(),
    undo: idField('an expense to take back').optional(),
    reason: wordsField('why it is taken back', 500).optional(),
  }),
  positional: 'what',
  examples: ['spend', 'spend Server for October amount:49 payee:Hetzner receipt:INV-1001', 'spend undo:7 reason:duplicate'],
  run: async ({ input, caller, deps }) => {
    if (input.undo !== undefined) {
      if (input.reason === undefined) throw new InvalidInput('Say why: spend undo:7 reason:…', { reason: 'is missing' });
      return reverseExpense(deps, input.undo, input.reason, caller);
    }
    if (input.id !== undefined) {
      const found = await findExpense(deps.db, input.id);
      if (found === undefined || found.mode !== deps.mode) throw new NotFound(`There is no expense ${input.id}.`);
      return expenseCard(found);
    }
    const { amount, payee, receipt, what } = input;
    if (amount === undefined) return expensesCard(await listExpenses(deps.db, deps.mode, SHOWN));
    if (payee === undefined || receipt === undefined || what === undefined) throw incomplete({ payee, receipt, what });
    if (amount === 0n) throw new InvalidInput('An expense of nothing is none.', { amount: 'must be more than 0' });
    const today = dayOf(deps.clock.now(), deps.config.timezone);
    const day = input.date ?? today;
    if (day > today) throw new InvalidInput('That day has not come yet. Book it when it is paid.', { date: 'is in the future' });
    return recordExpense(deps, { amountMicros: amount, payee, what, receipt, day, goalId: input.goal ?? null, reverses: null }, caller);
  },
});

function incomplete(fields: Record<string, string | undefined>): InvalidInput {
  const missing = Object.keys(fields).filter((name) => fields[name] === undefined);
  return new InvalidInput(
    `An expense needs ${missing.join(', ')} too: spend Server amount:49 payee:Hetzner receipt:INV-1001`,
    Object.fromEntries(missing.map((name) => [name, 'is missing'])),
  );
}
