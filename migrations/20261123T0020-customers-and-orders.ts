// Who paid, what they are owed and what proves that they got it: customers, orders with their history, receipts, promises.
import { type Kysely, sql } from 'kysely';

const MODE = `mode text not null check (mode in ('practice', 'live'))`;
const ID = 'id bigint generated always as identity primary key';
const CREATED = 'created_at timestamptz not null default clock_timestamp()';
const STATUS = `in ('paid', 'fulfilling', 'fulfilled', 'failed', 'refunded')`;

const STATEMENTS = [
  // Beside the events as they came, the only place with a name or an address; the books know a customer by the processor's id alone.
  `create table customer (${ID}, ${MODE}, source text not null, external_id text not null, name text, email text,
    consent text not null default 'none' check (consent in ('none', 'given', 'withdrawn')), first_order_at timestamptz not null, last_order_at timestamptz not null,
    erased_at timestamptz, erased_by text, ${CREATED}, unique (mode, source, external_id), check (erased_at is null or (name is null and email is null)))`,
  // How the orders of an offer are fulfilled; '' stands for every other offer.
  `create table delivery_rule (${MODE}, offer_id text not null, way text not null check (way in ('download', 'webhook', 'person')), url text, document_id bigint references document,
    days int not null check (days between 1 and 365), set_by text not null, updated_at timestamptz not null default clock_timestamp(), primary key (mode, offer_id),
    check (way <> 'webhook' or url is not null))`,
  // next_at: when fulfilment is tried, or, while it is under way, when it counts as left behind; null when nothing is to be done by itself.
  `create table customer_order (${ID}, ${MODE}, source text not null, charge_id text not null, customer_id bigint not null references customer, goal_id bigint references goal, launch_id bigint references launch,
    offer_id text, currency text not null, amount_micros bigint not null check (amount_micros >= 0), refunded_micros bigint not null default 0 check (refunded_micros >= 0),
    status text not null check (status ${STATUS}), way text not null check (way in ('download', 'webhook', 'person')), hook_url text, document_id bigint references document,
    paid_at timestamptz not null, deliver_by timestamptz not null, link_until timestamptz, key text not null unique, attempt int not null default 0, next_at timestamptz, lease_owner bigint references process,
    trouble text, late_told_at timestamptz, ${CREATED}, updated_at timestamptz not null default clock_timestamp(), unique (source, charge_id), check (way <> 'webhook' or hook_url is not null))`,
  `create index customer_order_due on customer_order (next_at) where next_at is not null`,
  `create index customer_order_late on customer_order (deliver_by) where status in ('paid', 'fulfilling', 'failed') and late_told_at is null`,
  `create index customer_order_held on customer_order (lease_owner) where lease_owner is not null`,
  `create index customer_order_status on customer_order (mode, status, id)`,
  `create index customer_order_of_goal on customer_order (goal_id, id) where goal_id is not null`,
  `create index customer_order_of_customer on customer_order (customer_id, id)`,
  `create table order_step (${ID}, order_id bigint not null references customer_order, from_status text check (from_status ${STATUS}), to_status text not null check (to_status ${STATUS}),
    reason text not null, by text not null, at timestamptz not null default clock_timestamp())`,
  `create index order_step_of_order on order_step (order_id, id)`,
  // Kept beside the order, because a refund may be heard of before its charge.
  `create table order_refund (source text not null, refund_id text not null, charge_id text not null, amount_micros bigint not null check (amount_micros >= 0), at timestamptz not null, primary key (source, refund_id))`,
  `create index order_refund_of_charge on order_refund (source, charge_id)`,
  `create table receipt (${ID}, ${MODE}, kind text not null check (kind in ('payment', 'delivery', 'refund', 'message')), order_id bigint not null references customer_order,
    source text not null, external_id text not null, sha256 text, note text, ${CREATED}, unique (kind, source, external_id))`,
  `create index receipt_of_order on receipt (order_id)`,
  `create table promise (${ID}, ${MODE}, order_id bigint not null references customer_order, kind text not null check (kind in ('delivery', 'refund', 'discount', 'message')), words text not null,
    said_in text not null check (said_in in ('offer page', 'order', 'refund', 'message')), due_at timestamptz not null, status text not null default 'open' check (status in ('open', 'kept', 'released')),
    receipt_id bigint references receipt, reason text, said_by text not null, closed_by text, closed_at timestamptz, ${CREATED},
    check (status <> 'kept' or receipt_id is not null), check (status <> 'released' or reason is not null))`,
  `create index promise_open on promise (mode, due_at) where status = 'open'`,
  `create index promise_of_order on promise (order_id)`,
  // Signs download links and outgoing webhooks, in every process alike.
  `create table signing_key (id int primary key check (id = 1), secret text not null)`,
  `insert into signing_key values (1, replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''))`,

  ...['order_step', 'order_refund'].flatMap((table) => [
    `create trigger append_only before update or delete on ${table} for each row execute function refuse_change()`,
    `create trigger no_truncate before truncate on ${table} for each statement execute function refuse_change()`,
  ]),
  // Of a receipt only its words may go, when a customer's data is erased.
  `create trigger only_words before update on receipt for each row when ((old.id, old.mode, old.kind, old.order_id, old.source, old.external_id, old.sha256, old.created_at)
    is distinct from (new.id, new.mode, new.kind, new.order_id, new.source, new.external_id, new.sha256, new.created_at)) execute function refuse_change()`,
  `create trigger no_delete before delete on receipt for each row execute function refuse_change()`,
  `create trigger no_truncate before truncate on receipt for each statement execute function refuse_change()`,
  `create trigger tell_due after insert on customer_order for each row when (new.next_at is not null) execute function tell_due()`,
  // Not of a claim, which counts up: whoever claimed it knows.
  `create trigger tell_due_again after update on customer_order for each row
    when (new.next_at is not null and new.next_at is distinct from old.next_at and new.attempt = old.attempt) execute function tell_due()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
