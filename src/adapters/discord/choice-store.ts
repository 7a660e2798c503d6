// What a person may mean by the number they begin to type: goals, tasks, requests, experiments and others with these words in their title.
import { type RawBuilder, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Subject } from './command-definitions.ts';

export interface Choice {
  id: number;
  title: string;
}

const MOST = 25;

/** Each with what waits for people first, then the newest. */
const SOURCES: Record<Subject, RawBuilder<unknown>> = {
  goal: sql`select id, mode, title, status in ('question', 'plan_review', 'running', 'planning') as first from goal where status <> 'draft'`,
  draft: sql`select id, mode, title, true as first from goal where status = 'draft'`,
  task: sql`select t.id, g.mode, t.title, t.status in ('dead', 'failed', 'waiting_approval') as first from task t join goal g on g.id = t.goal_id`,
  request: sql`select id, mode, title, status = 'pending' as first from approval`,
  grant: sql`select id, mode, tool as title, revoked_at is null as first from standing_grant`,
  experiment: sql`select id, mode, name as title, ended_at is null as first from experiment`,
  opportunity: sql`select id, mode, name as title, status in ('open', 'taken') as first from opportunity where status <> 'merged'`,
  offer: sql`select launch_id as id, mode, name as title, active as first from payment_link`,
  order: sql`select o.id, o.mode, concat_ws(', ', coalesce(p.name, o.offer_id, 'order'), o.status) as title, o.status in ('paid', 'fulfilling', 'failed') as first
    from customer_order o left join payment_link p on p.launch_id = o.launch_id`,
  document: sql`select id, mode, title, true as first from document`,
  errand: sql`select id, mode, title, status = 'open' as first from person_task`,
  tool: sql`select t.id, m.mode, t.server || '__' || t.name as title, t.offered is not null as first from mcp_tool t cross join (values ('practice'), ('live')) m (mode)`,
};

export async function listChoices(db: DatabaseOrTrx, subject: Subject, mode: Mode, words: string): Promise<Choice[]> {
  const typed = words.trim().replace(/^#/, '');
  const pattern = `%${typed.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<Choice>`select id, title from (${SOURCES[subject]}) as found
    where mode = ${mode} and (title ilike ${pattern} or id::text like ${`${typed.replace(/\D/g, 'x')}%`})
    order by first desc, id desc limit ${sql.lit(MOST)}`.execute(db);
  return rows;
}
