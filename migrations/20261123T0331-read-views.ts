// What the agent may ask in SQL: views of the business by mode, without anything of people, approvals, audit or secrets. A role of its own reads them.
import { type Kysely, sql } from 'kysely';

const usd = (column: string): string => `round(${column}::numeric / 1000000, 6)`;

const VIEWS = (mode: string): [name: string, query: string][] => [
  [
    'goals',
    `select id, status, metric, ${usd('target_micros')} as target_usd, ${usd('budget_micros')} as budget_usd, created_at, ended_at from goal where mode = '${mode}'`,
  ],
  [
    'tasks',
    `select id, goal_id, kind, agent, status, attempt, ${usd('expected_cost_micros')} as expected_cost_usd, created_at from task where mode = '${mode}'`,
  ],
  [
    'launches',
    `select id, goal_id, offer_id, name, ${usd('budget_micros')} as budget_usd, days, started_day, status, created_at from launch where mode = '${mode}'`,
  ],
  [
    'metric_points',
    `select p.launch_id, p.day, p.name, p.value from metric_point p join launch l on l.id = p.launch_id where l.mode = '${mode}'`,
  ],
  ['customers', `select id, consent, first_order_at, last_order_at from customer where mode = '${mode}'`],
  [
    'orders',
    `select id, customer_id, goal_id, launch_id, offer_id, currency, ${usd('amount_micros')} as amount, ${usd('refunded_micros')} as refunded, status, way, paid_at, deliver_by from customer_order where mode = '${mode}'`,
  ],
  [
    'journals',
    `select id, kind, occurred_at, goal_id, task_id, launch_id, agent, tool, model, assumed, market_day from journal where mode = '${mode}'`,
  ],
  [
    'postings',
    `select p.journal_id, p.account, ${usd('p.amount_micros')} as amount, p.currency from posting p join journal j on j.id = p.journal_id where j.mode = '${mode}'`,
  ],
  [
    'ledger_days',
    `select day, goal_id, launch_id, agent, tool, model, currency, account, ${usd('amount_micros')} as amount, postings, journals from ledger_day where mode = '${mode}'`,
  ],
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const mode of ['practice', 'live']) {
    await sql.raw(`create schema ${mode}_view`).execute(db);
    // A barrier: no function of a query sees a row that the view leaves out.
    for (const [name, query] of VIEWS(mode))
      await sql.raw(`create view ${mode}_view.${name} with (security_barrier) as ${query}`).execute(db);
  }
}
