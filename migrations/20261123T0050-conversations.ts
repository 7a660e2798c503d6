// Conversations: who asked what and where, what was answered from which records, what it cost; and what is remembered, with where it came from.
import { type Kysely, sql } from 'kysely';

const ID = 'id bigint generated always as identity primary key';
const CREATED = 'created_at timestamptz not null default clock_timestamp()';
const MODE = `mode text not null check (mode in ('practice', 'live'))`;

const STATEMENTS = [
  `create table conversation (${ID}, ${MODE}, surface text not null check (surface in ('console', 'slack', 'discord')), place text, thread text, goal_id bigint references goal,
    person text not null, title text not null, summary text, summarised_to bigint, ${CREATED}, last_at timestamptz not null default clock_timestamp(),
    check ((surface = 'console') = (place is null)), check (thread is null or place is not null))`,
  `create index conversation_of_person on conversation (person, surface, id)`,
  // One row is one person's words, or one answer: the answer's row exists before there is anything in it.
  `create table conversation_message (${ID}, conversation_id bigint not null references conversation, role text not null check (role in ('person', 'agent')),
    status text not null check (status in ('said', 'pending', 'answering', 'done', 'failed', 'cancelled', 'interrupted')), reply_to bigint references conversation_message,
    platform_id text not null, surface text not null, text text not null default '', model text, input_tokens int, output_tokens int, steps int not null default 0,
    records jsonb not null default '[]', tainted boolean not null default false, error text, process_id bigint references process, cancelled_by text, aside boolean not null default false, ${CREATED}, ended_at timestamptz,
    check ((role = 'person') = (status = 'said')), check ((role = 'agent') = (reply_to is not null)), check (status <> 'answering' or process_id is not null))`,
  `create index conversation_message_of on conversation_message (conversation_id, id)`,
  `create unique index conversation_message_answer on conversation_message (reply_to) where reply_to is not null`,
  `create index conversation_message_open on conversation_message (platform_id) where status in ('pending', 'answering')`,

  `create table memory_fact (${ID}, ${MODE}, kind text not null check (kind in ('measured', 'told', 'assumed')), scope text not null check (scope in ('team', 'person', 'goal')),
    goal_id bigint references goal, person text, text text not null check (length(text) between 1 and 2000), source_kind text not null, source_id bigint not null, told_by text not null,
    tainted boolean not null, ${CREATED}, forgotten_at timestamptz, forgotten_by text,
    search tsvector generated always as (to_tsvector('english', text)) stored,
    check ((scope = 'person') = (person is not null)), check ((scope = 'goal') = (goal_id is not null)), check ((forgotten_at is null) = (forgotten_by is null)),
    check (kind <> 'measured' or not tainted))`,
  `create index memory_fact_search on memory_fact using gin (search) where forgotten_at is null`,
  // What was measured of a row is one fact, however often it is measured.
  `create unique index memory_fact_measured on memory_fact (source_kind, source_id) where kind = 'measured'`,

  `alter table reservation add column conversation_id bigint references conversation`,
  `create index reservation_of_conversation on reservation (conversation_id, created_at) include (counted_micros) where conversation_id is not null`,
  `alter table journal add column conversation_id bigint references conversation`,
  `create index journal_of_conversation on journal (conversation_id) where conversation_id is not null`,

  // A card that belongs to a conversation is told where the conversation is: on this platform, in its place and thread, and nowhere else.
  `alter table message add column conversation_id bigint references conversation, add column platform text check (platform in ('slack', 'discord'))`,
  `alter table delivery add column own_thread text`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
