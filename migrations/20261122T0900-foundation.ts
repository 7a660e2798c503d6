// Goals, plans, tasks, tool calls, approvals, money, audit, messages: the first closed loop and its laws.
import { type Kysely, sql } from 'kysely';

async function run(db: Kysely<unknown>, statements: string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const MODE = `mode text not null check (mode in ('practice', 'live'))`;
const ID = 'id bigint generated always as identity primary key';
const CREATED = 'created_at timestamptz not null default clock_timestamp()';

const PEOPLE_AND_PROCESSES = [
  `create table control (id int primary key check (id = 1), paused_at timestamptz, paused_by text, pause_reason text)`,
  `insert into control (id) values (1)`,
  `create table process (${ID}, pool_id text not null, host text not null, pid int not null, started_at timestamptz not null default clock_timestamp(), stopped_at timestamptz)`,
  `create index process_alive on process (id) where stopped_at is null`,
  `create table slot (schedule text not null, slot_at timestamptz not null, process_id bigint not null references process, ${CREATED}, primary key (schedule, slot_at))`,
  `create table member (platform_id text primary key check (platform_id ~ '^[a-z]+:.+'), person text not null, role text check (role in ('viewer', 'operator', 'approver', 'owner')), added_by text not null, ${CREATED})`,
  `create table access_token (${ID}, platform_id text not null, token_hash text not null unique, created_by text not null, ${CREATED}, revoked_at timestamptz)`,
  `create table practice_far_side (id int primary key check (id = 1), url text, api_key text not null, webhook_secret text not null)`,
];

const GOALS_AND_TASKS = [
  `create table goal (${ID}, ${MODE}, title text not null, request text not null, means text not null check (means in ('market', 'other')),
    metric text check (metric in ('revenue', 'profit', 'document')), target_micros bigint check (target_micros >= 0),
    budget_micros bigint not null default 0 check (budget_micros >= 0), deadline timestamptz,
    status text not null check (status in ('draft', 'planning', 'question', 'plan_review', 'running', 'done', 'failed', 'cancelled')),
    question text, notes jsonb not null default '[]', given_by text not null, given_by_person text not null, may_start_alone boolean not null default false, tainted boolean not null default false,
    stop_reason text, attempt int not null default 0, ${CREATED}, updated_at timestamptz not null default clock_timestamp(), ended_at timestamptz)`,
  `create index goal_open on goal (id) where status not in ('done', 'failed', 'cancelled')`,
  `create table plan (${ID}, goal_id bigint not null references goal, revision int not null, status text not null check (status in ('proposed', 'approved', 'rejected', 'superseded')),
    summary text not null, success_measure text not null, tasks jsonb not null, model text not null, ${CREATED}, unique (goal_id, revision))`,
  `create table task (${ID}, ${MODE}, goal_id bigint not null references goal, plan_id bigint not null references plan, key text not null, kind text not null, title text not null, why text not null,
    agent text not null default 'generalist', priority int not null check (priority between 0 and 3),
    status text not null check (status in ('pending', 'blocked', 'waiting', 'waiting_approval', 'running', 'done', 'failed', 'dead', 'cancelled')),
    expected_cost_micros bigint not null, expected_evidence text not null, risk_score real not null, risk_level text not null,
    attempt int not null default 0, max_attempts int not null default 3, ready_at timestamptz not null default clock_timestamp(),
    rank_at timestamp generated always as ((ready_at at time zone 'UTC') + priority * interval '10 minutes') stored,
    wait_for text check (wait_for in ('time', 'market_day', 'order', 'reply')), wait_market_day int, wait_call_id bigint, wait_deadline timestamptz,
    lease_owner bigint references process, lease_until timestamptz, fence bigint not null default 0, cancel_requested boolean not null default false,
    steps int not null default 0, summary text, error text, stop_reason text, ${CREATED}, updated_at timestamptz not null default clock_timestamp(), started_at timestamptz, ended_at timestamptz, retried_at timestamptz,
    unique (plan_id, key),
    check (status <> 'running' or (lease_owner is not null and lease_until is not null)),
    check (status <> 'waiting' or (wait_for is not null and wait_deadline is not null)))`,
  `create index task_due on task (ready_at) where status in ('pending', 'waiting')`,
  `create index task_claim on task (mode, rank_at, id) where status = 'pending'`,
  // What was begun before is resumed whatever the hour's limit says; found without walking through all that was never begun.
  `create index task_resume on task (mode, rank_at, id) where status = 'pending' and started_at is not null`,
  `create index task_waiting on task (ready_at) where status = 'waiting'`,
  `create index task_running on task (lease_owner) where status = 'running'`,
  `create index task_of_goal on task (goal_id)`,
  `create index task_started on task (started_at)`,
  `create table task_dependency (task_id bigint not null references task, depends_on bigint not null references task, primary key (task_id, depends_on), check (task_id <> depends_on))`,
  `create index task_dependency_back on task_dependency (depends_on)`,
];

const ACTS = [
  `create table turn (${ID}, goal_id bigint not null references goal, task_id bigint references task, attempt int not null, seq int not null, text text not null, model text not null,
    input_tokens int, output_tokens int, stop_reason text, ${CREATED}, unique (task_id, attempt, seq))`,
  `create table approval (${ID}, ${MODE}, kind text not null check (kind in ('plan', 'act')), goal_id bigint not null references goal, task_id bigint references task, plan_id bigint references plan,
    title text not null, status text not null check (status in ('pending', 'approved', 'denied', 'changes', 'expired', 'cancelled')), asked_by text not null,
    amount_micros bigint not null check (amount_micros >= 0), payee text, risk_score real not null, risk_level text not null check (risk_level in ('low', 'medium', 'high', 'critical')),
    factors jsonb not null, reversible boolean not null, outward boolean not null, story jsonb not null, request_hash text not null,
    needed int not null check (needed between 1 and 2), type_amount boolean not null, silence_approves_at timestamptz, expires_at timestamptz not null,
    remind_at timestamptz, reminders int not null default 0, decided_at timestamptz, decided_by text, reason text, approved_micros bigint, ${CREATED})`,
  `create index approval_pending on approval (least(remind_at, silence_approves_at, expires_at)) where status = 'pending'`,
  `create unique index approval_one_pending_plan on approval (plan_id) where status = 'pending' and plan_id is not null`,
  `create index approval_of_goal on approval (goal_id)`,
  `create table approval_vote (approval_id bigint not null references approval, person text not null, platform_id text not null, surface text not null, ${CREATED}, primary key (approval_id, person))`,
  `create table standing_grant (${ID}, ${MODE}, tool text not null, tool_hash text not null, payee text, each_micros bigint not null check (each_micros >= 0), total_micros bigint not null check (total_micros >= 0),
    uses int not null check (uses > 0), used int not null default 0, used_micros bigint not null default 0, expires_at timestamptz not null, created_by text not null, ${CREATED},
    revoked_at timestamptz, revoked_by text, check (used <= uses), check (used_micros <= total_micros))`,
  `create table tool_call (${ID}, ${MODE}, goal_id bigint not null references goal, task_id bigint not null references task, turn_id bigint not null references turn, call_ref text not null, attempt int not null,
    tool text not null, tool_version text not null, act text not null, touches text not null, arguments jsonb not null, request_hash text, amount_micros bigint not null default 0, payee text, effect text,
    tainted boolean not null, risk_score real not null, risk_level text not null, factors jsonb not null,
    status text not null check (status in ('invalid', 'proposed', 'waiting_approval', 'approved', 'executing', 'done', 'failed', 'unknown', 'refused', 'denied', 'expired', 'cancelled')),
    idempotency_key text not null unique, approval_id bigint references approval, grant_id bigint references standing_grant, fence bigint,
    output jsonb, error text, receipt text, spent_micros bigint, ${CREATED}, started_at timestamptz, ended_at timestamptz, unique (turn_id, call_ref))`,
  `create index tool_call_of_task on tool_call (task_id)`,
  `create index tool_call_of_approval on tool_call (approval_id) where approval_id is not null`,
  `create index tool_call_rate on tool_call (tool, started_at)`,
  `create index tool_call_open on tool_call (id) where status in ('executing', 'unknown')`,
  `create table evidence (${ID}, task_id bigint not null references task, tool_call_id bigint not null references tool_call, kind text not null, source text not null, sha256 text not null, ${CREATED})`,
  `create index evidence_of_task on evidence (task_id)`,
  `create table document (${ID}, ${MODE}, goal_id bigint not null references goal, task_id bigint not null references task, title text not null, ${CREATED})`,
  `create unique index document_title on document (goal_id, title)`,
  `create table document_version (${ID}, document_id bigint not null references document, version int not null, body text not null, sha256 text not null, figures jsonb not null, tool_call_id bigint not null references tool_call, ${CREATED}, unique (document_id, version))`,
  `create table launch (${ID}, ${MODE}, goal_id bigint not null references goal, task_id bigint not null references task, tool_call_id bigint not null unique references tool_call, external_id text not null, offer_id text not null, name text not null,
    budget_micros bigint not null, days int not null, started_day int not null, status text not null check (status in ('running', 'ended', 'stopped')), ${CREATED}, unique (mode, external_id))`,
  `create index launch_of_goal on launch (goal_id)`,
  `create table metric_point (launch_id bigint not null references launch, day int not null, name text not null, value bigint not null, tool_call_id bigint not null references tool_call, ${CREATED}, primary key (launch_id, day, name))`,
];

const MONEY = [
  `create table spend_gate (mode text primary key check (mode in ('practice', 'live')), market_day int not null default 0)`,
  `insert into spend_gate (mode) values ('practice'), ('live')`,
  `create table cap_setting (mode text not null, period text not null check (period in ('hour', 'day', 'month', 'market_day')), limit_micros bigint not null check (limit_micros >= 0), set_by text not null, ${CREATED}, primary key (mode, period))`,
  `create table reservation (${ID}, ${MODE}, kind text not null check (kind in ('model', 'act')), goal_id bigint references goal, task_id bigint references task, tool_call_id bigint references tool_call,
    status text not null check (status in ('held', 'sent', 'settled', 'released')), amount_micros bigint not null check (amount_micros > 0), counted_micros bigint not null check (counted_micros >= 0),
    market_day int, ${CREATED}, sent_at timestamptz, settled_at timestamptz, expires_at timestamptz not null)`,
  `create index reservation_window on reservation (mode, created_at) include (counted_micros, market_day)`,
  `create index reservation_market_day on reservation (mode, market_day) include (counted_micros)`,
  // One row a cap and period that went over four fifths; somebody tells people of it.
  `create table cap_warning (mode text not null, cap text not null, period text not null, goal_id bigint references goal, task_id bigint references task,
    used_micros bigint not null, limit_micros bigint not null, ${CREATED}, told_at timestamptz, primary key (mode, cap, period))`,
  `create index cap_warning_untold on cap_warning (created_at) where told_at is null`,
  `create index reservation_of_goal on reservation (goal_id, mode) include (counted_micros, task_id, kind)`,
  `create index reservation_of_call on reservation (tool_call_id) where tool_call_id is not null`,
  `create index reservation_held on reservation (expires_at) where status = 'held'`,
  `create table journal (${ID}, ${MODE}, source text not null, external_id text not null, kind text not null, memo text not null, occurred_at timestamptz not null, ${CREATED},
    goal_id bigint references goal, task_id bigint references task, tool_call_id bigint references tool_call, launch_id bigint references launch, agent text, tool text, model text, customer text, assumed boolean not null default false, unique (source, external_id))`,
  `create index journal_of_goal on journal (goal_id)`,
  `create index journal_when on journal (mode, occurred_at)`,
  `create table posting (${ID}, journal_id bigint not null references journal, account text not null check (account in ('cash', 'processor', 'model_payable', 'revenue', 'refunds', 'fees', 'offer_spend', 'model_cost', 'tool_cost')),
    amount_micros bigint not null check (amount_micros <> 0), currency text not null check (currency ~ '^[A-Z]{3}$'))`,
  `create index posting_of_journal on posting (journal_id)`,
  `create table payment_event (${ID}, source text not null, event_id text not null, ${MODE}, type text not null, body jsonb not null, received_at timestamptz not null default clock_timestamp(), booked_at timestamptz, error text, unique (source, event_id))`,
  `create index payment_event_open on payment_event (id) where booked_at is null`,
];

const SPEECH_AND_AUDIT = [
  `create sequence message_change`,
  `create table message (${ID}, channel text not null check (channel in ('goals', 'approvals', 'experiments', 'revenue')), goal_id bigint references goal, key text unique, card jsonb not null,
    version int not null default 1, change bigint not null default nextval('message_change'), ${CREATED}, edited_at timestamptz)`,
  `create unique index message_change_index on message (change)`,
  `create index message_channel on message (channel, id)`,
  `create index message_thread on message (goal_id, id)`,
  `create table audit (${ID}, at timestamptz not null default clock_timestamp(), ${MODE}, actor text not null, action text not null, subject_kind text not null, subject_id bigint, detail jsonb not null)`,
  `create index audit_subject on audit (subject_kind, subject_id)`,
  `create table audit_unsealed (audit_id bigint primary key)`,
  `create table audit_seal (seq bigint primary key, audit_id bigint not null unique, hash text not null, sealed_at timestamptz not null default clock_timestamp())`,
];

const LAWS = [
  `create function refuse_change() returns trigger language plpgsql as $$ begin raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation'; end $$`,
  ...['journal', 'posting', 'audit', 'audit_seal', 'evidence', 'document_version', 'metric_point'].flatMap((table) => [
    `create trigger append_only before update or delete on ${table} for each row execute function refuse_change()`,
    `create trigger no_truncate before truncate on ${table} for each statement execute function refuse_change()`,
  ]),
  `create function balance_law() returns trigger language plpgsql as $$
    declare wrong text;
    begin
      select 'currency ' || currency || ' sums to ' || sum(amount_micros) into wrong from posting where journal_id = new.journal_id group by currency having sum(amount_micros) <> 0 limit 1;
      if wrong is not null then raise exception 'journal % does not balance: %', new.journal_id, wrong using errcode = 'check_violation'; end if;
      return null;
    end $$`,
  `create constraint trigger balanced after insert on posting deferrable initially deferred for each row execute function balance_law()`,
  `create function postings_law() returns trigger language plpgsql as $$
    begin
      if not exists (select 1 from posting where journal_id = new.id) then raise exception 'journal % has no postings', new.id using errcode = 'check_violation'; end if;
      return null;
    end $$`,
  `create constraint trigger has_postings after insert on journal deferrable initially deferred for each row execute function postings_law()`,
  `create function mark_unsealed() returns trigger language plpgsql as $$ begin insert into audit_unsealed values (new.id); perform pg_notify('jug_audit', ''); return null; end $$`,
  `create trigger mark_unsealed after insert on audit for each row execute function mark_unsealed()`,
  `create function tell_message() returns trigger language plpgsql as $$ begin perform pg_notify('jug_message', ''); return null; end $$`,
  `create trigger tell_message after insert or update on message for each statement execute function tell_message()`,
  `create function tell_due() returns trigger language plpgsql as $$ begin perform pg_notify('jug_due', ''); return null; end $$`,
  `create trigger tell_due after insert or update on task for each row when (new.status = 'waiting' or (new.status = 'pending' and new.ready_at > clock_timestamp())) execute function tell_due()`,
  `create trigger tell_due after insert or update on approval for each row when (new.status = 'pending') execute function tell_due()`,
  `create function tell_control() returns trigger language plpgsql as $$ begin perform pg_notify('jug_control', ''); return null; end $$`,
  `create trigger tell_control after update on control for each statement execute function tell_control()`,
  `create trigger tell_process after insert on process for each statement execute function tell_control()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  await run(db, [...PEOPLE_AND_PROCESSES, ...GOALS_AND_TASKS, ...ACTS, ...MONEY, ...SPEECH_AND_AUDIT, ...LAWS]);
}
