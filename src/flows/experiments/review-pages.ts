// Experiments on pages of ours, by the wall clock: what could be sold there is proposed, what is on sale is read and judged once a calendar day,
// and what is over is taken down. No money is given out: a page costs nothing until it is bought from.
import type { Json } from '../../core/canonical-json.ts';
import { inTransaction, type Trx } from '../../db/database.ts';
import { wake } from '../../db/wake.ts';
import { type Contract, draftContract } from '../../domain/experiments/contract.ts';
import { type Experiment, listOpen, listVariants, lockPortfolio } from '../../domain/experiments/experiment-store.ts';
import { nextMove } from '../../domain/experiments/next-move.ts';
import { readPageResults, readPagesDue } from '../../domain/experiments/page-result-store.ts';
import { addReadings, listLatestReadings } from '../../domain/experiments/review-store.ts';
import { lockGoal } from '../../domain/goals/goal-store.ts';
import { findStandingGoal } from '../../domain/goals/standing-goal-store.ts';
import type { Deps } from '../deps.ts';
import { readStandingBudget } from '../standing-budget.ts';
import { learnFrom } from './learn-from.ts';
import { draftPage, isForPage, waysOf } from './page-draft.ts';
import { proposeExperiments, sellableOf, type Trade } from './propose-experiments.ts';
import { readExperiments, readingOf } from './read-morning.ts';
import { calendarDay, nothing, type Seen } from './read-portfolio.ts';
import { settleMorning } from './settle-experiment.ts';
import { shareVisitors } from './share-visitors.ts';
import { showExperiments } from './show-experiments.ts';
import { ensureStandingGoal } from './standing-goal.ts';
import { takePagesDown } from './take-pages-down.ts';
import { canWrite } from './write-pages.ts';

/** Harmless at any time and from several processes at once: a day's reading is there once, and proposals are made under the portfolio's lock. */
export async function reviewPages(deps: Deps): Promise<void> {
  if (deps.payments === null) return;
  const today = calendarDay(deps);
  const due = await readPagesDue(deps.db, deps.mode, today);
  if (due.unread.length === 0 && due.left.length === 0 && !due.open) return;
  await inTransaction(deps.db, async (trx) => {
    await lockPortfolio(trx, deps.mode);
    // Whatever changes an experiment holds its goal first: so no card is drawn from what is old by then.
    const standing = await findStandingGoal(trx, deps.mode);
    if (standing !== null) await lockGoal(trx, standing.goal.id);
    const { unread } = await readPagesDue(trx, deps.mode, today);
    const read = await readPages(deps, trx, unread, today);
    await takePagesDown(deps, trx);
    // What has just ended may be open again.
    const { open } = await readPagesDue(trx, deps.mode, today);
    const proposed = open ? await proposePages(deps, trx, today) : [];
    if (proposed.length > 0) await wake(trx, { job: 'work' });
    await showExperiments(deps, trx, [...read, ...proposed.map(({ id }) => id)]);
  });
}

/** The day's reading of each, and what its contract says of it. @returns their numbers */
async function readPages(deps: Deps, trx: Trx, ids: readonly number[], today: number): Promise<number[]> {
  if (ids.length === 0) return [];
  const experiments = (await listOpen(trx, deps.mode)).filter(({ id }) => ids.includes(id));
  const variants = await listVariants(trx, ids);
  const results = await readPageResults(trx, deps.mode, ids, deps.config.timezone);
  const before = new Map((await listLatestReadings(trx, ids)).map((reading) => [reading.variant_id, reading]));
  const seen: Seen[] = experiments.map((experiment) => ({
    experiment,
    contract: experiment.contract as unknown as Contract,
    allowedMicros: 0n,
    variants: variants
      .filter((variant) => variant.experiment_id === experiment.id)
      .map((variant) => ({ variant, result: results.get(variant.id) ?? nothing(variant), before: before.get(variant.id) })),
  }));
  for (const one of readExperiments(seen, today)) {
    await addReadings(
      trx,
      one.variants.map((variant) => readingOf(variant, today, 0n)),
    );
    const experiment = await settleMorning(deps, trx, one, nextMove(one.morning));
    if (experiment.state === 'running') await shareVisitors(deps, trx, one);
    if (experiment.state === 'concluded') await learnFrom(trx, { ...one, experiment });
  }
  return [...ids];
}

/** Within the same places, and the same number of requests that wait, as everything else that is tried. */
async function proposePages(deps: Deps, trx: Trx, today: number): Promise<Experiment[]> {
  const { amountMicros } = await readStandingBudget(deps, trx);
  if (amountMicros === 0n) return [];
  const standing = await ensureStandingGoal(trx, deps.mode);
  if (standing.goal.status !== 'running' || standing.goal.held_at !== null) return [];
  const open = await listOpen(trx, deps.mode);
  return proposeExperiments(deps, trx, standing, pageTrade(deps), { open, periodMicros: amountMicros, today });
}

const pageTrade = (deps: Deps): Trade => ({
  suits: (opportunity) => isForPage(deps, opportunity),
  offer: (opportunity, maxLossMicros, nth) => {
    const page = draftPage(opportunity, nth);
    const ways = canWrite(deps) ? { ways: waysOf(opportunity) } : {};
    const contract = draftContract({ ...sellableOf(opportunity), offerId: null, pageSlug: page.slug, ...ways }, maxLossMicros);
    return { contract, input: { tainted: opportunity.tainted, page: JSON.parse(JSON.stringify(page)) as Json }, mostMicros: 0n };
  },
});
