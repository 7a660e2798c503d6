// What became of goals that were let through: what feasibility is calibrated from and scored by.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Feasibility } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';

export interface PlanRecord {
  outcomes: Map<Feasibility['complexity'], { done: number; failed: number }>;
  /** Mean squared distance of the confidence from what came (Brier 1950): 0 is perfect, 0.25 is a coin. Null before the first end. */
  brier: number | null;
  ended: number;
}

const LATEST = 500;

/** Of the latest goals that were let through and have ended. A person's cancelling says nothing about the plan. */
export async function readPlanRecord(db: DatabaseOrTrx, mode: Mode): Promise<PlanRecord> {
  const { rows } = await sql<{ complexity: Feasibility['complexity']; done: number; failed: number; squares: number }>`
    with latest as (select distinct on (subject_id) subject_id, confidence, inputs ->> 'complexity' as complexity, choice
      from (select * from decision where kind = 'feasibility' and mode = ${mode} order by id desc limit ${LATEST}) d order by subject_id, id desc)
    select latest.complexity, count(*) filter (where goal.status = 'done')::int as done, count(*) filter (where goal.status = 'failed')::int as failed,
      sum(power(latest.confidence - case when goal.status = 'done' then 1 else 0 end, 2))::float8 as squares
    from latest join goal on goal.id = latest.subject_id where latest.choice = 'proceed' and goal.status in ('done', 'failed') group by latest.complexity`.execute(
    db,
  );
  const ended = rows.reduce((sum, row) => sum + row.done + row.failed, 0);
  return {
    outcomes: new Map(rows.map(({ complexity, done, failed }) => [complexity, { done, failed }])),
    brier: ended === 0 ? null : rows.reduce((sum, row) => sum + row.squares, 0) / ended,
    ended,
  };
}

/** Median milliseconds of the latest tasks of each kind that were done, where there are at least five. */
export async function readTypicalTimes(db: DatabaseOrTrx, mode: Mode): Promise<Map<string, number>> {
  const { rows } = await sql<{ kind: string; ms: number }>`
    select kind, percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at) * 1000)::float8 as ms
    from (select kind, started_at, ended_at from task where mode = ${mode} and status = 'done' and started_at is not null order by id desc limit 200) t
    group by kind having count(*) >= 5`.execute(db);
  return new Map(rows.map(({ kind, ms }) => [kind, ms]));
}

export async function wasAskedBefore(db: DatabaseOrTrx, goalId: number): Promise<boolean> {
  const { rows } = await sql<{ yes: boolean }>`
    select exists (select 1 from decision where subject_kind = 'goal' and subject_id = ${goalId} and kind = 'feasibility' and choice = 'ask') as yes`.execute(
    db,
  );
  return rows[0]?.yes ?? false;
}
