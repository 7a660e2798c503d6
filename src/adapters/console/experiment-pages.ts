// Experiments as pages: the portfolio, one experiment with every step and launch of its life, and what was learnt.
import { learningsCard } from '../../chat/views/learnings-card.ts';
import type { Config } from '../../config.ts';
import { formatUsd } from '../../core/money.ts';
import { findExperiment, listSteps, listVariants } from '../../domain/experiments/experiment-store.ts';
import { readResults, type VariantResult } from '../../domain/experiments/result-store.ts';
import { listLessons, readLearningFigures } from '../../domain/learning/lesson-store.ts';
import { readExperimentsCard } from '../../flows/experiments/read-experiments-card.ts';
import { drawExperiment } from '../../flows/experiments/show-experiments.ts';
import { renderCard } from './card-view.ts';
import { renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';
import { type Build, idOf } from './page-request.ts';

const LESSONS_SHOWN = 200;

/** The pages that need to know the configured standing budget. */
export function experimentPages(config: Config): Record<string, Build> {
  const deps = { mode: config.mode, config };
  return {
    '/experiments': async (_c, frame, db) => {
      const place = { key: 'experiments', version: 0, csrf: frame.visitor.csrf };
      const body = html`<h1>Experiments</h1>${renderCard(await readExperimentsCard({ ...deps, db }), place)}
        <p><a href="/learnings">What was learnt</a></p>`;
      return { title: 'Experiments', section: 'experiments', live: 'any', body };
    },
    '/experiments/:id': async (c, frame, db) => {
      const id = idOf(c);
      const experiment = await findExperiment(db, config.mode, id);
      if (experiment === undefined) return null;
      const { card } = await drawExperiment(deps, db, id);
      const steps = await listSteps(db, id);
      const names = new Map((await listVariants(db, [id])).map((variant) => [variant.id, variant.name]));
      const results = [...(await readResults(db, config.mode, [id])).values()];
      const place = { key: `experiment-${id}`, version: 0, csrf: frame.visitor.csrf };
      const body = html`<p class="crumbs"><a href="/experiments">Experiments</a></p>${renderCard(card, place)}<div class="answer" id="a-experiment-${id}" aria-live="polite"></div>
        <h2>Steps</h2><ol class="rows">${steps.map((step) => html`<li><span class="row"><span class="id">${step.to_state}</span><span class="what">${step.reason}</span><span class="meta">${step.by_whom}${step.day !== null && html`, day ${step.day}`} · ${renderTime(step.at, frame.timezone)}</span></span></li>`)}</ol>
        <h2>Launches</h2>${renderLaunches(results, names)}
        <p><a href="/goals/${experiment.goal_id}">Its goal</a> · <a href="/learnings">What was learnt</a></p>`;
      return { title: `Experiment ${id}`, section: 'experiments', live: 'any', body };
    },
    '/learnings': async (_c, frame, db) => {
      const lessons = await listLessons(db, config.mode, LESSONS_SHOWN);
      const card = learningsCard({ lessons, figures: await readLearningFigures(db, config.mode) });
      const body = html`<h1>What was learnt</h1>${renderCard(card, { key: 'learnings', version: 0, csrf: frame.visitor.csrf })}
        <p><a href="/experiments">Experiments</a></p>`;
      return { title: 'Learnings', section: 'experiments', live: 'any', body };
    },
  };
}

function renderLaunches(results: readonly VariantResult[], names: ReadonlyMap<number, string>): Html {
  const launches = results.flatMap((result) =>
    result.launches.map((launch) => ({ ...launch, variant: names.get(result.variantId) ?? '', result })),
  );
  if (launches.length === 0) return html`<p>None yet.</p>`;
  return html`<ul class="rows">${launches.map((launch) => html`<li><span class="row"><span class="id">day ${launch.day}</span><span class="what">${launch.externalId}, ${launch.variant}: ${formatUsd(launch.budgetMicros)}, ${visitorsOn(launch.result, launch.day)} visitors, ${launch.result.orders.filter(({ visitDay }) => visitDay === launch.day).length} orders</span><span class="meta">${launch.status}</span></span></li>`)}</ul>`;
}

const visitorsOn = (result: VariantResult, on: number): number => result.visits.find(({ day }) => day === on)?.visitors ?? 0;
