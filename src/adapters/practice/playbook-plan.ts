// Plans a goal on the practice market: read, choose, launch, measure. Anything else it says it cannot do.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { PlanFacts } from '../../domain/brain/facts.ts';
import type { PlannedTask, PlanReply } from '../../domain/brain/plan.ts';
import { planSale } from './playbook-sell.ts';

const OFFERS = 3;
/** The most it puts on an offer nobody has measured yet, in dollars; three of them stay under the market's default daily cap. */
const MAX_USD_PER_OFFER = 33;

const CANNOT =
  'I follow fixed playbooks for the practice market and am no language model. ' +
  'I can choose, launch and measure offers there within a budget, or write a report about its offers.';
const QUESTION =
  'How will we know that this goal is reached: how many dollars of revenue or profit should come in, or which document should be delivered?';

/** `facts` null: the prompt carried none that can be read. */
export function planGoal(facts: PlanFacts | null): PlanReply {
  if (facts?.goal.sale !== undefined && facts.tools.includes('payment_link')) return { ...empty('plan'), ...planSale(facts.goal.sale) };
  if (facts === null || facts.goal.means === 'other') return cannot();
  const { measure } = facts.goal;
  if (measure === null) return { ...empty('question'), question: QUESTION };
  if (!facts.tools.includes('market_offers')) return cannot();
  if (measure.metric === 'document') return planDocument();
  if (!facts.tools.includes('market_launch')) return cannot();
  return planEarning(
    facts,
    `${measure.metric === 'profit' ? 'Profit' : 'Revenue'} of at least ${formatUsd(BigInt(measure.targetMicros))} in the ledger, in practice money.`,
  );
}

function empty(outcome: PlanReply['outcome']): PlanReply {
  return { outcome, question: null, reply: null, summary: '', successMeasure: '', tasks: [] };
}

function cannot(): PlanReply {
  return { ...empty('cannot'), reply: CANNOT };
}

function planDocument(): PlanReply {
  return {
    ...empty('plan'),
    summary: 'Read the practice market and write a report about its best offers, every figure with its source.',
    successMeasure: 'A document is stored whose every figure carries a source.',
    tasks: [readOffers(), chooseOffers('Write the report')],
  };
}

function planEarning({ goal, revision }: PlanFacts, successMeasure: string): PlanReply {
  const perOffer = dollarsPerOffer(BigInt(goal.leftMicros) < BigInt(goal.budgetMicros) ? goal.leftMicros : goal.budgetMicros, revision);
  const reading = [readOffers(), chooseOffers('Write down the choice')];
  if (perOffer === 0) {
    const summary = `Read the market and write down which offers to launch. Launching needs a budget of at least $${OFFERS}; there is none, so nothing is spent.`;
    return { ...empty('plan'), summary, successMeasure, tasks: reading };
  }
  const total = perOffer * OFFERS;
  const revised = revision === 0 ? '' : ' I cannot read notes: each requested change halves the amount.';
  return {
    ...empty('plan'),
    summary: `Launch the three most promising offers for $${total} together, $${perOffer} each, and measure what they return.${revised}`,
    successMeasure,
    tasks: [...reading, launchOffers(total), measureOffers()],
  };
}

/** Whole dollars for each of three offers; 0 when there isn't one for each. */
function dollarsPerOffer(availableMicros: string, revision: number): number {
  const available: Micros = BigInt(availableMicros);
  const whole = Number(available / 1_000_000n / BigInt(OFFERS));
  if (whole < 1) return 0;
  return Math.max(1, Math.floor(Math.min(whole, MAX_USD_PER_OFFER) / 2 ** Math.min(revision, 6)));
}

function readOffers(): PlannedTask {
  return {
    key: 'read_offers',
    kind: 'research',
    title: 'Read the practice market’s offers',
    why: 'Prices, traffic costs and capacities are needed before anything can be chosen.',
    dependsOn: [],
    expectedCostUsd: 0,
    expectedEvidence: 'A stored reading of the market’s offers with its hash.',
    priority: 'medium',
  };
}

function chooseOffers(title: string): PlannedTask {
  return {
    key: 'choose',
    kind: 'write',
    title: `${title} with figures`,
    why: 'A person can check the choice before money is committed.',
    dependsOn: ['read_offers'],
    expectedCostUsd: 0,
    expectedEvidence: 'A document version whose every figure carries a source.',
    priority: 'medium',
  };
}

function launchOffers(totalUsd: number): PlannedTask {
  return {
    key: 'launch',
    kind: 'launch',
    title: 'Launch the chosen offers',
    why: 'Only paid visitors show which offers convert.',
    dependsOn: ['choose'],
    expectedCostUsd: totalUsd,
    expectedEvidence: 'The market’s receipt for each launch, read back by a second call.',
    priority: 'high',
  };
}

function measureOffers(): PlannedTask {
  return {
    key: 'measure',
    kind: 'measure',
    title: 'Watch the results until the launches have ended',
    why: 'Orders are paid days after the visit, so a result read too early is wrong.',
    dependsOn: ['launch'],
    expectedCostUsd: 0,
    expectedEvidence: 'Spend, visitors, orders and payments of each launch as the market reports them.',
    priority: 'medium',
  };
}
