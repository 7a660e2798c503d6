// One statement, one lock: the limits hold across processes because every claim and every reservation passes through these functions.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // A claim that a crash of the server loses was never followed by anything durable: the log is written in order. So it need not wait for the disk.
  // Before anybody has counted the rows of a long queue the planner would rather sort it than walk along its index.
  `create function claim_next(for_mode text, by_process bigint, lease_seconds int, max_running int, max_per_hour int)
    returns table (claimed task, more boolean) language plpgsql set enable_sort = off set enable_seqscan = off set enable_bitmapscan = off as $$
    declare chosen bigint; now_at timestamptz; started int;
    begin
      perform pg_advisory_xact_lock(7701);
      perform set_config('synchronous_commit', 'off', true);
      if exists (select 1 from control where paused_at is not null) then return; end if;
      now_at := clock_timestamp();
      if (select count(*) from task where status = 'running') < max_running then
        select count(*) into started from (select 1 from task where started_at > now_at - interval '1 hour' limit max_per_hour) recent;
        if started < max_per_hour then
          select id into chosen from task where mode = for_mode and status = 'pending' and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
        else
          select id into chosen from task where mode = for_mode and status = 'pending' and started_at is not null and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
        end if;
      end if;
      if chosen is not null then
        update task set status = 'running', lease_owner = by_process, lease_until = now_at + make_interval(secs => lease_seconds), fence = fence + 1,
          started_at = coalesce(started_at, now_at), updated_at = now_at, attempt = case when attempt = 0 then 1 else attempt end where id = chosen returning * into claimed;
      end if;
      more := exists (select 1 from task where mode = for_mode and status = 'pending' and ready_at <= now_at);
      return next;
    end $$`,
  // A goal's or task's warning can wait for the next look around; a period's is told at once.
  `create function note_near_cap(for_mode text, for_cap text, for_period text, for_goal bigint, for_task bigint, used bigint, wanted bigint, cap_micros bigint)
    returns void language plpgsql as $$
    begin
      if cap_micros is null or used * 100 >= cap_micros * 80 or (used + wanted) * 100 < cap_micros * 80 then return; end if;
      insert into cap_warning (mode, cap, period, goal_id, task_id, used_micros, limit_micros)
        values (for_mode, for_cap, for_period, for_goal, for_task, used + wanted, cap_micros) on conflict do nothing;
      if found and for_goal is null then perform pg_notify('jug_due', ''); end if;
    end $$`,
  // The caps of a period count for everybody. What a task's acts may cost is its plan's own estimate: whoever approves them sees it there.
  `create function reserve(for_mode text, for_kind text, for_goal bigint, for_task bigint, for_call bigint, wanted bigint, as_status text,
      hour_cap bigint, day_cap bigint, month_cap bigint, market_day_cap bigint, goal_cap bigint, task_cap bigint)
    returns table (reservation_id bigint, refused_by text, used_micros bigint, limit_micros bigint) language plpgsql as $$
    declare gate_day int; used record; day_used bigint := 0; goal_used bigint := 0; task_used bigint := 0; now_at timestamptz; utc timestamp;
    begin
      select market_day into gate_day from spend_gate where mode = for_mode for update;
      now_at := clock_timestamp();
      if wanted is null or wanted <= 0 then raise exception 'a reservation needs a positive amount' using errcode = 'check_violation'; end if;
      select coalesce(sum(counted_micros) filter (where created_at > now_at - interval '1 hour'), 0)::bigint as hour,
             coalesce(sum(counted_micros) filter (where created_at > now_at - interval '24 hours'), 0)::bigint as day,
             coalesce(sum(counted_micros), 0)::bigint as month
        into used from reservation where mode = for_mode and created_at > now_at - interval '30 days';
      if hour_cap is not null and used.hour + wanted > hour_cap then return query select null::bigint, 'hour', used.hour, hour_cap; return; end if;
      if day_cap is not null and used.day + wanted > day_cap then return query select null::bigint, 'day', used.day, day_cap; return; end if;
      if month_cap is not null and used.month + wanted > month_cap then return query select null::bigint, 'month', used.month, month_cap; return; end if;
      if market_day_cap is not null then
        select coalesce(sum(counted_micros), 0) into day_used from reservation where mode = for_mode and market_day = gate_day;
        if day_used + wanted > market_day_cap then return query select null::bigint, 'market_day', day_used, market_day_cap; return; end if;
      end if;
      if goal_cap is not null then
        select coalesce(sum(counted_micros), 0) into goal_used from reservation where goal_id = for_goal and mode = for_mode and kind = for_kind;
        if goal_used + wanted > goal_cap then return query select null::bigint, 'goal', goal_used, goal_cap; return; end if;
      end if;
      if task_cap is not null then
        select coalesce(sum(counted_micros), 0) into task_used from reservation where goal_id = for_goal and mode = for_mode and task_id = for_task and kind = for_kind;
        if task_used + wanted > task_cap then return query select null::bigint, 'task', task_used, task_cap; return; end if;
      end if;
      utc := now_at at time zone 'UTC';
      perform note_near_cap(for_mode, 'hour', to_char(utc, 'YYYY-MM-DD HH24'), null, null, used.hour, wanted, hour_cap);
      perform note_near_cap(for_mode, 'day', to_char(utc, 'YYYY-MM-DD'), null, null, used.day, wanted, day_cap);
      perform note_near_cap(for_mode, 'month', to_char(utc, 'YYYY-MM'), null, null, used.month, wanted, month_cap);
      perform note_near_cap(for_mode, 'market_day', gate_day::text, null, null, day_used, wanted, market_day_cap);
      perform note_near_cap(for_mode, 'goal', for_goal || ':' || goal_cap, for_goal, null, goal_used, wanted, goal_cap);
      if for_kind = 'model' then perform note_near_cap(for_mode, 'task', for_task::text, for_goal, for_task, task_used, wanted, task_cap); end if;
      return query insert into reservation (mode, kind, goal_id, task_id, tool_call_id, status, amount_micros, counted_micros, market_day, sent_at, expires_at)
        values (for_mode, for_kind, for_goal, for_task, for_call, as_status, wanted, wanted, gate_day, case when as_status = 'sent' then now_at end, now_at + interval '5 minutes')
        returning id, null::text, null::bigint, null::bigint;
    end $$`,
  // For statements that do more: a refusal ends the whole of it.
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
