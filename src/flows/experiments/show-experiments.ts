// The one live card of each experiment, edited in place in the channel of experiments.
import { type Post, postMessages } from '../../chat/outbox-store.ts';
import { experimentCard } from '../../chat/views/experiment-card.ts';
import { NotFound } from '../../core/errors.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Contract } from '../../domain/experiments/contract.ts';
import { findExperiment, listSteps, listVariants } from '../../domain/experiments/experiment-store.ts';
import { listReadings } from '../../domain/experiments/review-store.ts';
import { listUndone } from '../../domain/experiments/undone-store.ts';
import { listUsed } from '../../domain/learning/lesson-store.ts';
import { readWeights } from '../../domain/pages/weight-store.ts';
import type { Deps } from '../deps.ts';

/** Days of readings that a card's picture goes back. */
const PICTURE_READINGS = 120;

/** @throws NotFound when this mode has no such experiment. */
export async function drawExperiment(deps: Pick<Deps, 'mode'>, db: DatabaseOrTrx, id: number): Promise<Post> {
  const experiment = await findExperiment(db, deps.mode, id);
  if (experiment === undefined) throw new NotFound(`There is no experiment ${id}.`);
  const slug = (experiment.contract as unknown as Contract).variants[0]?.pageSlug;
  const card = experimentCard({
    experiment,
    shares: slug === undefined ? [] : await readWeights(db, deps.mode, slug),
    variants: await listVariants(db, [id]),
    steps: await listSteps(db, id),
    readings: await listReadings(db, id, PICTURE_READINGS),
    undone: await listUndone(db, id),
    lessons: await listUsed(db, 'experiment', id),
  });
  return { channel: 'experiments', goalId: experiment.goal_id, key: `experiment:${id}`, card };
}

export async function showExperiments(deps: Pick<Deps, 'mode'>, db: DatabaseOrTrx, ids: readonly number[]): Promise<void> {
  const posts: Post[] = [];
  for (const id of ids) posts.push(await drawExperiment(deps, db, id));
  await postMessages(db, posts);
}
