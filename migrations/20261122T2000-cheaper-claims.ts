// The same laws for less: what a claim brings home in one statement, and caps that nobody set are not summed up.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // Only what was never begun counts against the hour, so only then is the hour counted. Otherwise as before.
  `create or replace function claim_next(for_mode text, by_process bigint, lease_seconds int, max_running int, max_per_hour int)
    returns table (claimed task, more boolean) language plpgsql set enable_sort = off set enable_seqscan = off set enable_bitmapscan = off as $$
    declare chosen bigint; is_new boolean; now_at timestamptz; started int;
    begin
      perform pg_advisory_xact_lock(7701);
      perform set_config('synchronous_commit', 'off', true);
      if exists (select 1 from control where paused_at is not null) then return; end if;
      now_at := clock_timestamp();
      if (select count(*) from task where status = 'running') < max_running then
        select id, started_at is null into chosen, is_new from task where mode = for_mode and status = 'pending' and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
        if is_new then
          select count(*) into started from (select 1 from task where started_at > now_at - interval '1 hour' limit max_per_hour) recent;
          if started >= max_per_hour then
            select id into chosen from task where mode = for_mode and status = 'pending' and started_at is not null and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
          end if;
        end if;
      end if;
      if chosen is not null then
        update task set status = 'running', lease_owner = by_process, lease_until = now_at + make_interval(secs => lease_seconds), fence = fence + 1,
          started_at = coalesce(started_at, now_at), updated_at = now_at, attempt = case when attempt = 0 then 1 else attempt end where id = chosen returning * into claimed;
      end if;
      more := exists (select 1 from task where mode = for_mode and status = 'pending' and ready_at <= now_at);
      return next;
    end $$`,
  // Everything a run starts from. Volatile, so that behind a claim it sees what was committed before the claim got its turn.
  `create function read_run(of_task bigint, of_attempt int, of_goal bigint)
    returns table (goal json, turns json, calls json, inputs json, committed_micros numeric) language plpgsql volatile as $$
    begin
      return query with recursive before as (
          select d.depends_on as id from task_dependency d where d.task_id = of_task
          union select d.depends_on from task_dependency d join before on d.task_id = before.id)
        select to_json(g),
          (select json_agg(t order by t.seq) from turn t where t.task_id = of_task and t.attempt = of_attempt),
          (select json_agg(c order by c.id) from tool_call c where c.task_id = of_task),
          (select json_agg(json_build_object('task_key', task.key, 'id', c.id, 'tool', c.tool, 'output', c.output, 'tainted', c.tainted) order by c.id)
            from before join task on task.id = before.id join tool_call c on c.task_id = task.id where c.status = 'done' and c.tool not in ('finish', 'wait')),
          (select coalesce(sum(counted_micros), 0) from reservation r where r.goal_id = g.id and r.mode = g.mode and r.kind = 'act')
        from goal g where g.id = of_goal;
    end $$`,
  `create or replace function reserve(for_mode text, for_kind text, for_goal bigint, for_task bigint, for_call bigint, wanted bigint, as_status text,
      hour_cap bigint, day_cap bigint, month_cap bigint, market_day_cap bigint, goal_cap bigint, task_cap bigint)
    returns table (reservation_id bigint, refused_by text, used_micros bigint, limit_micros bigint) language plpgsql as $$
    declare gate_day int; hour_used bigint := 0; day_used bigint := 0; month_used bigint := 0; market_used bigint := 0; goal_used bigint := 0; task_used bigint := 0;
      now_at timestamptz; utc timestamp;
    begin
      select market_day into gate_day from spend_gate where mode = for_mode for update;
      now_at := clock_timestamp();
      if wanted is null or wanted <= 0 then raise exception 'a reservation needs a positive amount' using errcode = 'check_violation'; end if;
      if hour_cap is not null or day_cap is not null or month_cap is not null then
        select coalesce(sum(counted_micros) filter (where created_at > now_at - interval '1 hour'), 0)::bigint,
               coalesce(sum(counted_micros) filter (where created_at > now_at - interval '24 hours'), 0)::bigint,
               coalesce(sum(counted_micros), 0)::bigint
          into hour_used, day_used, month_used from reservation where mode = for_mode and created_at > now_at - interval '30 days';
        if hour_cap is not null and hour_used + wanted > hour_cap then return query select null::bigint, 'hour', hour_used, hour_cap; return; end if;
        if day_cap is not null and day_used + wanted > day_cap then return query select null::bigint, 'day', day_used, day_cap; return; end if;
        if month_cap is not null and month_used + wanted > month_cap then return query select null::bigint, 'month', month_used, month_cap; return; end if;
      end if;
      if market_day_cap is not null then
        select coalesce(sum(counted_micros), 0) into market_used from reservation where mode = for_mode and market_day = gate_day;
        if market_used + wanted > market_day_cap then return query select null::bigint, 'market_day', market_used, market_day_cap; return; end if;
      end if;
      if goal_cap is not null or task_cap is not null then
        select coalesce(sum(counted_micros), 0), coalesce(sum(counted_micros) filter (where task_id = for_task), 0)
          into goal_used, task_used from reservation where goal_id = for_goal and mode = for_mode and kind = for_kind;
        if goal_cap is not null and goal_used + wanted > goal_cap then return query select null::bigint, 'goal', goal_used, goal_cap; return; end if;
        if task_cap is not null and task_used + wanted > task_cap then return query select null::bigint, 'task', task_used, task_cap; return; end if;
      end if;
      utc := now_at at time zone 'UTC';
      if hour_cap is not null then perform note_near_cap(for_mode, 'hour', to_char(utc, 'YYYY-MM-DD HH24'), null, null, hour_used, wanted, hour_cap); end if;
      if day_cap is not null then perform note_near_cap(for_mode, 'day', to_char(utc, 'YYYY-MM-DD'), null, null, day_used, wanted, day_cap); end if;
      if month_cap is not null then perform note_near_cap(for_mode, 'month', to_char(utc, 'YYYY-MM'), null, null, month_used, wanted, month_cap); end if;
      if market_day_cap is not null then perform note_near_cap(for_mode, 'market_day', gate_day::text, null, null, market_used, wanted, market_day_cap); end if;
      if goal_cap is not null then perform note_near_cap(for_mode, 'goal', for_goal || ':' || goal_cap, for_goal, null, goal_used, wanted, goal_cap); end if;
      if for_kind = 'model' and task_cap is not null then perform note_near_cap(for_mode, 'task', for_task::text, for_goal, for_task, task_used, wanted, task_cap); end if;
      return query insert into reservation (mode, kind, goal_id, task_id, tool_call_id, status, amount_micros, counted_micros, market_day, sent_at, expires_at)
        values (for_mode, for_kind, for_goal, for_task, for_call, as_status, wanted, wanted, gate_day, case when as_status = 'sent' then now_at end, now_at + interval '5 minutes')
        returning id, null::text, null::bigint, null::bigint;
    end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
