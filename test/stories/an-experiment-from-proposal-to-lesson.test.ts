import { afterEach, expect, test } from 'vitest';
import { type Story, startStory } from '../support/story.ts';
let story: Story | undefined;
afterEach(async () => { await story?.stop(); story = undefined; });
async function findOffers(from: Story): Promise<void> {
  const offers = (await from.app.deps.tools.get('market_offers')?.run({}, {
    mode: 'practice', goalId: 0, taskId: 0, toolCallId: 0, idempotencyKey: '', now: () => new Date(), signal: AbortSignal.timeout(5_000),
  })) as unknown as { output: { offers: Record<string, string | number>[] } };
  for (const [index, offer] of offers.output.offers.entries())
    await from.rows(
      `insert into opportunity (mode, source, external_id, name, name_key, sells, category, channel, price_micros, visitor_cost_micros, capacity_per_day, status, score, tainted, found_by)
       values ('practice', 'practice_market', $1, $2, lower($2), $2, $3, $4, $5, $6, $7, 'open', $8, false, 'a test') on conflict do nothing`,
      [offer['id'], offer['name'], offer['category'], offer['channel'], offer['listPriceMicros'], offer['costPerVisitorMicros'], offer['capacityPerDay'], 70 - index],
    );
}
for (const seed of (process.env['SEEDS'] ?? '1').split(','))
test('done when ' + seed, { timeout: 300_000 }, async () => {
  story = await startStory({ seed: Number(seed), env: { JUG_STANDING_BUDGET_USD: process.env['SB'] ?? '60' } });
  await findOffers(story);
  await story.say('grant', { tool: 'start_experiment', each: 100, total: 100000, uses: 200, hours: 24 });
  for (let day = 0; day < Number(process.env['DAYS'] ?? 60); day += 1) {
    await story.endDays(1);
    if (day % 10 === 9) {
      await findOffers(story);
      const rows = await story.rows(`select e.id, e.state, e.verdict, left((select reason from experiment_step s where s.experiment_id=e.id order by seq desc limit 1),60) as why, (select r.visitors || '/' || r.orders || ' $' || round(r.spend_micros/1000000.0,2) || ' e=' || round((r.revenue_micros-r.fees_micros-r.refunded_micros)/1000000.0,2) || ' p=' || round((posterior->>'profitable')::numeric,2) from experiment_reading r where r.experiment_id = e.id order by day desc limit 1) as r from experiment e order by id`);
      process.stderr.write(`day ${day}\n` + rows.map((r) => JSON.stringify(Object.values(r))).join('\n') + '\n');
    }
  }
  process.stderr.write(JSON.stringify(await story.rows(`select policy, status, count(*), max(error), max(stop_reason) from task group by 1,2`)) + '\n');
  process.stderr.write(JSON.stringify(await story.rows(`select tool, status, count(*), max(error) from tool_call group by 1,2`))+ '\n');
  process.stderr.write(JSON.stringify((await story.say('experiments')).card)+ '\n');
  process.stderr.write(JSON.stringify((await story.say('learnings')).card)+ '\n');
  process.stderr.write(JSON.stringify(await story.rows(`select error, ready_at-now() from task where status not in ('done')`))+ '\n');
  expect(1).toBe(1);
});
