// The storefront: pages of offers with their variants and every version that was published, visits as sums, channels, tasks for people, outreach.
import { type Kysely, sql } from 'kysely';

const MODE = `mode text not null check (mode in ('practice', 'live'))`;
const ID = 'id bigint generated always as identity primary key';
const CREATED = 'created_at timestamptz not null default clock_timestamp()';

const STATEMENTS = [
  // market_launch_id: a launch on the practice market, whose visitors are counted here too; its page is never served.
  `create table offer_page (${ID}, ${MODE}, slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) between 3 and 60), goal_id bigint not null references goal,
    experiment_id bigint, market_launch_id bigint unique references launch, status text not null check (status in ('draft', 'published', 'retired')), ${CREATED},
    retired_at timestamptz, retired_why text, check ((status = 'retired') = (retired_at is not null)))`,
  `create index offer_page_of_goal on offer_page (goal_id)`,
  `create index offer_page_of_experiment on offer_page (experiment_id) where experiment_id is not null`,
  // version: the one that is shown; null while nothing was published.
  `create table page_variant (page_id bigint not null references offer_page, variant text not null check (variant ~ '^[a-z]$'), experiment_variant_id bigint unique, version int,
    weight int not null default 1 check (weight between 0 and 1000), status text not null check (status in ('draft', 'published', 'retired')), primary key (page_id, variant),
    check (status <> 'published' or version is not null))`,
  `create table page_version (${ID}, page_id bigint not null, variant text not null, version int not null check (version > 0), name text not null, description text, blocks jsonb not null,
    currency text not null check (currency ~ '^[A-Z]{3}$'), price_micros bigint not null check (price_micros > 0), list_micros bigint not null check (list_micros > 0),
    unit_cost_micros bigint not null check (unit_cost_micros >= 0), floor_micros bigint not null, launch_id bigint not null references launch, sha256 text not null,
    tool_call_id bigint not null references tool_call, ${CREATED}, unique (page_id, variant, version), foreign key (page_id, variant) references page_variant,
    check (price_micros >= floor_micros), check (floor_micros >= unit_cost_micros))`,
  `create index page_version_of_launch on page_version (launch_id)`,
  `create table page_channel (page_id bigint not null references offer_page, channel text not null check (channel ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(channel) <= 30), name text not null,
    tool_call_id bigint not null references tool_call, ${CREATED}, primary key (page_id, channel))`,
  // Sums and nothing else: no address, no name, no number of a person.
  `create table page_visit (page_id bigint not null references offer_page, variant text not null, day date not null, channel text not null, visits int not null check (visits > 0), visitors int not null check (visitors >= 0),
    primary key (page_id, variant, day, channel), check (visitors <= visits))`,
  // Who was here today: hashes under a salt of the day. Both are deleted when the day is over; without the salt no hash says anything.
  `create table visit_salt (day date primary key, salt text not null)`,
  `create table visit_seen (day date not null, hash text not null, primary key (day, hash))`,
  // A task for a person: the agent wrote the words, the person acts. It waits as a row. contact: a keyed hash of whom it is for, never the address.
  `create table person_task (${ID}, ${MODE}, goal_id bigint not null references goal, task_id bigint not null references task, tool_call_id bigint not null unique references tool_call,
    page_id bigint not null references offer_page, channel text not null, title text not null, body text not null, link text not null, contact text, addressee text, is_first boolean not null default false,
    status text not null default 'open' check (status in ('open', 'done', 'cancelled')), due_at timestamptz not null, note text, ended_by text, ended_at timestamptz, ${CREATED},
    foreign key (page_id, channel) references page_channel, check ((status = 'open') = (ended_at is null)), check ((contact is null) = (addressee is null) or status <> 'open'))`,
  `create index person_task_open on person_task (mode, due_at) where status = 'open'`,
  `create index person_task_of_contact on person_task (mode, contact, created_at) where contact is not null`,
  `create index person_task_of_day on person_task (mode, created_at) where contact is not null`,
  // Permanent: whoever asked not to be written to is never written to again, in no mode.
  `create table suppression (contact text primary key, shown text not null, reason text not null, by text not null, ${CREATED})`,

  ...['page_version', 'suppression'].flatMap((table) => [
    `create trigger append_only before update or delete on ${table} for each row execute function refuse_change()`,
    `create trigger no_truncate before truncate on ${table} for each statement execute function refuse_change()`,
  ]),
  `create index customer_order_of_launch on customer_order (launch_id, paid_at) where launch_id is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
