// New experiments from the best open opportunities: a contract each, and the request for it, within the portfolio's rules.
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { Trx } from '../../db/database.ts';
import { type Contract, draftContract, percent, type Sellable } from '../../domain/experiments/contract.ts';
import { addExperiment, type Experiment } from '../../domain/experiments/experiment-store.ts';
import { countEnds } from '../../domain/experiments/history-store.ts';
import { type Held, lossFor, MOST_WAITING, placesOf, riskClassOf, whyFull } from '../../domain/experiments/portfolio.ts';
import type { StandingGoal } from '../../domain/goals/standing-goal-store.ts';
import { noteUses } from '../../domain/learning/lesson-store.ts';
import { listOpportunities, moveOpportunity, type Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import { addPolicyTask } from '../../domain/tasks/policy-task-store.ts';
import type { Deps } from '../deps.ts';
import { readLearnedWeights } from '../opportunities/learned-weights.ts';
import type { Choice } from './choose-opportunity.ts';
import { rankOpportunities } from './choose-opportunity.ts';
import { deadlineFor, stepExperiment } from './settle-experiment.ts';

const LOOKED_AT = 60;
/** Where more visitors than this must buy, no contract is worth anybody's reading. */
export const HIGHEST_BREAK_EVEN = 0.25;

/** A way of trying opportunities. */
export interface Trade {
  suits(opportunity: Opportunity): boolean;
  /** The contract, and what its request needs beside it. @param nth it is the so manyeth experiment of all */
  offer(opportunity: Opportunity, maxLossMicros: Micros, nth: number): Offer;
}

export interface Offer {
  contract: Contract;
  input: { [key: string]: Json };
  /** What saying yes may cost. */
  mostMicros: Micros;
}

export interface Room {
  /** Every experiment that is not over. */
  open: readonly Experiment[];
  periodMicros: Micros;
  today: number;
  /** Found things for one of which a place is left, when none like it is being tried. */
  leaves?: (opportunity: Opportunity) => boolean;
}

/** @returns those that were proposed now. Call it with the portfolio locked. */
export async function proposeExperiments(deps: Deps, trx: Trx, standing: StandingGoal, trade: Trade, room: Room): Promise<Experiment[]> {
  const { mode } = deps;
  const waiting = room.open.filter(({ state }) => state === 'draft' || state === 'proposed').length;
  const maxLossMicros = lossFor(room.periodMicros, room.periodMicros);
  if (waiting >= MOST_WAITING || maxLossMicros <= 0n) return [];
  const held: Held[] = room.open
    .filter(({ state }) => state !== 'measuring')
    .map((one) => ({ category: one.category, source: one.source, riskClass: one.risk_class }));
  const ends = await countEnds(trx, mode);
  const found = await listOpportunities(trx, mode, { status: 'open', limit: LOOKED_AT });
  const left = room.leaves !== undefined && found.some(room.leaves) ? 1 : 0;
  const places = placesOf(ends) - left;
  if (held.length >= places) return [];
  const proposed: Experiment[] = [];
  const fit = found.filter((one) => trade.suits(one));
  for (const choice of await rankOpportunities(trx, mode, fit, ends)) {
    if (waiting + proposed.length >= MOST_WAITING - left) break;
    const { opportunity } = choice;
    const kind: Held = { category: opportunity.category, source: opportunity.source, riskClass: riskClassOf(opportunity.risk) };
    if (whyFull(kind, held, places) !== null) continue;
    const offer = trade.offer(opportunity, maxLossMicros, ends.all + proposed.length + 1);
    const made = await propose(deps, trx, { standing, today: room.today, choice, kind, maxLossMicros, offer });
    if (made === null) continue;
    held.push(kind);
    proposed.push(made);
  }
  return proposed;
}

/** What the market lists, and our launches there. */
export const MARKET_TRADE: Trade = {
  suits: isSellable,
  offer: (opportunity, maxLossMicros) => ({
    contract: draftContract(sellableOf(opportunity), maxLossMicros),
    input: { tainted: opportunity.tainted },
    mostMicros: maxLossMicros,
  }),
};

/** What a market sells, with the figures a contract needs. */
function isSellable(opportunity: Opportunity): boolean {
  const { source, price_micros: price, visitor_cost_micros: cost } = opportunity;
  if (source !== 'practice_market' || price === null || cost === null || price <= 0n || cost <= 0n) return false;
  return draftContract(sellableOf(opportunity), 1_000_000n).breakEven <= HIGHEST_BREAK_EVEN;
}

export const sellableOf = (
  opportunity: Pick<
    Opportunity,
    'name' | 'sells' | 'channel' | 'external_id' | 'price_micros' | 'unit_cost_micros' | 'visitor_cost_micros' | 'capacity_per_day'
  >,
): Sellable => ({
  name: opportunity.name,
  sells: opportunity.sells,
  channel: opportunity.channel,
  offerId: opportunity.external_id,
  priceMicros: opportunity.price_micros ?? 0n,
  unitCostMicros: opportunity.unit_cost_micros ?? 0n,
  visitorCostMicros: opportunity.visitor_cost_micros ?? 0n,
  capacityPerDay: opportunity.capacity_per_day,
});

interface Proposal {
  standing: StandingGoal;
  today: number;
  choice: Choice;
  kind: Held;
  maxLossMicros: Micros;
  offer: Offer;
}

/** What its task is expected to bring, from the first belief: what lessons foretold, or what is believed of anything. */
function estimateOf({ maxLossUsd, variants, breakEven }: Contract, { prior, lessonIds }: Choice): string {
  const cost = variants[0]?.visitorCostUsd ?? 0;
  const visitors = cost > 0 ? Math.floor(maxLossUsd / cost) : 100;
  const from = lessonIds.length === 0 ? 'nothing like it was tried' : `lessons ${lessonIds.join(', ')}`;
  const back = cost > 0 ? `; $${(prior.mean / breakEven).toFixed(2)} back per dollar` : '';
  return `of ${visitors} visitors${cost > 0 ? ` for $${maxLossUsd.toFixed(2)}` : ''} about ${(visitors * prior.mean).toFixed(1)} buy${back} (${from})`;
}

/** Null when somebody took the opportunity first. */
async function propose(
  deps: Deps,
  trx: Trx,
  { standing, today, choice, kind, maxLossMicros, offer }: Proposal,
): Promise<Experiment | null> {
  const { opportunity } = choice;
  const { mode } = opportunity;
  if ((await moveOpportunity(trx, { mode, id: opportunity.id, to: 'taken', reason: null })) === undefined) return null;
  const { contract } = offer;
  const why = `score ${(opportunity.score ?? 0).toFixed(0)} of 100${choice.because === '' ? '' : `; ${choice.because}`}`;
  const draft = await addExperiment(trx, {
    mode,
    goalId: standing.goal.id,
    opportunityId: opportunity.id,
    name: opportunity.name,
    source: kind.source,
    category: kind.category,
    channel: opportunity.channel,
    riskClass: kind.riskClass,
    contract,
    maxLossMicros,
    expected: {
      prior: { mean: choice.prior.mean, strength: choice.prior.strength },
      unitCostMicros: (opportunity.unit_cost_micros ?? 0n).toString(),
      score: opportunity.score,
      parts: Object.fromEntries(opportunity.score_parts.map(({ name, value }) => [name, value])),
      estimate: estimateOf(contract, choice),
      because: choice.because,
      tainted: opportunity.tainted,
    },
    createdBy: 'policy',
    reason: why,
    deadline: deadlineFor(deps, null, 'draft', today),
    day: today,
  });
  const experiment = await stepExperiment(deps, trx, draft, 'propose', { reason: why, by: 'policy', day: today });
  if (experiment === undefined) return null;
  const subject = { subjectKind: 'experiment', subjectId: experiment.id };
  const foretold = `expects ${percent(choice.prior.mean)} of visitors to buy`;
  const { lessonIds: weighing } = await readLearnedWeights(trx, mode);
  await noteUses(trx, [
    ...choice.lessonIds.map((lessonId) => ({ ...subject, lessonId, decision: 'prior' as const, detail: foretold })),
    ...choice.lessonIds.map((lessonId) => ({ ...subject, lessonId, decision: 'estimate' as const, detail: foretold })),
    ...weighing.map((lessonId) => ({ ...subject, lessonId, decision: 'score' as const, detail: 'weighed a part of its score' })),
  ]);
  await addPolicyTask(trx, {
    mode,
    goalId: standing.goal.id,
    planId: standing.planId,
    key: `start_${experiment.id}`,
    policy: 'start',
    input: offer.input,
    experimentId: experiment.id,
    title: `Ask for experiment ${experiment.id}: ${opportunity.name}`.slice(0, 120),
    why,
    mostMicros: offer.mostMicros,
  });
  return experiment;
}
