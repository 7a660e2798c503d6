// What goes out to chat platforms and what was heard from them: deliveries, goals' threads, places, and each event once.
import { type Kysely, sql } from 'kysely';

const PLATFORM = `platform text not null check (platform in ('slack', 'discord'))`;
const CREATED = 'created_at timestamptz not null default clock_timestamp()';

const STATEMENTS = [
  `alter table message add column routed_version int not null default 0`,
  // What was said before there was any platform stays on the console.
  `update message set routed_version = version`,
  `create index message_unrouted on message (id) where routed_version < version`,
  // Messages older than a platform's first start are not told there.
  `create table chat_platform (platform text primary key check (platform in ('slack', 'discord')), since timestamptz not null default clock_timestamp())`,
  `create table chat_place (${PLATFORM}, place text not null, next_post_at timestamptz not null default clock_timestamp(), unreachable_since timestamptz, why text,
    primary key (platform, place), check ((unreachable_since is null) = (why is null)))`,
  `create table goal_thread (goal_id bigint not null references goal, ${PLATFORM}, place text not null, thread text, ${CREATED}, primary key (goal_id, platform))`,
  `create unique index goal_thread_place on goal_thread (platform, place, thread) where thread is not null`,
  `create table delivery (id bigint generated always as identity primary key, message_id bigint not null references message, ${PLATFORM}, place text not null, threaded boolean not null,
    wanted_version int not null, sent_version int not null default 0, copy int not null default 1, remote_id text, remote_place text, remote_thread text,
    status text not null default 'open' check (status in ('open', 'lost')), attempt int not null default 0, next_at timestamptz not null default clock_timestamp(),
    leased_until timestamptz, first_tried_at timestamptz, trouble text, ${CREATED}, unique (message_id, platform, place), check ((remote_id is null) = (remote_place is null)))`,
  `create index delivery_due on delivery (platform, id) where status = 'open' and sent_version < wanted_version`,
  `create unique index delivery_remote on delivery (platform, remote_place, remote_id) where remote_id is not null`,
  // An event counts once, however often it is delivered, to whatever process, before or after a restart.
  `create table heard (${PLATFORM}, key text not null, at timestamptz not null default clock_timestamp(), primary key (platform, key))`,
  `create index heard_at on heard (at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
