// Opportunities with where each was found and why it stands where it stands; scans with their parts; and what may be tried without a goal.
import { type Kysely, sql } from 'kysely';

const ID = 'id bigint generated always as identity primary key';
const MODE = `mode text not null check (mode in ('practice', 'live'))`;
const CREATED = 'created_at timestamptz not null default clock_timestamp()';
const SOURCE = `source text not null check (source in ('practice_market', 'web', 'mcp', 'csv', 'idea'))`;
const SHARE = (column: string): string => `${column} double precision check (${column} between 0 and 1)`;
const MONEY = (column: string): string => `${column} bigint check (${column} >= 0)`;
const appendOnly = (table: string): string[] => [
  `create trigger append_only before update or delete on ${table} for each row execute function refuse_change()`,
  `create trigger no_truncate before truncate on ${table} for each statement execute function refuse_change()`,
];

const STATEMENTS = [
  // One row is one run; the unique indexes are what makes a slot, and a market day, one scan over all processes.
  `create table scan (${ID}, ${MODE}, why text not null check (why in ('schedule', 'market_day', 'person')), asked_by text, slot_at timestamptz, market_day int,
    status text not null default 'open' check (status in ('open', 'done', 'failed')), error text, ${CREATED}, ended_at timestamptz,
    check ((why = 'schedule') = (slot_at is not null)), check ((why = 'market_day') = (market_day is not null)), check ((why = 'person') = (asked_by is not null)),
    check ((status = 'open') = (ended_at is null)), check (status <> 'failed' or error is not null))`,
  `create unique index scan_of_slot on scan (mode, slot_at) where slot_at is not null`,
  `create unique index scan_of_day on scan (mode, market_day) where market_day is not null`,
  `create unique index scan_one_open on scan (mode) where status = 'open'`,
  `create index scan_newest on scan (mode, id)`,
  `create table scan_part (scan_id bigint not null references scan, ${SOURCE}, name text not null, status text not null default 'open' check (status in ('open', 'done', 'failed')),
    found int not null default 0 check (found >= 0), fresh int not null default 0, merged int not null default 0, refused int not null default 0, error text, ended_at timestamptz,
    primary key (scan_id, source, name), check (found >= fresh + merged + refused), check (status <> 'failed' or error is not null))`,

  // External ids are the source's own; what comes a second time under one is the same opportunity, seen again.
  `create table opportunity (${ID}, ${MODE}, ${SOURCE}, external_id text not null check (length(external_id) between 1 and 300),
    name text not null check (length(name) between 1 and 200), name_key text not null, sells text not null, buyer text not null default '', category text not null default '', channel text not null default '',
    ${MONEY('price_micros')}, ${MONEY('unit_cost_micros')}, ${MONEY('visitor_cost_micros')}, ${MONEY('capital_micros')}, capacity_per_day int check (capacity_per_day >= 0),
    days_to_first_dollar double precision check (days_to_first_dollar >= 0), effort_hours double precision check (effort_hours >= 0),
    ${SHARE('automation')}, scalability text check (scalability in ('once', 'repeatable', 'scalable')), ${SHARE('risk')}, capabilities jsonb not null default '[]',
    status text not null default 'open' check (status in ('open', 'taken', 'closed', 'refused', 'merged')), reason text, merged_into bigint references opportunity,
    score double precision check (score between 0 and 100), score_parts jsonb not null default '[]', tainted boolean not null, found_by text not null,
    ${CREATED}, seen_at timestamptz not null default clock_timestamp(), scored_at timestamptz, taken_at timestamptz, status_at timestamptz not null default clock_timestamp(),
    unique (mode, source, external_id), check ((status = 'merged') = (merged_into is not null)), check (status not in ('closed', 'refused', 'merged') or reason is not null),
    check (status <> 'taken' or taken_at is not null), check (merged_into <> id))`,
  `create index opportunity_board on opportunity (mode, status, score desc, id)`,
  `create index opportunity_merged on opportunity (merged_into) where merged_into is not null`,
  // Where it was found: a reading of ours with its hash, or the words of a person. Rows of a merged one count for what it was merged into.
  `create table opportunity_evidence (${ID}, opportunity_id bigint not null references opportunity, kind text not null check (kind in ('listing', 'page', 'tool', 'row', 'said')),
    origin text not null, sha256 text not null, excerpt text not null default '', scan_id bigint references scan, tool_call_id bigint references tool_call, ${CREATED}, unique (opportunity_id, origin, sha256))`,
  ...appendOnly('opportunity_evidence'),

  // What experiments may spend in a period without a goal; the newest row of a mode holds.
  `create table standing_budget (${ID}, ${MODE}, amount_micros bigint not null check (amount_micros >= 0), set_by text not null, ${CREATED})`,
  `create index standing_budget_newest on standing_budget (mode, id)`,
  ...appendOnly('standing_budget'),
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
