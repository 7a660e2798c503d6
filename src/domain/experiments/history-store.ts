// How experiments have ended so far, in counts.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';

export interface Ends {
  scale: number;
  keep: number;
  kill: number;
  inconclusive: number;
  cancelled: number;
  /** Concluded ones that brought more than they cost. */
  profitable: number;
  /** Everything proposed so far. */
  all: number;
}

export async function countEnds(db: DatabaseOrTrx, mode: Mode): Promise<Ends> {
  const { rows } = await sql<Ends>`
    select count(*) filter (where verdict = 'scale')::int as scale, count(*) filter (where verdict = 'keep')::int as keep, count(*) filter (where verdict = 'kill')::int as kill,
      count(*) filter (where verdict = 'inconclusive')::int as inconclusive, count(*) filter (where state = 'cancelled')::int as cancelled,
      count(*) filter (where state = 'concluded' and (verdict_detail ->> 'profitMicros')::bigint > 0)::int as profitable, count(*)::int as all
    from experiment where mode = ${mode}`.execute(db);
  return rows[0] ?? { scale: 0, keep: 0, kill: 0, inconclusive: 0, cancelled: 0, profitable: 0, all: 0 };
}

/** Spent less earned by the launches of a goal since a market day, and since a person last said go. */
export async function readLost(db: DatabaseOrTrx, on: { mode: Mode; goalId: number; firstDay: number }): Promise<Micros> {
  const { rows } = await sql<{ lost: bigint }>`
    select coalesce(sum(p.amount_micros) filter (where p.account in ('offer_spend', 'fees', 'refunds', 'revenue')), 0)::bigint as lost
    from goal g join journal j on j.goal_id = g.id join posting p on p.journal_id = j.id
    where g.id = ${on.goalId} and j.mode = ${on.mode} and j.market_day >= ${on.firstDay} and j.created_at > coalesce(g.go_ahead_at, g.created_at) and p.currency = 'USD'`.execute(
    db,
  );
  return rows[0]?.lost ?? 0n;
}

/** How the newest experiment of an opportunity ended that is worth another. */
export interface OwnEnd {
  opportunityId: number;
  experimentId: number;
  verdict: 'scale' | 'keep';
  mean: number;
  visitors: number;
}

export async function listOwnEnds(db: DatabaseOrTrx, opportunityIds: readonly number[]): Promise<OwnEnd[]> {
  const { rows } = await sql<OwnEnd>`
    select distinct on (opportunity_id) opportunity_id as "opportunityId", id as "experimentId", verdict, (verdict_detail -> 'conversion' ->> 'mean')::float8 as mean,
      (verdict_detail -> 'matured' ->> 'visitors')::float8 as visitors
    from experiment where opportunity_id in (${sql.join([...opportunityIds, -1])}) and verdict in ('scale', 'keep') order by opportunity_id, id desc`.execute(
    db,
  );
  return rows;
}
