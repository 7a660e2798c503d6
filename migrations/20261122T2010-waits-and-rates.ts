// A task that was told to stop does not fall asleep over it; a tool's rate is counted by one call at a time; patience with a provider has a beginning.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // It is claimed once more, only to end.
  `create function stay_awake() returns trigger language plpgsql as $$
    begin
      new.status := 'pending';
      new.ready_at := clock_timestamp();
      perform pg_notify('jug_ready', '');
      return new;
    end $$`,
  `create trigger stay_awake before update on task for each row
    when (old.status = 'running' and new.cancel_requested and new.status in ('waiting', 'waiting_approval', 'pending')) execute function stay_awake()`,
  // A function that is volatile sees what was committed while it waited for the lock. Far below the rate nobody waits: no more calls than
  // \`at_once\` can begin in the same moment.
  `create function within_rate(for_tool text, for_call bigint, per_minute int, per_hour int, at_once int) returns boolean language plpgsql as $$
    declare used record;
    begin
      for round in 1..2 loop
        select count(*) filter (where started_at > clock_timestamp() - interval '1 minute') as minute, count(*) as hour into used
          from tool_call where tool = for_tool and started_at > statement_timestamp() - interval '1 hour' and id <> for_call;
        if used.minute >= per_minute or used.hour >= per_hour then return false; end if;
        exit when used.minute + at_once < per_minute and used.hour + at_once < per_hour;
        if round = 1 then perform pg_advisory_xact_lock(7702, hashtext(for_tool)); end if;
      end loop;
      return true;
    end $$`,
  `alter table task add column patient_since timestamptz`,
  `create index reservation_unanswered on reservation (sent_at) where status = 'sent' and kind = 'model'`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
