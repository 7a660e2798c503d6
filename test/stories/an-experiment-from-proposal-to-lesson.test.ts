// One experiment from its proposal to its verdict: asked for with its whole contract, launched in daily parts, read, concluded by its rule.
import { afterEach, expect, test } from 'vitest';
import { type Story, startStory } from '../support/story.ts';

let story: Story | undefined;
afterEach(async () => {
  await story?.stop();
  story = undefined;
});

/** Opportunities as a scan of the practice market finds them. */
async function findOffers(from: Story, count: number): Promise<void> {
  const offers = (await from.app.deps.tools.get('market_offers')?.run({}, {
    mode: 'practice', goalId: 0, taskId: 0, toolCallId: 0, idempotencyKey: '', now: () => new Date(), signal: AbortSignal.timeout(5_000),
  })) as unknown as { output: { offers: Record<string, string | number>[] } };
  for (const [index, offer] of offers.output.offers.slice(0, count).entries())
    await from.rows(
      `insert into opportunity (mode, source, external_id, name, name_key, sells, category, channel, price_micros, visitor_cost_micros, capacity_per_day, status, score, tainted, found_by)
       values ('practice', 'practice_market', $1, $2, lower($2), $2, $3, $4, $5, $6, $7, 'open', $8, false, 'a test')`,
      [offer['id'], offer['name'], offer['category'], offer['channel'], offer['listPriceMicros'], offer['costPerVisitorMicros'], offer['capacityPerDay'], 90 - index],
    );
}

test('an experiment is proposed, approved, launched, read daily and concluded', { timeout: 120_000 }, async () => {
  story = await startStory({ seed: 1, env: { JUG_STANDING_BUDGET_USD: '60' } });
  await findOffers(story, 3);
  await story.endDays(1);
  const asked = await story.card(/^Approve \d+: start_experiment/);
  console.warn(JSON.stringify(asked, null, 1).slice(0, 4000));
  for (const post of await story.posts()) if (post.card.ref?.kind === 'approval') console.warn((await story.say('approve', { id: post.card.ref.id })).card.title);
  for (let day = 0; day < 40; day += 1) {
    await story.endDays(1);
    const rows = await story.rows(`select e.id, e.state, e.verdict, (select sum(visitors)::int || '/' || sum(orders)::int || ' $' || sum(spend_micros)/1000000 || ' p=' || round((max((posterior->>'profitable')::numeric)),3) || ' a=' || sum(allocated_micros)/1000000 from experiment_reading r where r.experiment_id = e.id and r.day = (select max(day) from experiment_reading)) as r from experiment e order by id`);
    console.warn(day, JSON.stringify(rows));
  }
  console.warn(JSON.stringify(await story.rows(`select policy, status, count(*), max(error), max(stop_reason) from task group by 1,2`)));
  console.warn(JSON.stringify(await story.rows(`select tool, status, count(*), max(error) from tool_call group by 1,2`)));
  console.warn(JSON.stringify((await story.say('experiments')).card));
  console.warn(JSON.stringify((await story.say('experiment', {id: 1})).card));
  expect(asked.title).toContain('start_experiment');
});
