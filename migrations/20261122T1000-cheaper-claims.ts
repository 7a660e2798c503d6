// A claim says whether more is ready, so that nobody asks in vain; a refused reservation ends the statement it is part of.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `drop function claim_task(bigint, int, int, int)`,
  // What was begun before is resumed whatever the hour's limit says; found without walking through all that was never begun.
  `create index task_resume on task (rank_at, id) where status = 'pending' and started_at is not null`,
  // A claim that a crash of the server loses was never followed by anything durable: the log is written in order. So it need not wait for the disk.
  `create function claim_next(by_process bigint, lease_seconds int, max_running int, max_per_hour int)
    returns table (claimed task, more boolean) language plpgsql as $$
    declare chosen bigint; now_at timestamptz; started int;
    begin
      perform pg_advisory_xact_lock(7701);
      perform set_config('synchronous_commit', 'off', true);
      if exists (select 1 from control where paused_at is not null) then return; end if;
      now_at := clock_timestamp();
      if (select count(*) from task where status = 'running') < max_running then
        select count(*) into started from (select 1 from task where started_at > now_at - interval '1 hour' limit max_per_hour) recent;
        if started < max_per_hour then
          select id into chosen from task where status = 'pending' and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
        else
          select id into chosen from task where status = 'pending' and started_at is not null and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
        end if;
      end if;
      if chosen is not null then
        update task set status = 'running', lease_owner = by_process, lease_until = now_at + make_interval(secs => lease_seconds), fence = fence + 1,
          started_at = coalesce(started_at, now_at), updated_at = now_at, attempt = case when attempt = 0 then 1 else attempt end where id = chosen returning * into claimed;
      end if;
      more := exists (select 1 from task where status = 'pending' and ready_at <= now_at);
      return next;
    end $$`,
  `create function reserve_or_refuse(for_mode text, for_kind text, for_goal bigint, for_task bigint, for_call bigint, wanted bigint, as_status text,
      hour_cap bigint, day_cap bigint, month_cap bigint, market_day_cap bigint, goal_cap bigint, task_cap bigint)
    returns bigint language plpgsql as $$
    declare answer record;
    begin
      select * into answer from reserve(for_mode, for_kind, for_goal, for_task, for_call, wanted, as_status, hour_cap, day_cap, month_cap, market_day_cap, goal_cap, task_cap);
      if answer.refused_by is not null then
        raise exception 'the % cap refuses the reservation', answer.refused_by using errcode = 'JG001',
          detail = json_build_object('cap', answer.refused_by, 'used', answer.used_micros::text, 'limit', answer.limit_micros::text)::text;
      end if;
      return answer.reservation_id;
    end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
