// A page that is published, as rows: for tests of what visitors do, which need no goal, no model and no payment provider.
import type pg from 'pg';

const BLOCKS = JSON.stringify([{ kind: 'hero', title: 'A thing' }, { kind: 'price' }]);

/** @param variants letters with their weights @returns the page's id */
export async function publishPage(own: pg.Pool, slug: string, variants: Record<string, number> = { a: 1 }): Promise<number> {
  const { rows } = await own.query<{ page: number; goal: number; task: number; call: number }>(
    `with g as (insert into goal (mode, title, request, means, status, given_by, given_by_person) values ('practice', 'G', 'G', 'other', 'running', 'a:b', 'a:b') returning id),
     p as (insert into plan (goal_id, revision, status, summary, success_measure, tasks, model) select id, 1, 'approved', '', '', '[]', 'm' from g returning id, goal_id),
     t as (insert into task (mode, goal_id, plan_id, key, kind, title, why, priority, status, expected_cost_micros, expected_evidence, risk_score, risk_level)
       select 'practice', goal_id, id, 'k', 'launch', 'T', 'W', 2, 'done', 0, 'E', 0, 'low' from p returning id, goal_id),
     u as (insert into turn (goal_id, task_id, attempt, seq, text, model) select goal_id, id, 1, 1, '', 'm' from t returning id, goal_id, task_id),
     c as (insert into tool_call (mode, goal_id, task_id, turn_id, call_ref, attempt, tool, tool_version, act, touches, arguments, tainted, risk_score, risk_level, factors, status, idempotency_key)
       select 'practice', goal_id, task_id, id, 'c', 1, 'publish_page', '1', 'publish', 'outside', '{}', false, 0, 'low', '[]', 'done', 'key-' || id from u returning id, goal_id, task_id),
     o as (insert into offer_page (mode, slug, goal_id, status) select 'practice', $1, goal_id, 'published' from c returning id)
     select o.id::int as page, c.goal_id::int as goal, c.task_id::int as task, c.id::int as call from o, c`,
    [slug],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('no page');
  for (const [variant, weight] of Object.entries(variants)) {
    await own.query(
      `with l as (insert into launch (mode, goal_id, task_id, tool_call_id, external_id, offer_id, name, budget_micros, days, started_day, status)
         values ('practice', $1, $2, $3, $4, $5, 'A thing', 0, 0, 0, 'running') returning id),
       k as (insert into payment_link (launch_id, mode, external_id, url, price_id, name, amount_micros, currency) select id, 'practice', $4, 'https://pay.example/' || $4, 'price', 'A thing', 19000000, 'USD' from l),
       v as (insert into page_variant (page_id, variant, version, weight, status) values ($6, $7, 1, $8, 'published'))
       insert into page_version (page_id, variant, version, name, blocks, currency, price_micros, list_micros, unit_cost_micros, floor_micros, launch_id, sha256, tool_call_id)
         select $6, $7, 1, 'A thing', $9, 'USD', 19000000, 19000000, 0, 0, id, '', $3 from l`,
      [row.goal, row.task, row.call, `plink_${slug}_${variant}`, slug, row.page, variant, weight, BLOCKS],
    );
  }
  return row.page;
}
