// A refund that a person asks for on an order: a task whose turns are written by code, found by its order.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `alter table task drop constraint task_policy_check, add constraint task_policy_check check (policy in ('review', 'start', 'rollback', 'weekly', 'refund'))`,
  `create index task_refund on task (((policy_input ->> 'orderId')::bigint), id) where policy = 'refund'`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
