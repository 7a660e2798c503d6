// The books by day: sums that are kept with every posting, so that no figure costs a walk through the ledger; and what the reports need to be quick.
import { type Kysely, sql } from 'kysely';

/** What a sum is kept for. 0 and '' stand for "of none": a key has no nulls. */
const KEY = 'mode, day, goal_id, launch_id, agent, tool, model, currency, account';

/** The lines of `from` (postings) by key, in the key's order, so that two bookings never wait for each other in a circle. */
const sumsOf = (from: string): string => `
  select j.mode, (j.occurred_at at time zone z.zone)::date as day, coalesce(j.goal_id, 0) as goal_id, coalesce(j.launch_id, 0) as launch_id,
    coalesce(j.agent, '') as agent, coalesce(j.tool, '') as tool, coalesce(j.model, '') as model, p.currency, p.account,
    sum(p.amount_micros)::bigint as amount_micros, count(*) as postings, count(*) filter (where p.first) as journals, count(*) filter (where p.first and j.assumed) as assumed
  from (select *, not exists (select 1 from posting earlier where earlier.journal_id = line.journal_id and earlier.id < line.id) as first from ${from} line) p
  join journal j on j.id = p.journal_id cross join book_zone z
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 1, 2, 3, 4, 5, 6, 7, 8, 9`;

const STATEMENTS = [
  `alter table message add column console_only boolean not null default false`,
  // The market day an entry belongs to, by the far side's own word; null in live mode.
  `alter table journal add column market_day int`,
  `create index journal_market_day on journal (mode, market_day) where market_day is not null`,
  // Rows of one account, newest first: what a figure is drilled down to.
  `create index posting_of_account on posting (account, journal_id)`,
  `create index journal_of_launch on journal (launch_id, id) where launch_id is not null`,
  `create index journal_of_tool on journal (tool, id) where tool is not null`,
  `create index journal_of_model on journal (model, id) where model is not null`,
  `create index journal_of_agent on journal (agent, id) where agent is not null`,

  // Which zone's midnight ends a day in the books.
  `create table book_zone (id int primary key check (id = 1), zone text not null)`,
  `insert into book_zone values (1, 'UTC')`,
  `create table ledger_day (mode text not null, day date not null, goal_id bigint not null, launch_id bigint not null, agent text not null, tool text not null, model text not null,
    currency text not null, account text not null, amount_micros bigint not null, postings bigint not null, journals bigint not null, assumed bigint not null, primary key (${KEY})) with (fillfactor = 80)`,
  `create index ledger_day_of_goal on ledger_day (goal_id, mode, day)`,
  `create index ledger_day_of_launch on ledger_day (launch_id, mode, day) where launch_id <> 0`,
  `create function roll_up() returns trigger language plpgsql as $$
    begin
      insert into ledger_day as kept (${KEY}, amount_micros, postings, journals, assumed) ${sumsOf('added')}
        on conflict (${KEY}) do update set amount_micros = kept.amount_micros + excluded.amount_micros, postings = kept.postings + excluded.postings,
          journals = kept.journals + excluded.journals, assumed = kept.assumed + excluded.assumed;
      return null;
    end $$`,
  `create trigger roll_up after insert on posting referencing new table as added for each statement execute function roll_up()`,
  // Bookings under way are waited for, later ones wait: nothing is counted twice or left out.
  `create function rebuild_ledger_days(for_zone text) returns void language plpgsql as $$
    begin
      lock table posting in share mode;
      update book_zone set zone = for_zone;
      delete from ledger_day;
      insert into ledger_day (${KEY}, amount_micros, postings, journals, assumed) ${sumsOf('posting')};
    end $$`,
  `select rebuild_ledger_days('UTC')`,

  `create index reservation_open on reservation (mode) include (amount_micros) where status in ('held', 'sent')`,
  `create index launch_running on launch (mode) include (budget_micros) where status = 'running'`,
  `create index launch_of_offer on launch (offer_id)`,
  `create index approval_expired on approval (mode, decided_at) where status = 'expired'`,
  `create index task_dead on task (mode) where status = 'dead'`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
