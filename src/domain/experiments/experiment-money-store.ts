// What each experiment has brought and cost so far, from the books of its launches.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { ExperimentState, Verdict } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';

export interface ExperimentMoney {
  id: number;
  name: string;
  state: ExperimentState;
  held: boolean;
  verdict: Verdict | null;
  revenueMicros: Micros;
  /** Revenue less refunds, disputes, fees and spend. */
  profitMicros: Micros;
  /** How many there are in all, these included. */
  total: number;
}

/** The newest first. @param endedSince those that ended before it are left out; null: none is */
export async function listExperimentMoney(
  db: DatabaseOrTrx,
  mode: Mode,
  ask: { endedSince: Date | null; limit: number },
): Promise<ExperimentMoney[]> {
  const { rows } = await sql<Omit<ExperimentMoney, 'revenueMicros' | 'profitMicros'> & { revenue_micros: bigint; profit_micros: bigint }>`
    select e.id, e.name, e.state, e.held_at is not null as held, e.verdict, e.total, money.revenue_micros, money.profit_micros
    from (select *, count(*) over ()::int as total from experiment where mode = ${mode} and (ended_at is null or ${ask.endedSince}::timestamptz is null or ended_at >= ${ask.endedSince}::timestamptz)
      order by id desc limit ${ask.limit}) e
    cross join lateral (select coalesce(-sum(d.amount_micros) filter (where d.account = 'revenue'), 0)::bigint as revenue_micros,
        coalesce(-sum(d.amount_micros) filter (where d.account in ('revenue', 'refunds', 'disputes', 'fees', 'offer_spend', 'tool_cost', 'expense')), 0)::bigint as profit_micros
      from launch l join ledger_day d on d.launch_id = l.id and d.launch_id <> 0 and d.mode = ${mode} and d.currency = 'USD' where l.experiment_id = e.id) money
    order by e.id desc`.execute(db);
  return rows.map(({ revenue_micros: revenueMicros, profit_micros: profitMicros, ...same }) => ({ ...same, revenueMicros, profitMicros }));
}
