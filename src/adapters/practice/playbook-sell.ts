// Selling one thing through a payment link: publish it (a person is asked), read it back, wait for the first order.
import { formatMoney, parseAmount } from '../../core/currency.ts';
import type { PlanFacts } from '../../domain/brain/facts.ts';
import type { PlannedTask, PlanReply } from '../../domain/brain/plan.ts';
import { type Answer, callsOf, callTools, finish, lastError, type Situation } from './playbook-step.ts';

/** Asked for an order this often, a day apart at most; what comes later is booked all the same. */
const WAITS = 14;

type Sale = NonNullable<PlanFacts['goal']['sale']>;

export function planSale(sale: Sale): Pick<PlanReply, 'summary' | 'successMeasure' | 'tasks'> {
  const price = formatMoney(parseAmount(sale.amount), sale.currency);
  const task = (more: Pick<PlannedTask, 'key' | 'kind' | 'title' | 'why' | 'dependsOn' | 'expectedEvidence'>): PlannedTask => ({
    ...more,
    expectedCostUsd: 0,
    priority: 'medium',
  });
  return {
    summary: `Sell "${sale.name}" for ${price} through a payment link, once a person has approved it, and wait for the first order.`,
    successMeasure: 'Payments through the link in the ledger.',
    tasks: [
      task({
        key: 'publish',
        kind: 'launch',
        title: `Publish a payment link for ${price}`,
        why: 'Nobody can pay without a page to pay on.',
        dependsOn: [],
        expectedEvidence: 'The provider’s id of the link, read back by a second call.',
      }),
      task({
        key: 'watch',
        kind: 'measure',
        title: 'Wait for the first order',
        why: 'Only a payment shows that somebody buys.',
        dependsOn: ['publish'],
        expectedEvidence: 'Orders of the link as the provider counts them.',
      }),
    ],
  };
}

export function publishStep(situation: Situation, sale: Sale): Answer {
  const calls = callsOf(situation.turns, 'payment_link');
  const made = calls.flatMap((call) => (call.output === null ? [] : [String(call.output['linkId'])]))[0];
  if (calls.length === 0) return callTools('payment_link', [{ name: sale.name, amount: sale.amount, currency: sale.currency }]);
  if (made === undefined) return finish(situation, 'nothing_done', `Nothing was published: ${lastError(situation.turns, 'payment_link')}`);
  const read = callsOf(situation.turns, 'payment_status');
  if (read.every((call) => call.output === null) && read.length < 2) return callTools('payment_status', [{ id: made }]);
  return finish(situation, 'done', 'The payment link is published and read back.');
}

export function watchStep(situation: Situation): Answer {
  const link = situation.facts.inputs.find((input) => input.tool === 'payment_link')?.output;
  const id = typeof link === 'object' && link !== null && !Array.isArray(link) ? link['linkId'] : undefined;
  if (typeof id !== 'string') return finish(situation, 'nothing_done', 'There is no payment link to watch.');
  const last = situation.turns.at(-1)?.[0];
  if (last === undefined || last.name === 'wait') return callTools('payment_status', [{ id }]);
  const orders = last.output?.['orders'];
  const waits = callsOf(situation.turns, 'wait').length;
  if (typeof orders === 'number' && orders > 0) return finish(situation, 'done', 'Somebody has paid through the link.');
  if (waits >= WAITS || !situation.tools.has('wait'))
    return finish(situation, last.output === null ? 'nothing_done' : 'done', 'Nobody has paid yet; the link goes on selling.');
  return callTools('wait', [{ forOrder: true, minutes: 1440, why: 'Nobody has paid yet.' }]);
}
