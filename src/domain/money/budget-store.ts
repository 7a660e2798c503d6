// Budgets and their changes as rows, and what is used of each: the reservations that count against it, as in the function `reserve`.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { BudgetScope } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';
import type { BudgetKey, BudgetWish } from './budget.ts';

export interface BudgetUse {
  mode: Mode;
  scope: BudgetScope;
  name: string;
  limitMicros: Micros;
  usedMicros: Micros;
  setBy: string;
}

/** A month is the calendar's, in the zone of the books; a goal's or experiment's budget is for its whole life. */
export async function listBudgets(db: DatabaseOrTrx, mode: Mode): Promise<BudgetUse[]> {
  const { rows } = await sql<Omit<BudgetUse, 'limitMicros' | 'usedMicros'> & { limit_micros: bigint; used_micros: bigint }>`
    select b.mode, b.scope, b.name, b.limit_micros, b.set_by as "setBy", coalesce(case b.scope
        when 'goal_budget' then (select sum(counted_micros) from reservation r where r.goal_id = b.name::bigint and r.mode = b.mode)
        when 'experiment' then (select sum(counted_micros) from reservation r where r.experiment_id = b.name::bigint and r.mode = b.mode)
        else (select sum(counted_micros) from reservation r where r.mode = b.mode and r.created_at >= month.start
          and case b.scope when 'agent' then r.agent = b.name when 'tool' then r.tool = b.name when 'model' then r.model = b.name else true end) end, 0)::bigint as used_micros
    from budget b cross join (select date_trunc('month', statement_timestamp() at time zone zone) at time zone zone as start from book_zone) month
    where b.mode = ${mode} order by b.scope, b.name`.execute(db);
  return rows.map(({ limit_micros: limitMicros, used_micros: usedMicros, ...same }) => ({ ...same, limitMicros, usedMicros }));
}

/** The limit there is now; null when there is none. */
export async function readLimit(db: DatabaseOrTrx, { mode, scope, name }: BudgetKey): Promise<Micros | null> {
  const row = await db
    .selectFrom('budget')
    .select('limit_micros')
    .where('mode', '=', mode)
    .where('scope', '=', scope as BudgetScope)
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.limit_micros ?? null;
}

export async function setBudget(
  db: DatabaseOrTrx,
  budget: { mode: Mode; scope: BudgetScope; name: string; limitMicros: Micros | null; setBy: string },
): Promise<void> {
  const { mode, scope, name, limitMicros, setBy } = budget;
  if (limitMicros === null) {
    await db.deleteFrom('budget').where('mode', '=', mode).where('scope', '=', scope).where('name', '=', name).execute();
    return;
  }
  const set = { limit_micros: limitMicros, set_by: setBy, set_at: sql<Date>`clock_timestamp()` };
  await db
    .insertInto('budget')
    .values({ mode, scope, name, ...set })
    .onConflict((conflict) => conflict.columns(['mode', 'scope', 'name']).doUpdateSet(set))
    .execute();
}

/** What somebody asked a second person for. */
export async function addBudgetChange(
  db: DatabaseOrTrx,
  { mode, scope, name, limitMicros, askedBy }: BudgetWish & { askedBy: string },
): Promise<number> {
  const row = await db
    .insertInto('budget_change')
    .values({ mode, scope, name, limit_micros: limitMicros, asked_by: askedBy })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function findBudgetChange(db: DatabaseOrTrx, id: number): Promise<(BudgetWish & { askedBy: string }) | undefined> {
  const row = await db.selectFrom('budget_change').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  return { mode: row.mode, scope: row.scope, name: row.name, limitMicros: row.limit_micros, askedBy: row.asked_by };
}

/** Agents that have had a task. */
export async function listAgents(db: DatabaseOrTrx): Promise<string[]> {
  const rows = await db.selectFrom('task').select('agent').distinct().orderBy('agent').limit(100).execute();
  return rows.map((row) => row.agent);
}
