// The market's own tables, in its own schema of its own role; product code cannot read them. Versions only ever go forward.
import type pg from 'pg';

/** One entry per version, run in order, each in the transaction that also records it. */
const VERSIONS: readonly string[] = [
  `
  create table market.clock (
    singleton boolean primary key default true check (singleton),
    market_id uuid not null default gen_random_uuid(),
    seed bigint not null,
    day integer not null default 1 check (day >= 1),
    -- how much of the day had passed when the bot last stopped
    day_fraction double precision not null default 0 check (day_fraction between 0 and 1),
    -- counts the processes that ran the market; a process with an older term may write nothing
    term bigint not null default 0
  );
  create table market.launch (
    id integer primary key,
    offer_id text not null,
    budget_micros bigint not null check (budget_micros >= 1000000),
    days integer not null check (days between 1 and 30),
    status text not null default 'running' check (status in ('running', 'ended', 'stopped')),
    started_day integer not null,
    visitors integer not null default 0,
    spent_micros bigint not null default 0 check (spent_micros between 0 and budget_micros),
    returned_micros bigint not null default 0,
    receipt text not null unique,
    idempotency_key text not null,
    check (status = 'running' or spent_micros + returned_micros = budget_micros)
  );
  create unique index launch_one_running on market.launch (offer_id) where status = 'running';
  create index launch_by_key on market.launch (idempotency_key);
  create table market.launch_day (
    launch_id integer not null references market.launch,
    day integer not null,
    visitors integer not null,
    spent_micros bigint not null,
    primary key (launch_id, day)
  );
  -- pay_day and refund_day are the future: they leave this schema only once they have come
  create table market.customer_order (
    id text primary key,
    launch_id integer not null references market.launch,
    visit_day integer not null,
    customer_id text not null,
    value_micros bigint not null check (value_micros > 0),
    fee_micros bigint not null,
    pay_day integer not null check (pay_day > visit_day),
    refund_day integer check (refund_day > pay_day),
    charged_day integer,
    refunded_day integer,
    check (refunded_day is null or charged_day is not null)
  );
  create index order_by_launch on market.customer_order (launch_id);
  create index order_to_charge on market.customer_order (pay_day) where charged_day is null;
  create index order_to_refund on market.customer_order (refund_day) where refund_day is not null and refunded_day is null;
  create table market.idempotency_key (
    key text primary key,
    request_hash text not null,
    kind text not null check (kind in ('launch', 'stop')),
    launch_id integer not null references market.launch,
    status integer not null,
    response text not null
  );
  create table market.journal (
    id bigint generated always as identity primary key,
    txn_id text not null unique,
    kind text not null check (kind in ('launch', 'stop', 'return', 'charge', 'refund')),
    day integer not null,
    launch_id integer not null references market.launch,
    order_id text references market.customer_order,
    charge_id text,
    idempotency_key text,
    amount_micros bigint not null,
    fee_micros bigint not null default 0,
    at timestamptz not null default now(),
    check ((kind in ('charge', 'refund')) = (order_id is not null))
  );
  create unique index journal_once_per_order on market.journal (order_id, kind) where order_id is not null;
  create function market.refuse_change() returns trigger language plpgsql as
    $$ begin raise exception 'market.journal is append-only' using errcode = 'restrict_violation'; end $$;
  create trigger journal_append_only before update or delete or truncate on market.journal
    for each statement execute function market.refuse_change();
  create table market.delivery (
    id bigint generated always as identity primary key,
    event_id text not null,
    type text not null,
    day integer not null,
    body text not null,
    -- held back on purpose, or the second copy of an event: the day's end does not wait for it
    held boolean not null,
    -- sent this often in a row
    copies integer not null check (copies > 0),
    due_at timestamptz not null,
    attempts integer not null default 0,
    delivered_at timestamptz
  );
  create index delivery_open on market.delivery (id) where delivered_at is null;
  create index delivery_by_day on market.delivery (day);
  `,
  `
  -- a buyer who comes back: which time it is, and their first order, which their luck hangs on; such an order is a future like any other
  alter table market.customer_order add column repeat integer not null default 0 check (repeat >= 0), add column buyer_day integer,
    add column buyer_index integer, add column first_pay_day integer;
  `,
  `
  -- the list shows what was launched lately
  create index launch_by_day on market.launch (started_day);
  `,
];

/** Brings the market's schema up to date. Call it only while holding the market's lock. */
export async function prepareSchema(client: pg.ClientBase): Promise<void> {
  const exists = await client.query("select to_regclass('market.schema_version') is not null as ready");
  if (exists.rows[0]?.ready !== true) {
    await client.query('create schema if not exists market');
    await client.query(
      'create table if not exists market.schema_version (version integer primary key, at timestamptz not null default now())',
    );
  }
  const { rows } = await client.query('select coalesce(max(version), 0)::integer as version from market.schema_version');
  for (let version = Number(rows[0]?.version) + 1; version <= VERSIONS.length; version += 1) {
    await client.query(`begin; ${VERSIONS[version - 1]}; insert into market.schema_version (version) values (${version}); commit`);
  }
}
