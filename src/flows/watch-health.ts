// What the breakers of this process find is written down for all of them, one change after the other, and shown at /metrics.
import { readPlanRecord } from '../domain/decisions/outcome-store.ts';
import type { BreakerState } from '../domain/tools/breakers.ts';
import { listTroubled, noteHealth } from '../domain/tools/health-store.ts';
import type { Deps } from './deps.ts';

/** @returns what waits until the last change is written. */
export function watchHealth(deps: Deps): () => Promise<void> {
  let writing = Promise.resolve();
  const note = (state: BreakerState): void => {
    writing = writing
      .then(() => noteHealth(deps.db, deps.processId, state))
      // The breaker itself works on; the row is right again with its next change.
      .catch((error: unknown) => deps.log.warn({ err: error, service: state.service }, 'could not write down how a service fares'));
  };
  deps.breakers.onChange(note);
  deps.model.onBreaker?.(note);
  deps.metrics.watch(
    'service_troubled',
    'Outside services and models that some process does not reach, 1 each.',
    ['service', 'state'],
    async () => (await listTroubled(deps.db)).map(({ service, state }) => ({ labels: { service: service.slice(0, 80), state }, value: 1 })),
  );
  deps.metrics.watch(
    'feasibility_brier_score',
    'Brier score of the confidence in plans that were let through, by mode; 0 is perfect.',
    ['mode'],
    async () => {
      const { brier } = await readPlanRecord(deps.db, deps.mode);
      return brier === null ? [] : [{ labels: { mode: deps.mode }, value: brier }];
    },
  );
  return () => writing;
}
