// Experiments in the books: a launch knows its experiment, a reservation too; an experiment has a budget like a goal, under the same lock.
import { type Kysely, sql } from 'kysely';

const SCOPES = `('calendar_month', 'goal_budget', 'experiment', 'agent', 'tool', 'model')`;

const LAUNCHES = [
  `alter table launch add column experiment_id bigint references experiment`,
  // The newest experiment of the goal that sells this offer and was not over by then.
  `create function experiment_of_launch(l launch) returns bigint language sql stable as $$
    select e.id from experiment_variant v join experiment e on e.id = v.experiment_id
    where e.goal_id = l.goal_id and e.mode = l.mode and v.offer_id = l.offer_id and e.created_at <= l.created_at and (e.ended_day is null or l.started_day <= e.ended_day)
    order by e.id desc limit 1 $$`,
  `update launch l set experiment_id = coalesce(experiment_of_launch(l), (select v.experiment_id from page_version n join offer_page p on p.id = n.page_id
    join experiment_variant v on v.page_slug = p.slug and v.mode = p.mode where n.launch_id = l.id limit 1))`,
  `create index launch_of_experiment on launch (experiment_id) where experiment_id is not null`,
  `create function note_experiment() returns trigger language plpgsql as $$
    begin
      new.experiment_id := coalesce(new.experiment_id, experiment_of_launch(new));
      return new;
    end $$`,
  `create trigger note_experiment before insert on launch for each row execute function note_experiment()`,
  // What a page sells through belongs to the experiment that the page is a variant of.
  `create function note_page_experiment() returns trigger language plpgsql as $$
    begin
      update launch set experiment_id = v.experiment_id from offer_page p join experiment_variant v on v.page_slug = p.slug and v.mode = p.mode
        where launch.id = new.launch_id and p.id = new.page_id and launch.experiment_id is null;
      return null;
    end $$`,
  `create trigger note_page_experiment after insert on page_version for each row execute function note_page_experiment()`,
];

const BUDGETS = [
  `alter table reservation add column experiment_id bigint references experiment`,
  `create index reservation_of_experiment on reservation (experiment_id, mode) include (counted_micros) where experiment_id is not null`,
  `alter table budget drop constraint budget_scope_check, add constraint budget_scope_check check (scope in ${SCOPES})`,
  `create or replace function reserve(for_mode text, for_kind text, for_goal bigint, for_task bigint, for_call bigint, wanted bigint, as_status text,
      hour_cap bigint, day_cap bigint, month_cap bigint, market_day_cap bigint, goal_cap bigint, task_cap bigint,
      for_agent text default null, for_tool text default null, for_model text default null)
    returns table (reservation_id bigint, refused_by text, used_micros bigint, limit_micros bigint) language plpgsql as $$
    declare gate_day int; hour_used bigint := 0; day_used bigint := 0; month_used bigint := 0; market_used bigint := 0; goal_used bigint := 0; task_used bigint := 0;
      now_at timestamptz; utc timestamp; bound record; budget_used bigint; month_start timestamptz; month_name text;
      for_experiment bigint; near_scopes text[]; near_names text[]; near_used bigint[]; near_limits bigint[];
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
      -- An experiment's calls are those under its grant, and those of its own tasks.
      if for_call is not null then
        select coalesce(g.experiment_id, t.experiment_id) into for_experiment from tool_call c join task t on t.id = c.task_id left join standing_grant g on g.id = c.grant_id where c.id = for_call;
      end if;
      for bound in select b.scope, b.name, b.limit_micros as most from budget b where b.mode = for_mode and (b.scope = 'calendar_month'
          or (b.scope = 'goal_budget' and b.name = for_goal::text) or (b.scope = 'experiment' and b.name = for_experiment::text) or (b.scope = 'agent' and b.name = for_agent)
          or (b.scope = 'tool' and b.name = for_tool) or (b.scope = 'model' and b.name = for_model)) order by b.scope
      loop
        if month_start is null then
          select date_trunc('month', now_at at time zone zone) at time zone zone, to_char(now_at at time zone zone, 'YYYY-MM') into month_start, month_name from book_zone;
        end if;
        if bound.scope = 'goal_budget' then
          select coalesce(sum(counted_micros), 0) into budget_used from reservation where goal_id = for_goal and mode = for_mode;
        elsif bound.scope = 'experiment' then
          select coalesce(sum(counted_micros), 0) into budget_used from reservation where experiment_id = for_experiment and mode = for_mode;
        else
          select coalesce(sum(counted_micros), 0) into budget_used from reservation where mode = for_mode and created_at >= month_start
            and case bound.scope when 'agent' then agent = bound.name when 'tool' then tool = bound.name when 'model' then model = bound.name else true end;
        end if;
        if budget_used + wanted > bound.most then return query select null::bigint, concat_ws(':', bound.scope, nullif(bound.name, '')), budget_used, bound.most; return; end if;
        if budget_used * 100 < bound.most * 80 and (budget_used + wanted) * 100 >= bound.most * 80 then
          near_scopes := array_append(near_scopes, bound.scope); near_names := array_append(near_names, bound.name);
          near_used := array_append(near_used, budget_used + wanted); near_limits := array_append(near_limits, bound.most);
        end if;
      end loop;
      if near_scopes is not null then
        insert into cap_warning (mode, cap, period, name, goal_id, used_micros, limit_micros)
          select for_mode, n.scope, concat_ws(':', n.name, case when n.scope not in ('goal_budget', 'experiment') then month_name end, n.most), n.name, case when n.scope = 'goal_budget' then for_goal end, n.used, n.most
          from unnest(near_scopes, near_names, near_used, near_limits) as n(scope, name, used, most) on conflict do nothing;
        if found then perform pg_notify('jug_due', ''); end if;
      end if;
      utc := now_at at time zone 'UTC';
      if hour_cap is not null then perform note_near_cap(for_mode, 'hour', to_char(utc, 'YYYY-MM-DD HH24'), null, null, hour_used, wanted, hour_cap); end if;
      if day_cap is not null then perform note_near_cap(for_mode, 'day', to_char(utc, 'YYYY-MM-DD'), null, null, day_used, wanted, day_cap); end if;
      if month_cap is not null then perform note_near_cap(for_mode, 'month', to_char(utc, 'YYYY-MM'), null, null, month_used, wanted, month_cap); end if;
      if market_day_cap is not null then perform note_near_cap(for_mode, 'market_day', gate_day::text, null, null, market_used, wanted, market_day_cap); end if;
      if goal_cap is not null then perform note_near_cap(for_mode, 'goal', for_goal || ':' || goal_cap, for_goal, null, goal_used, wanted, goal_cap); end if;
      if for_kind = 'model' and task_cap is not null then perform note_near_cap(for_mode, 'task', for_task::text, for_goal, for_task, task_used, wanted, task_cap); end if;
      return query insert into reservation (mode, kind, goal_id, task_id, tool_call_id, status, amount_micros, counted_micros, market_day, sent_at, expires_at, agent, tool, model, experiment_id)
        values (for_mode, for_kind, for_goal, for_task, for_call, as_status, wanted, wanted, gate_day, case when as_status = 'sent' then now_at end, now_at + interval '5 minutes', for_agent, for_tool, for_model, for_experiment)
        returning id, null::text, null::bigint, null::bigint;
    end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...LAUNCHES, ...BUDGETS]) await sql.raw(statement).execute(db);
}
