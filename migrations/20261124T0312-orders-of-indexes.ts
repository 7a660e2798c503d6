// Orders that are their index's: the board, where opportunities without a score come last, and a goal's last launch.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `drop index opportunity_board`,
  `create index opportunity_board on opportunity (mode, status, score desc nulls last, id)`,
  `create index launch_last on launch (goal_id, mode, started_day)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
