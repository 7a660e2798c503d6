// Divides the visitors of a page over its variants by the product's allocation, each morning, and stops a variant that has lost.
import { hashSeed } from '../../core/random.ts';
import type { Trx } from '../../db/database.ts';
import { allocateBudget } from '../../domain/allocation/allocate-budget.ts';
import { chanceBetter } from '../../domain/allocation/better.ts';
import { FIRST_PRIOR } from '../../domain/allocation/prior.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { stopVariants } from '../../domain/experiments/experiment-store.ts';
import { setWeights, type VariantWeight } from '../../domain/pages/weight-store.ts';
import type { Deps } from '../deps.ts';
import type { ReadExperiment, ReadVariant } from './read-morning.ts';

/** Shares are in thousandths; so many draws make them smooth. */
const WHOLE = 1_000;
const DRAWS = 200;
/** An open variant is never without visitors: what nobody sees cannot show that it was good. */
const LEAST = 50;

export async function shareVisitors(deps: Pick<Deps, 'mode'>, trx: Trx, one: ReadExperiment): Promise<void> {
  const { experiment, contract, morning } = one;
  const slug = contract.variants[0]?.pageSlug;
  const open = one.variants.filter(({ variant }) => variant.status === 'open');
  // Before anything is known everybody is shared out alike.
  if (slug === undefined || open.length < 2 || morning.visitors < contract.minVisitors) return;
  const lost = lostOf(open, contract);
  const left = open.filter((variant) => !lost.includes(variant));
  const weights = weightsOf(left, experiment.id, morning.today);
  if (weights !== null) await setWeights(trx, deps.mode, slug, weights);
  const stopped = await stopVariants(
    trx,
    lost.map(({ variant }) => variant.id),
  );
  const detail = {
    day: morning.today,
    weights: Object.fromEntries((weights ?? []).map(({ variant, weight }) => [variant, weight])),
    stopped,
  };
  await recordAudit(trx, [
    { mode: deps.mode, actor: 'policy', action: 'experiment.shared', subjectKind: 'experiment', subjectId: experiment.id, detail },
  ]);
}

/** Those that enough people saw and that are hardly likely to be better than the best; the best never is. */
function lostOf(open: readonly ReadVariant[], { minVisitors, killBelow }: ReadExperiment['contract']): ReadVariant[] {
  const best = open.toSorted((a, b) => b.belief.returnPerDollar - a.belief.returnPerDollar)[0];
  if (best === undefined) return [];
  return open.filter((one) => one !== best && one.belief.visitors >= minVisitors && chanceBetter(one.reading, best.reading) < killBelow);
}

/** Null when none is worth a visitor more than another: then the shares stay as they are. */
function weightsOf(open: readonly ReadVariant[], experimentId: number, today: number): VariantWeight[] | null {
  // Visitors of a page are not bought: each counts what verdicts count, and nothing but their number limits a variant.
  const arms = open.map(({ arm: { mostMicros: _, ...arm } }) => ({ ...arm, capacityPerDay: WHOLE }));
  const budgetMicros = BigInt(WHOLE) * (arms[0]?.costPerVisitorMicros ?? 0n);
  const seed = hashSeed('variants', experimentId, today);
  const { arms: shares } = allocateBudget({ arms, budgetMicros, today, prior: FIRST_PRIOR, seed, draws: DRAWS });
  if (shares.every(({ visitors }) => visitors === 0)) return null;
  return open.map(({ variant }, index) => ({
    variant: variant.page_variant ?? 'a',
    weight: Math.max(LEAST, Math.round(shares[index]?.visitors ?? 0)),
  }));
}
