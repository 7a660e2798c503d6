// Selling one thing through a payment link or on a page of ours: publish it (a person is asked), read it back, wait for the first order.
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
  const where = sale.onPage === true ? 'on a page of ours' : 'through a payment link';
  return {
    summary: `Sell "${sale.name}" for ${price} ${where}, once a person has approved it, and wait for the first order.`,
    successMeasure: 'Payments in the ledger.',
    tasks: [
      task({
        key: 'publish',
        kind: 'launch',
        title: sale.onPage === true ? `Publish a page that sells it for ${price}` : `Publish a payment link for ${price}`,
        why: 'Nobody can pay without a page to pay on.',
        dependsOn: [],
        expectedEvidence:
          sale.onPage === true
            ? 'The page, read back at its own address by a second call.'
            : 'The provider’s id of the link, read back by a second call.',
      }),
      task({
        key: 'watch',
        kind: 'measure',
        title: 'Wait for the first order',
        why: 'Only a payment shows that somebody buys.',
        dependsOn: ['publish'],
        expectedEvidence: 'Orders as they are counted outside.',
      }),
    ],
  };
}

/** `Launch checklist!` is `launch-checklist`. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
  return slug.length < 3 ? `offer-${slug}` : slug;
}

function pageOf(sale: Sale) {
  return {
    slug: slugOf(sale.name),
    variant: 'a',
    name: sale.name,
    blocks: [
      { kind: 'hero', title: sale.name },
      { kind: 'text', text: `You get ${sale.name}. After paying you get a link to download it.` },
      { kind: 'price' },
      { kind: 'faq', items: [{ question: 'How do I get it?', answer: 'By a link, as soon as your payment is confirmed.' }] },
    ],
    amount: sale.amount,
    currency: sale.currency,
    unitCost: '0',
  };
}

function publishPage(situation: Situation, sale: Sale): Answer {
  const calls = callsOf(situation.turns, 'publish_page');
  const made = calls.find((call) => call.output !== null)?.output;
  if (calls.length === 0) return callTools('publish_page', [pageOf(sale)]);
  if (made === undefined || made === null)
    return finish(situation, 'nothing_done', `Nothing was published: ${lastError(situation.turns, 'publish_page')}`);
  const read = callsOf(situation.turns, 'page_status');
  if (read.every((call) => call.output === null) && read.length < 2)
    return callTools('page_status', [{ slug: made['slug'], variant: made['variant'] }]);
  return finish(situation, 'done', 'The page is published and read back.');
}

export function publishStep(situation: Situation, sale: Sale): Answer {
  if (sale.onPage === true) return publishPage(situation, sale);
  const calls = callsOf(situation.turns, 'payment_link');
  const made = calls.flatMap((call) => (call.output === null ? [] : [String(call.output['linkId'])]))[0];
  if (calls.length === 0) return callTools('payment_link', [{ name: sale.name, amount: sale.amount, currency: sale.currency }]);
  if (made === undefined) return finish(situation, 'nothing_done', `Nothing was published: ${lastError(situation.turns, 'payment_link')}`);
  const read = callsOf(situation.turns, 'payment_status');
  if (read.every((call) => call.output === null) && read.length < 2) return callTools('payment_status', [{ id: made }]);
  return finish(situation, 'done', 'The payment link is published and read back.');
}

/** The published page, or else the link, that is watched: the tool that reads it and what it takes. */
function watched(situation: Situation): { tool: string; input: Record<string, unknown> } | null {
  const outputOf = (tool: string): Record<string, unknown> | null => {
    const output = situation.facts.inputs.find((input) => input.tool === tool)?.output;
    return typeof output === 'object' && output !== null && !Array.isArray(output) ? output : null;
  };
  const page = outputOf('publish_page');
  if (page !== null) return { tool: 'page_status', input: { slug: page['slug'], variant: page['variant'] } };
  const id = outputOf('payment_link')?.['linkId'];
  return typeof id === 'string' ? { tool: 'payment_status', input: { id } } : null;
}

export function watchStep(situation: Situation): Answer {
  const watch = watched(situation);
  if (watch === null) return finish(situation, 'nothing_done', 'There is nothing published to watch.');
  const last = situation.turns.at(-1)?.[0];
  if (last === undefined || last.name === 'wait') return callTools(watch.tool, [watch.input]);
  const orders = last.output?.['orders'];
  const waits = callsOf(situation.turns, 'wait').length;
  if (typeof orders === 'number' && orders > 0) return finish(situation, 'done', 'Somebody has paid.');
  if (waits >= WAITS || !situation.tools.has('wait'))
    return finish(situation, last.output === null ? 'nothing_done' : 'done', 'Nobody has paid yet; it goes on selling.');
  return callTools('wait', [{ forOrder: true, minutes: 1440, why: 'Nobody has paid yet.' }]);
}
