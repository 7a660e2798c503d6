// How outside services fare, as each living process finds it: written when a breaker changes, read by whoever wants to know.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { ServiceState } from '../../db/tables/decision-tables.ts';
import type { BreakerState } from './breakers.ts';

export async function noteHealth(db: DatabaseOrTrx, processId: number, health: BreakerState): Promise<void> {
  const { service, state, failures, why, since, nextTryAt } = health;
  await sql`insert into service_health (service, process_id, state, failures, why, since, next_try_at)
    values (${service}, ${processId}, ${state}, ${failures}, ${why}, ${since}, ${nextTryAt})
    on conflict (process_id, service) do update set state = excluded.state, failures = excluded.failures, why = excluded.why, since = excluded.since, next_try_at = excluded.next_try_at`.execute(
    db,
  );
}

export interface Troubled {
  service: string;
  state: ServiceState;
  why: string | null;
  since: Date;
  /** The soonest that some process tries it again; what is past is due with the next call. */
  nextTryAt: Date | null;
  processes: number;
}

/** Services that some living process does not reach just now, the longest first. A dead process's view went with it. */
export async function listTroubled(db: DatabaseOrTrx): Promise<Troubled[]> {
  const { rows } = await sql<Troubled>`
    select h.service, case when bool_or(h.state = 'open') then 'open' else 'half_open' end as state, min(h.why) as why, min(h.since) as since,
      min(h.next_try_at) as "nextTryAt", count(*)::int as processes
    from service_health h join process p on p.id = h.process_id
    where p.stopped_at is null and h.state <> 'closed' group by h.service order by min(h.since) limit 50`.execute(db);
  return rows;
}
