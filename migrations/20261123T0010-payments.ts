// A payment provider beside the practice market: accounts for disputes and for what nobody can name yet, payment links, nightly reconciliations.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // Added to whatever the list is by now, so that no other change to it is undone.
  `do $$
    declare law text;
    begin
      select pg_get_constraintdef(oid) into law from pg_constraint where conrelid = 'posting'::regclass and conname = 'posting_account_check';
      law := replace(law, '''revenue''::text', '''revenue''::text, ''disputes''::text, ''suspense''::text');
      execute 'alter table posting drop constraint posting_account_check, add constraint posting_account_check ' || law;
    end $$`,
  `create table payment_source (source text not null, mode text not null, connected_at timestamptz not null default clock_timestamp(), primary key (source, mode))`,
  `create table payment_link (launch_id bigint primary key references launch, mode text not null, external_id text not null, url text not null, price_id text not null, name text not null,
    amount_micros bigint not null check (amount_micros > 0), currency text not null check (currency ~ '^[A-Z]{3}$'), wanted_active boolean not null default true, active boolean not null default true,
    changed_by text, changed_why text, changed_at timestamptz, unique (mode, external_id))`,
  `create table payment (mode text not null, charge_id text not null, launch_id bigint references launch, customer text, amount_micros bigint not null check (amount_micros > 0), refunded_micros bigint not null default 0,
    currency text not null, booked_micros bigint not null, booked_currency text not null, created_at timestamptz not null default clock_timestamp(), primary key (mode, charge_id))`,
  `create index payment_link_to_change on payment_link (mode) where wanted_active <> active`,
  `create table payment_reconciliation (id bigint primary key generated always as identity, mode text not null, source text not null, from_at timestamptz not null, to_at timestamptz not null,
    transactions int not null, fetched int not null, sums jsonb not null, unbooked jsonb not null, created_at timestamptz not null default clock_timestamp())`,
  `create index payment_reconciliation_last on payment_reconciliation (source, mode, id desc)`,
  // What a rate is made of, by launch; sales are counted in ledger_day.
  `create index journal_of_trouble on journal (launch_id, occurred_at) where kind in ('refund', 'dispute') and launch_id is not null`,
  `create index journal_unattributed on journal (source, mode, id) where launch_id is null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
