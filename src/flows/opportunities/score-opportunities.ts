// Every open opportunity is scored anew: with the tools there are now, and what was learned so far.
import type { Trx } from '../../db/database.ts';
import { dollarsOf, listToScore, writeScores } from '../../domain/opportunities/find-store.ts';
import type { Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import { scoreOpportunity, type Traits } from '../../domain/opportunities/score.ts';
import type { Deps } from '../deps.ts';
import { readOutlook } from './learned-outlook.ts';
import { readLearnedWeights } from './learned-weights.ts';

export async function scoreOpportunities(deps: Pick<Deps, 'mode' | 'tools'>, trx: Trx): Promise<void> {
  const open = await listToScore(trx, deps.mode);
  const tools = toolsOf(deps);
  if (open.length === 0) return;
  const outlookOf = await readOutlook(trx, deps.mode);
  const { weights, notes } = await readLearnedWeights(trx, deps.mode);
  await writeScores(
    trx,
    open.map((one) => ({ id: one.id, ...scoreOpportunity(traitsOf(one, one.places), { tools, weights, notes, outlook: outlookOf(one) }) })),
  );
}

const toolsOf = ({ tools, mode }: Pick<Deps, 'mode' | 'tools'>): Set<string> =>
  new Set([...tools.values()].filter((tool) => tool.modes.includes(mode)).map((tool) => tool.name));

const traitsOf = (one: Opportunity, places: Traits['evidence']): Traits => ({
  capabilities: one.capabilities,
  daysToFirstDollar: one.days_to_first_dollar,
  capitalUsd: dollarsOf(one.capital_micros),
  effortHours: one.effort_hours,
  automation: one.automation,
  scalability: one.scalability,
  risk: one.risk,
  priceUsd: dollarsOf(one.price_micros),
  unitCostUsd: dollarsOf(one.unit_cost_micros),
  visitorCostUsd: dollarsOf(one.visitor_cost_micros),
  evidence: places,
});
