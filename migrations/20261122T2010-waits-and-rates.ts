// A task that was told to stop does not fall asleep over it: it is claimed once more, only to end.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `create function stay_awake() returns trigger language plpgsql as $$
    begin
      new.status := 'pending';
      new.ready_at := clock_timestamp();
      perform pg_notify('jug_ready', '');
      return new;
    end $$`,
  `create trigger stay_awake before update on task for each row
    when (old.status = 'running' and new.cancel_requested and new.status in ('waiting', 'waiting_approval', 'pending')) execute function stay_awake()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
