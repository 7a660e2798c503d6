// New experiments from the best open opportunities: a contract each, and the request for it, within the portfolio's rules.
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
import type { Choice } from './choose-opportunity.ts';
import { rankOpportunities } from './choose-opportunity.ts';
import type { Portfolio } from './read-portfolio.ts';
import { deadlineFor, stepExperiment } from './settle-experiment.ts';

const LOOKED_AT = 60;
/** Where more visitors than this must buy, no contract is worth anybody's reading. */
const HIGHEST_BREAK_EVEN = 0.25;

/** @returns those that were proposed now */
export async function proposeExperiments(deps: Deps, trx: Trx, standing: StandingGoal, portfolio: Portfolio): Promise<Experiment[]> {
  const open = portfolio.experiments.map(({ experiment }) => experiment);
  const waiting = open.filter(({ state }) => state === 'draft' || state === 'proposed').length;
  const maxLossMicros = lossFor(portfolio.budget.amountMicros, portfolio.budget.amountMicros);
  if (waiting >= MOST_WAITING || maxLossMicros <= 0n) return [];
  const held: Held[] = open
    .filter(({ state }) => state !== 'measuring')
    .map((one) => ({ category: one.category, source: one.source, riskClass: one.risk_class }));
  const ends = await countEnds(trx, portfolio.mode);
  const places = placesOf(ends);
  if (held.length >= places) return [];
  const proposed: Experiment[] = [];
  const found = await listOpportunities(trx, portfolio.mode, { status: 'open', limit: LOOKED_AT });
  for (const choice of await rankOpportunities(trx, portfolio.mode, found.filter(isSellable), ends)) {
    if (waiting + proposed.length >= MOST_WAITING) break;
    const kind: Held = {
      category: choice.opportunity.category,
      source: choice.opportunity.source,
      riskClass: riskClassOf(choice.opportunity.risk),
    };
    if (whyFull(kind, held, places) !== null) continue;
    const made = await propose(deps, trx, { standing, today: portfolio.today, choice, kind, maxLossMicros });
    if (made === null) continue;
    held.push(kind);
    proposed.push(made);
  }
  return proposed;
}

/** What a market sells, with the figures a contract needs. */
function isSellable(opportunity: Opportunity): boolean {
  const { source, price_micros: price, visitor_cost_micros: cost } = opportunity;
  if (source !== 'practice_market' || price === null || cost === null || price <= 0n || cost <= 0n) return false;
  return draftContract(sellableOf(opportunity), 1_000_000n).breakEven <= HIGHEST_BREAK_EVEN;
}

const sellableOf = (opportunity: Opportunity): Sellable => ({
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
}

/** Null when somebody took the opportunity first. */
async function propose(deps: Deps, trx: Trx, { standing, today, choice, kind, maxLossMicros }: Proposal): Promise<Experiment | null> {
  const { opportunity } = choice;
  const { mode } = opportunity;
  if ((await moveOpportunity(trx, { mode, id: opportunity.id, to: 'taken', reason: null })) === undefined) return null;
  const contract: Contract = draftContract(sellableOf(opportunity), maxLossMicros);
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
  await noteUses(
    trx,
    choice.lessonIds.map((lessonId) => ({
      lessonId,
      decision: 'prior' as const,
      subjectKind: 'experiment',
      subjectId: experiment.id,
      detail: `expects ${percent(choice.prior.mean)} of visitors to buy`,
    })),
  );
  await addPolicyTask(trx, {
    mode,
    goalId: standing.goal.id,
    planId: standing.planId,
    key: `start_${experiment.id}`,
    policy: 'start',
    input: { tainted: opportunity.tainted },
    experimentId: experiment.id,
    title: `Ask for experiment ${experiment.id}: ${opportunity.name}`.slice(0, 120),
    why,
    mostMicros: maxLossMicros,
  });
  return experiment;
}
