// Experiments: the contract, every step of its life, variants, daily readings, the day's decision; lessons and who read them;
// tasks whose turns are written by code, and the standing goal and grants such tasks work under.
import { type Kysely, sql } from 'kysely';

const ID = 'id bigint generated always as identity primary key';
const MODE = `mode text not null check (mode in ('practice', 'live'))`;
const CREATED = 'created_at timestamptz not null default clock_timestamp()';
const STATE = `in ('draft', 'proposed', 'approved', 'running', 'measuring', 'concluded', 'cancelled')`;
const OVER = `('concluded', 'cancelled')`;
const MONEY = (column: string): string => `${column} bigint not null check (${column} >= 0)`;
const appendOnly = (table: string): string[] => [
  `create trigger append_only before update or delete on ${table} for each row execute function refuse_change()`,
  `create trigger no_truncate before truncate on ${table} for each statement execute function refuse_change()`,
];

const EXPERIMENTS = [
  // A day is a market day in practice, and the number of the calendar's day in live.
  `create table experiment (${ID}, ${MODE}, goal_id bigint not null references goal, opportunity_id bigint references opportunity, name text not null, source text not null, category text not null default '', channel text not null default '',
    risk_class text not null check (risk_class in ('low', 'medium', 'high')), contract jsonb not null, contract_hash text not null, ${MONEY('max_loss_micros')}, ${MONEY('budget_micros')}, expected jsonb not null default '{}',
    state text not null default 'draft' check (state ${STATE}), state_since timestamptz not null default clock_timestamp(), state_deadline timestamptz, state_deadline_day int, alerted_at timestamptz,
    held_at timestamptz, hold_reason text, started_day int, deadline_day int, ended_day int, verdict text check (verdict in ('scale', 'keep', 'kill', 'inconclusive')), verdict_reason text, verdict_detail jsonb,
    created_by text not null, ${CREATED}, ended_at timestamptz,
    check ((state in ${OVER}) = (ended_at is not null)), check ((state = 'concluded') = (verdict is not null)), check (state in ${OVER} or state_deadline is not null or state_deadline_day is not null),
    check (state not in ('running', 'measuring') or (started_day is not null and deadline_day is not null)), check ((held_at is null) = (hold_reason is null)))`,
  `create unique index experiment_of_opportunity on experiment (opportunity_id) where opportunity_id is not null and state not in ${OVER}`,
  `create index experiment_open on experiment (mode, id) where state not in ${OVER}`,
  `create index experiment_newest on experiment (mode, id)`,
  `create index experiment_of_goal on experiment (goal_id, id)`,
  `create table experiment_step (${ID}, experiment_id bigint not null references experiment, seq int not null, from_state text check (from_state ${STATE}), to_state text not null check (to_state ${STATE}),
    event text not null, reason text not null, by_whom text not null, day int, at timestamptz not null default clock_timestamp(), unique (experiment_id, seq))`,
  ...appendOnly('experiment_step'),
  // What was launched for an experiment is found by its goal and offer.
  `create index launch_of_goal_offer on launch (goal_id, offer_id, started_day)`,
  // One way of selling within an experiment; offer_id where a market sells it, page_slug where a page of ours does.
  `create table experiment_variant (${ID}, ${MODE}, experiment_id bigint not null references experiment, name text not null, price_micros bigint not null check (price_micros > 0), visitor_cost_micros bigint not null check (visitor_cost_micros >= 0),
    capacity_per_day int check (capacity_per_day >= 0), channel text not null default '', offer_id text, page_slug text unique, status text not null default 'open' check (status in ('open', 'stopped')), ${CREATED}, unique (experiment_id, name))`,
  `create index experiment_variant_of_offer on experiment_variant (mode, offer_id) where offer_id is not null`,
  // What was known on the morning of a day, all counts since the start, and what the day was given.
  `create table experiment_reading (variant_id bigint not null references experiment_variant, experiment_id bigint not null references experiment, day int not null, visitors int not null check (visitors >= 0), orders int not null check (orders >= 0), refunds int not null check (refunds >= 0),
    revenue_micros bigint not null, refunded_micros bigint not null, fees_micros bigint not null, spend_micros bigint not null, posterior jsonb not null, evidence jsonb not null, allocated_micros bigint not null check (allocated_micros >= 0), ${CREATED}, primary key (variant_id, day))`,
  `create index experiment_reading_of on experiment_reading (experiment_id, day)`,
  ...appendOnly('experiment_reading'),
  // The decision of a day: written once, and its calls are made from it.
  `create table experiment_review (${MODE}, day int not null, task_id bigint not null unique references task, decision jsonb not null, ${CREATED}, primary key (mode, day))`,
  ...appendOnly('experiment_review'),
];

const LESSONS = [
  `create table lesson (${ID}, ${MODE}, kind text not null check (kind in ('effect', 'failure', 'pattern')), dimension text not null, value text not null, measure text not null, effect double precision not null, spread double precision not null check (spread >= 0),
    support int not null check (support > 0), confidence double precision not null check (confidence between 0 and 1), words text not null, experiment_id bigint references experiment, predicted int not null default 0 check (predicted >= 0), missed int not null default 0 check (missed between 0 and predicted),
    ${CREATED}, updated_at timestamptz not null default clock_timestamp(), retired_at timestamptz, retired_reason text, check ((retired_at is null) = (retired_reason is null)))`,
  // What is believed of one thing is one lesson, which its next experiments make surer; a failure is of its experiment.
  `create unique index lesson_subject on lesson (mode, kind, dimension, value, measure) where retired_at is null and kind <> 'failure'`,
  `create unique index lesson_failure on lesson (experiment_id, measure) where kind = 'failure'`,
  `create index lesson_newest on lesson (mode, id)`,
  `create table lesson_use (${ID}, lesson_id bigint not null references lesson, decision text not null check (decision in ('proposal', 'prior', 'score', 'plan', 'estimate', 'scan')), subject_kind text not null, subject_id bigint not null, detail text not null, ${CREATED},
    unique (lesson_id, decision, subject_kind, subject_id))`,
  `create index lesson_use_subject on lesson_use (subject_kind, subject_id)`,
  ...appendOnly('lesson_use'),
];

const POLICY_TASKS = [
  // The goal of what is tried under the standing budget: one a mode, never over.
  `alter table goal add column standing boolean not null default false`,
  `create unique index goal_standing on goal (mode) where standing`,
  // A task whose turns are written by this policy, in code, instead of a model.
  `alter table task add column policy text check (policy in ('review', 'start', 'rollback', 'weekly')), add column policy_input jsonb, add column experiment_id bigint references experiment`,
  `create index task_policy on task (mode, rank_at, id) where status = 'pending' and policy is not null`,
  `create index task_of_experiment on task (experiment_id) where experiment_id is not null`,
  `create index task_policy_open on task (goal_id, id) where policy is not null and status not in ('done', 'failed', 'dead', 'cancelled')`,
  // A grant of an experiment: for its goal's policy tasks only, and only calls whose arguments have these.
  `alter table standing_grant add column experiment_id bigint references experiment, add column goal_id bigint references goal, add column arguments jsonb`,
  `create index standing_grant_of_experiment on standing_grant (experiment_id) where experiment_id is not null`,
  // Tasks of policies begin by the market's days, each once; the hour's limit is for what a model may begin.
  `create or replace function claim_next(for_mode text, by_process bigint, lease_seconds int, max_running int, max_per_hour int)
    returns table (claimed task, more boolean) language plpgsql set enable_sort = off set enable_seqscan = off set enable_bitmapscan = off as $$
    declare chosen bigint; is_new boolean; now_at timestamptz; started int;
    begin
      perform pg_advisory_xact_lock(7701);
      perform set_config('synchronous_commit', 'off', true);
      if exists (select 1 from control where paused_at is not null) then return; end if;
      now_at := clock_timestamp();
      if (select count(*) from task where status = 'running') < max_running then
        select id, started_at is null and policy is null into chosen, is_new from task where mode = for_mode and status = 'pending' and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
        if is_new then
          select count(*) into started from (select 1 from task where started_at > now_at - interval '1 hour' and policy is null limit max_per_hour) recent;
          if started >= max_per_hour then
            select id into chosen from task where mode = for_mode and status = 'pending' and started_at is not null and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
            if chosen is null then
              select id into chosen from task where mode = for_mode and status = 'pending' and policy is not null and ready_at <= now_at order by rank_at, id limit 1 for update skip locked;
            end if;
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
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...EXPERIMENTS, ...LESSONS, ...POLICY_TASKS]) await sql.raw(statement).execute(db);
}
