// Visits of pages for /metrics, read when somebody looks.
import { listVisitTotals } from '../domain/pages/visit-store.ts';
import type { Deps } from './deps.ts';

/** Prometheus keeps a series for each label for ever: the newest pages, no more. */
const MOST_PAGES = 50;

export function watchVisits(deps: Deps): void {
  const gauge = (name: 'visits' | 'visitors', help: string): void =>
    deps.metrics.watch(`page_${name}`, help, ['mode', 'page', 'variant'], async () =>
      (await listVisitTotals(deps.db, deps.mode, MOST_PAGES)).map((row) => ({
        labels: { mode: deps.mode, page: row.slug, variant: row.variant },
        value: row[name],
      })),
    );
  gauge('visits', 'Visits of a page of offers, by variant.');
  gauge('visitors', 'Visitors of a page of offers, each counted once a day, by variant.');
}
