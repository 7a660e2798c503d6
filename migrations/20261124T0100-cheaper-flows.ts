// What every act pays in the database, cheaper: sums of the books are kept by looking entries up one by one, and running tasks are found by their number.
import { type Kysely, sql } from 'kysely';

const DAY_KEY = 'mode, day, goal_id, launch_id, agent, tool, model, currency, account';
const CUSTOMER_KEY = 'mode, day, customer, goal_id, launch_id';
const CUSTOMER_SUMS = ['revenue', 'refunds', 'fees', 'disputes'];
const CUSTOMER_COLUMNS = `${CUSTOMER_KEY}, ${CUSTOMER_SUMS.map((account) => `${account}_micros`).join(', ')}, journals`;

/** `offset 0` keeps it a look-up for each posting: of how many are added at once the planner knows nothing, and joined it reads the whole journal. */
const ITS_JOURNAL = 'cross join lateral (select * from journal where journal.id = p.journal_id offset 0) j cross join book_zone z';

const STATEMENTS = [
  `create or replace function roll_up() returns trigger language plpgsql as $$
    begin
      insert into ledger_day as kept (${DAY_KEY}, amount_micros, postings, journals, assumed)
        select j.mode, (j.occurred_at at time zone z.zone)::date, coalesce(j.goal_id, 0), coalesce(j.launch_id, 0), coalesce(j.agent, ''), coalesce(j.tool, ''), coalesce(j.model, ''), p.currency, p.account,
          sum(p.amount_micros)::bigint, count(*), count(*) filter (where p.first), count(*) filter (where p.first and j.assumed)
        from (select *, id = (select min(line.id) from posting line where line.journal_id = added.journal_id) as first from added) p ${ITS_JOURNAL}
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 1, 2, 3, 4, 5, 6, 7, 8, 9
        on conflict (${DAY_KEY}) do update set amount_micros = kept.amount_micros + excluded.amount_micros, postings = kept.postings + excluded.postings,
          journals = kept.journals + excluded.journals, assumed = kept.assumed + excluded.assumed;
      return null;
    end $$`,
  `create or replace function roll_up_customers() returns trigger language plpgsql as $$
    begin
      if not exists (select 1 from added p where (select customer from journal where journal.id = p.journal_id) is not null) then return null; end if;
      insert into ledger_customer as kept (${CUSTOMER_COLUMNS})
        select j.mode, (j.occurred_at at time zone z.zone)::date, j.customer, coalesce(j.goal_id, 0), coalesce(j.launch_id, 0),
          ${CUSTOMER_SUMS.map((account) => `coalesce(sum(p.amount_micros) filter (where p.account = '${account}'), 0)::bigint`).join(', ')}, count(distinct j.id)
        from added p ${ITS_JOURNAL} where j.customer is not null and p.currency = 'USD'
        group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
        on conflict (${CUSTOMER_KEY}) do update set ${CUSTOMER_SUMS.map((account) => `${account}_micros = kept.${account}_micros + excluded.${account}_micros`).join(', ')}, journals = kept.journals + excluded.journals;
      return null;
    end $$`,
  // Every write of a run names its task by number and status. This small index is what the planner takes for that, so it must lead to the one
  // row and not along all that ran lately.
  `drop index task_running`,
  `create index task_running on task (id) where status = 'running'`,
  // By time first: to a planner without figures yet, one that begins with the mode looks as good for a goal's sum as the goal's own index.
  `drop index reservation_window`,
  `create index reservation_window on reservation (created_at, mode) include (counted_micros, market_day, agent, tool, model)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
