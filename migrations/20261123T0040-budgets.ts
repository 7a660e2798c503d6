// Outside expenses, budgets in every scope, goals that are held for spending too fast, customers in the books; and whose work brought an entry in.
import { type Kysely, sql } from 'kysely';

/** Lets a check of listed words take more of them; whatever it took before, it still takes. */
async function widen(db: Kysely<unknown>, check: { table: string; column: string; words: readonly string[] }): Promise<void> {
  const name = `${check.table}_${check.column}_check`;
  const { rows } = await sql<{ definition: string }>`
    select pg_get_constraintdef(oid) as definition from pg_constraint where conname = ${name} and conrelid = ${check.table}::regclass`.execute(
    db,
  );
  const before = [...(rows[0]?.definition ?? '').matchAll(/'([a-z_]+)'::text/g)].map((match) => match[1] ?? '');
  const words = [...new Set([...before, ...check.words])].map((word) => `'${word}'`).join(', ');
  await sql.raw(`alter table ${check.table} drop constraint if exists ${name}`).execute(db);
  await sql.raw(`alter table ${check.table} add constraint ${name} check (${check.column} in (${words}))`).execute(db);
}

const ID = 'id bigint generated always as identity primary key';
const MODE = `mode text not null check (mode in ('practice', 'live'))`;
const CREATED = 'created_at timestamptz not null default clock_timestamp()';
const SCOPE = `check (scope in ('calendar_month', 'goal_budget', 'agent', 'tool', 'model'))`;
const appendOnly = (table: string): string[] => [
  `create trigger append_only before update or delete on ${table} for each row execute function refuse_change()`,
  `create trigger no_truncate before truncate on ${table} for each statement execute function refuse_change()`,
];

const REQUESTS = [
  // A request of a person to people: it belongs to no goal's work, and goes on when a goal ends.
  `alter table approval alter column goal_id drop not null`,
  `alter table approval add column subject_id bigint`,
  `alter table approval add constraint approval_of_what check (case when kind in ('plan', 'act') then goal_id is not null when kind in ('expense', 'budget') then subject_id is not null else true end)`,
  // \`round\` counts what became of the same expense before: denied, expired or taken back.
  `create table expense (${ID}, ${MODE}, amount_micros bigint not null check (amount_micros > 0), payee text not null, what text not null, day date not null, goal_id bigint references goal,
    receipt text not null, receipt_sha256 text not null, reverses bigint references expense, asked_by text not null, fingerprint text not null, round int not null, ${CREATED}, unique (mode, fingerprint, round))`,
  ...appendOnly('expense'),
  `create table budget (${MODE}, scope text not null ${SCOPE}, name text not null, limit_micros bigint not null check (limit_micros >= 0), set_by text not null, set_at timestamptz not null default clock_timestamp(), primary key (mode, scope, name))`,
  `create table budget_change (${ID}, ${MODE}, scope text not null, name text not null, limit_micros bigint check (limit_micros >= 0), asked_by text not null, ${CREATED})`,
  ...appendOnly('budget_change'),
];

const SPENDING = [
  `alter table reservation add column agent text, add column tool text, add column model text`,
  `drop index reservation_window`,
  `create index reservation_window on reservation (mode, created_at) include (counted_micros, market_day, agent, tool, model)`,
  `alter table cap_warning add column name text not null default ''`,
  `drop function reserve_or_refuse(text, text, bigint, bigint, bigint, bigint, text, bigint, bigint, bigint, bigint, bigint, bigint)`,
  `drop function reserve(text, text, bigint, bigint, bigint, bigint, text, bigint, bigint, bigint, bigint, bigint, bigint)`,
  // A budget's month is the calendar's, in the zone of the books; a goal's budget is for its whole life. All under the one lock.
  `create function reserve(for_mode text, for_kind text, for_goal bigint, for_task bigint, for_call bigint, wanted bigint, as_status text,
      hour_cap bigint, day_cap bigint, month_cap bigint, market_day_cap bigint, goal_cap bigint, task_cap bigint,
      for_agent text default null, for_tool text default null, for_model text default null)
    returns table (reservation_id bigint, refused_by text, used_micros bigint, limit_micros bigint) language plpgsql as $$
    declare gate_day int; hour_used bigint := 0; day_used bigint := 0; month_used bigint := 0; market_used bigint := 0; goal_used bigint := 0; task_used bigint := 0;
      now_at timestamptz; utc timestamp; bound record; budget_used bigint; month_start timestamptz; month_name text;
      near_scopes text[]; near_names text[]; near_used bigint[]; near_limits bigint[];
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
      for bound in select b.scope, b.name, b.limit_micros as most from budget b where b.mode = for_mode and (b.scope = 'calendar_month'
          or (b.scope = 'goal_budget' and b.name = for_goal::text) or (b.scope = 'agent' and b.name = for_agent)
          or (b.scope = 'tool' and b.name = for_tool) or (b.scope = 'model' and b.name = for_model)) order by b.scope
      loop
        if month_start is null then
          select date_trunc('month', now_at at time zone zone) at time zone zone, to_char(now_at at time zone zone, 'YYYY-MM') into month_start, month_name from book_zone;
        end if;
        if bound.scope = 'goal_budget' then
          select coalesce(sum(counted_micros), 0) into budget_used from reservation where goal_id = for_goal and mode = for_mode;
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
          select for_mode, n.scope, concat_ws(':', n.name, case when n.scope <> 'goal_budget' then month_name end, n.most), n.name, case when n.scope = 'goal_budget' then for_goal end, n.used, n.most
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
      return query insert into reservation (mode, kind, goal_id, task_id, tool_call_id, status, amount_micros, counted_micros, market_day, sent_at, expires_at, agent, tool, model)
        values (for_mode, for_kind, for_goal, for_task, for_call, as_status, wanted, wanted, gate_day, case when as_status = 'sent' then now_at end, now_at + interval '5 minutes', for_agent, for_tool, for_model)
        returning id, null::text, null::bigint, null::bigint;
    end $$`,
  `create function reserve_or_refuse(for_mode text, for_kind text, for_goal bigint, for_task bigint, for_call bigint, wanted bigint, as_status text,
      hour_cap bigint, day_cap bigint, month_cap bigint, market_day_cap bigint, goal_cap bigint, task_cap bigint,
      for_agent text default null, for_tool text default null, for_model text default null)
    returns bigint language plpgsql as $$
    declare answer record;
    begin
      select * into answer from reserve(for_mode, for_kind, for_goal, for_task, for_call, wanted, as_status, hour_cap, day_cap, month_cap, market_day_cap, goal_cap, task_cap, for_agent, for_tool, for_model);
      if answer.refused_by is not null then
        raise exception 'the % cap refuses the reservation', answer.refused_by using errcode = 'JG001',
          detail = json_build_object('cap', answer.refused_by, 'used', answer.used_micros::text, 'limit', answer.limit_micros::text)::text;
      end if;
      return answer.reservation_id;
    end $$`,
  // A goal that spends without getting anywhere is held until a person says go.
  `alter table goal add column held_at timestamptz, add column hold_reason text, add column go_ahead_at timestamptz`,
];

const CUSTOMER_KEY = 'mode, day, customer, goal_id, launch_id';
const CUSTOMER_SUMS = ['revenue', 'refunds', 'fees', 'disputes'];
const customerSumsOf = (from: string): string => `
  select j.mode, (j.occurred_at at time zone z.zone)::date as day, j.customer, coalesce(j.goal_id, 0) as goal_id, coalesce(j.launch_id, 0) as launch_id,
    ${CUSTOMER_SUMS.map((account) => `coalesce(sum(p.amount_micros) filter (where p.account = '${account}'), 0)::bigint as ${account}_micros`).join(', ')}, count(distinct j.id) as journals
  from ${from} p join journal j on j.id = p.journal_id cross join book_zone z where j.customer is not null and p.currency = 'USD'
  group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`;
const CUSTOMER_COLUMNS = `${CUSTOMER_KEY}, ${CUSTOMER_SUMS.map((account) => `${account}_micros`).join(', ')}, journals`;

const BOOKS = [
  // Whose work an entry comes from: that of the task and the call it names.
  `create function attribute_entry() returns trigger language plpgsql as $$
    begin
      if new.agent is null and new.task_id is not null then new.agent := (select agent from task where id = new.task_id); end if;
      if new.tool is null and new.tool_call_id is not null then new.tool := (select tool from tool_call where id = new.tool_call_id); end if;
      return new;
    end $$`,
  `create trigger attribute_entry before insert on journal for each row when (new.task_id is not null or new.tool_call_id is not null) execute function attribute_entry()`,
  `create table ledger_customer (mode text not null, day date not null, customer text not null, goal_id bigint not null, launch_id bigint not null,
    ${CUSTOMER_SUMS.map((account) => `${account}_micros bigint not null`).join(', ')}, journals bigint not null, primary key (${CUSTOMER_KEY}))`,
  `create index ledger_customer_of on ledger_customer (mode, customer, day) include (${CUSTOMER_SUMS.map((account) => `${account}_micros`).join(', ')}, journals)`,
  `create index ledger_customer_goal on ledger_customer (goal_id, mode, day)`,
  `create function roll_up_customers() returns trigger language plpgsql as $$
    begin
      if not exists (select 1 from added p join journal j on j.id = p.journal_id where j.customer is not null) then return null; end if;
      insert into ledger_customer as kept (${CUSTOMER_COLUMNS}) ${customerSumsOf('added')}
        on conflict (${CUSTOMER_KEY}) do update set ${CUSTOMER_SUMS.map((account) => `${account}_micros = kept.${account}_micros + excluded.${account}_micros`).join(', ')}, journals = kept.journals + excluded.journals;
      return null;
    end $$`,
  `create trigger roll_up_customers after insert on posting referencing new table as added for each statement execute function roll_up_customers()`,
  // Right after a large load the planner knows nothing of the tables, and would look for every posting one by one.
  `create function rebuild_customer_days() returns void language plpgsql set enable_nestloop = off as $$
    begin
      lock table posting in share mode;
      delete from ledger_customer;
      insert into ledger_customer (${CUSTOMER_COLUMNS}) ${customerSumsOf('posting')};
    end $$`,
  `alter function rebuild_ledger_days(text) rename to rebuild_day_sums`,
  `create function rebuild_ledger_days(for_zone text) returns void language plpgsql as $$
    begin
      perform rebuild_day_sums(for_zone);
      perform rebuild_customer_days();
    end $$`,
  `select rebuild_customer_days()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  await widen(db, { table: 'posting', column: 'account', words: ['disputes', 'bank', 'fx', 'expense'] });
  await widen(db, { table: 'approval', column: 'kind', words: ['expense', 'budget'] });
  await widen(db, { table: 'task', column: 'wait_for', words: ['go_ahead'] });
  for (const statement of [...REQUESTS, ...SPENDING, ...BOOKS]) await sql.raw(statement).execute(db);
}
