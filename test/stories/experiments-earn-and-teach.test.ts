// Experiments by themselves in practice mode: proposed from what a scan found, asked for with the whole contract, read and judged each day,
// concluded by their rules; money moves from losers to winners, and what was learnt moves the next choice.
import { afterEach, expect, test } from 'vitest';
import type { Card } from '../../src/chat/card.ts';
import { formatUsd } from '../../src/core/money.ts';
import { type Story, startStory } from '../support/story.ts';
import { waitForRows } from '../support/witnesses.ts';

let story: Story | undefined;
afterEach(async () => {
  await story?.stop();
  story = undefined;
});

const live = async (from: Story, id: number): Promise<Card[]> =>
  (await from.posts()).filter((post) => post.channel === 'experiments' && post.card.ref?.id === id).map((post) => post.card);

const field = (card: Card | undefined, label: string): string | undefined => card?.fields?.find((one) => one.label === label)?.value;

async function expectBalanced(from: Story): Promise<void> {
  const sums = `select account, sum(p.amount_micros)::text as sum from posting p join journal j on j.id = p.journal_id where j.mode = 'practice' group by account order by account`;
  expect(await from.rows(`select journal_id from posting group by journal_id having sum(amount_micros) <> 0`)).toEqual([]);
  const [far] = await from.marketRows<{ paid: string }>(
    `select coalesce(sum(-amount_micros) filter (where kind in ('launch', 'return')), 0)::text as paid from market.journal`,
  );
  const spend = (await from.rows<{ account: string; sum: string }>(sums)).find(({ account }) => account === 'offer_spend');
  expect(spend?.sum ?? '0').toBe(far?.paid);
}

/** The digest has a line for each experiment with its verdict; revenue, metrics and the ledger's own rows say the same of each. */
async function expectBooksByExperiment(from: Story): Promise<void> {
  const digest = (await from.say('digest')).card.text ?? '';
  expect(digest).toContain('**Experiments:**');
  const table = (await from.say('revenue', { by: 'experiment' })).card.table?.rows ?? [];
  const metrics = await (await fetch(`http://127.0.0.1:${from.app.port}/metrics`)).text();
  // By the rule that measuring goes by, not by what the launch noted of itself.
  const own = await from.rows<{ id: number; verdict: string | null; revenue: string; profit: string }>(
    `select e.id::int, e.verdict, (-sum(p.amount_micros) filter (where p.account = 'revenue'))::text as revenue, (-sum(p.amount_micros) filter (where p.account not in ('cash', 'processor')))::text as profit
     from experiment e join experiment_variant v on v.experiment_id = e.id join launch l on l.goal_id = e.goal_id and l.offer_id = v.offer_id and l.created_at >= e.created_at and (e.ended_day is null or l.started_day <= e.ended_day)
     join journal j on j.launch_id = l.id join posting p on p.journal_id = j.id group by 1, 2 order by 1 desc limit 8`,
  );
  expect(own.length).toBeGreaterThan(1);
  for (const { id, verdict, revenue, profit } of own) {
    const line = digest.split('\n').find((text) => text.includes(`[Experiment ${id}]`)) ?? '';
    if (verdict !== null) expect(line).toContain(`**verdict ${verdict}**`);
    expect(line).toContain(`revenue ${formatUsd(BigInt(revenue ?? 0))}, `);
    expect(line.endsWith(` ${formatUsd(BigInt(profit))}`)).toBe(true);
    expect(table.find(([key]) => key === String(id))?.[3]).toBe(formatUsd(BigInt(profit)));
    expect(metrics).toContain(`juggernaut_experiment_profit_usd{mode="practice",experiment="${id}"} ${Number(profit) / 1e6}\n`);
  }
}

test('proposed with the whole contract, denied or approved, read each day, stopped by a person with its receipts', {
  timeout: 120_000,
}, async () => {
  story = await startStory({ seed: 1, env: { JUG_STANDING_BUDGET_USD: '60' } });
  await story.say('scan');
  await waitForRows(story, `select count(*) > 5 as found from opportunity where status = 'open' and score is not null`, [{ found: true }]);
  await story.endDays(1);
  await waitForRows(story, `select count(*)::int as n from approval where status = 'pending'`, [{ n: 3 }]);

  // Three and no more wait at once, each with everything that was agreed.
  const about = (card: Card): number => Number(/experiment (\d+)/.exec(card.table?.rows[0]?.[1] ?? '')?.[1]);
  const asked = (await story.posts())
    .filter((post) => post.card.ref?.kind === 'approval')
    .map((post) => post.card)
    .toSorted((a, b) => about(a) - about(b));
  expect(asked).toHaveLength(3);
  for (const card of asked) {
    expect(card.title).toContain('start_experiment for $20.00');
    for (const label of ['Hypothesis', 'Most it may lose', 'Is closed earlier', 'Is held', 'Is undone', 'Variants', 'Found'])
      expect(card.text).toContain(`**${label}:**`);
  }
  await story.endDays(2);
  expect(await story.rows(`select count(*)::int as n from launch`)).toEqual([{ n: 0 }]);
  const ids = asked.map((card) => card.ref?.id ?? 0);
  await story.say('deny', { id: ids[0], reason: 'not pets again' });
  await story.say('approve', { id: ids[1] });
  // Less to lose than was asked for: that is the contract then.
  await story.say('approve', { id: ids[2], amount: 12 });
  await waitForRows(story, `select id::int, state, budget_micros::text as budget from experiment where id <= 3 order by id`, [
    { id: 1, state: 'cancelled', budget: '20000000' },
    { id: 2, state: 'approved', budget: '20000000' },
    { id: 3, state: 'approved', budget: '12000000' },
  ]);
  expect((await story.rows<{ reason: string }>(`select reason from opportunity where status = 'closed'`))[0]?.reason).toContain(
    'not pets again',
  );
  const permits = await story.rows(
    `select arguments ->> 'offerId' is not null as for_offer, total_micros::text as total from standing_grant order by total_micros desc`,
  );
  expect(permits).toEqual([
    { for_offer: true, total: '20000000' },
    { for_offer: true, total: '12000000' },
  ]);

  // Daily parts need no further click, and each is reserved, counted on its permission and audited like every act.
  await story.endDays(4);
  const calls = await story.rows<{ grants: boolean; audited: boolean; reserved: boolean }>(
    `select c.grant_id is not null as grants, exists (select 1 from audit a where a.subject_kind = 'tool_call' and a.subject_id = c.id and a.action = 'call.begun') as audited,
       exists (select 1 from reservation r where r.tool_call_id = c.id) as reserved from tool_call c where c.tool = 'market_launch' and c.status = 'done'`,
  );
  expect(calls.length).toBeGreaterThan(2);
  for (const call of calls) expect(call).toEqual({ grants: true, audited: true, reserved: true });
  const [card] = await live(story, 2);
  expect(card?.text).toContain('**running**');
  expect(Number(field(card, 'Visitors'))).toBeGreaterThan(0);
  expect(card?.chart?.series.map(({ name }) => name)).toContain('breaks even');
  expect(await live(story, 2)).toHaveLength(1);

  // A person stops both; nothing of them is launched again, and what still ran came back with its receipt.
  // As the market has it: that one has ended may not have been heard yet.
  const running = await story.marketRows(`select id from market.launch where status = 'running'`);
  for (const id of [2, 3]) expect((await story.say('experiment', { id, act: 'stop' })).card.text).toContain('cancelled');
  await waitForRows(story, `select count(*)::int as n from launch where status = 'running'`, [{ n: 0 }]);
  const stops = await story.rows<{ receipt: string }>(`select receipt from tool_call where tool = 'market_stop' and status = 'done'`);
  expect(stops).toHaveLength(running.length);
  for (const { receipt } of stops) expect(receipt).toMatch(/^rcpt_/);
  expect(await story.rows(`select count(*)::int as n from standing_grant where revoked_at is null`)).toEqual([{ n: 0 }]);
  expect((await story.say('experiment', { id: 2, act: 'stop' })).ok).toBe(false);
  const launched = await story.rows(`select count(*)::int as n from launch`);
  await story.endDays(2);
  expect(await story.rows(`select count(*)::int as n from launch`)).toEqual(launched);
  await expectBalanced(story);
});

test('left alone under a standing permission: experiments conclude by their rules, money goes to what earns, lessons move the next choice', {
  timeout: 240_000,
}, async () => {
  story = await startStory({ seed: 1, env: { JUG_STANDING_BUDGET_USD: '60' } });
  await story.say('grant', { tool: 'start_experiment', each: 40, total: 2000, uses: 200, hours: 24 });
  await story.say('grant', { tool: 'extend_experiment', each: 40, total: 2000, uses: 200, hours: 24 });
  // Some messages of the market come late on purpose, by the clock, so no two runs are the same to the day.
  const told = `select exists (select 1 from lesson_use where subject_kind = 'experiment') and exists (select 1 from experiment_step where event = 'extend')
    and (select count(*) from experiment where started_day is not null) >= 3 as yes`;
  for (let days = 0; days < 180 && !(await story.rows<{ yes: boolean }>(told))[0]?.yes; days += 4) await story.endDays(4);

  // Scans ran by themselves, experiments ran and were concluded, every one through the same steps.
  expect(
    (await story.rows<{ n: number }>(`select count(*)::int as n from scan where why = 'market_day' and status = 'done'`))[0]?.n,
  ).toBeGreaterThan(3);
  const ran = await story.rows<{ id: number; verdict: string | null }>(
    `select id::int, verdict from experiment where started_day is not null order by id`,
  );
  expect(ran.length).toBeGreaterThanOrEqual(3);
  const concluded = ran.filter(({ verdict }) => verdict !== null);
  expect(concluded.length).toBeGreaterThanOrEqual(1);
  const steps = await story.rows<{ path: string }>(
    `select string_agg(to_state, ' ' order by seq) as path from experiment_step where experiment_id = $1 and from_state is distinct from to_state`,
    [concluded[0]?.id],
  );
  expect(steps[0]?.path).toMatch(/^draft proposed approved running measuring( running measuring)* concluded$/);
  const why = (await story.say('why', { experiment: concluded[0]?.id })).card.text ?? '';
  expect(why).toMatch(/\*\*verdict\*\* of \[experiment \d+\]\(\/experiments\/\d+\) by policy: (scale|keep|kill|inconclusive)/);
  expect(why).toContain(`/experiments/${concluded[0]?.id}`);

  // One review a day at most, and no offer twice on a day.
  expect(await story.rows(`select day from experiment_review group by mode, day having count(*) > 1`)).toEqual([]);
  expect(await story.rows(`select offer_id from launch group by offer_id, started_day having count(*) > 1`)).toEqual([]);

  // Money moved: those that earned were permitted more and given more a day than those that lost.
  const [moved] = await story.rows<{ extended: number; least: boolean }>(
    `select (select count(distinct experiment_id)::int from experiment_step where event = 'extend') as extended,
       bool_and(not extended.yes or e.budget_micros > e.max_loss_micros) as least
     from experiment e cross join lateral (select exists (select 1 from experiment_step s where s.experiment_id = e.id and s.event = 'extend') as yes) extended`,
  );
  expect(moved?.extended).toBeGreaterThan(0);
  expect(moved?.least).toBe(true);
  const [spent] = await story.rows<{ winners: number; losers: number }>(
    `with newest as (select distinct on (variant_id) * from experiment_reading order by variant_id, day desc)
     select coalesce(avg(spend_micros) filter (where revenue_micros - refunded_micros - fees_micros > spend_micros), 0)::float8 as winners,
       coalesce(avg(spend_micros) filter (where revenue_micros - refunded_micros - fees_micros <= spend_micros), 0)::float8 as losers from newest where spend_micros > 0`,
  );
  expect(spent?.winners).toBeGreaterThan(spent?.losers ?? 0);

  // No week cost more than its budget, and nothing spent more than it was permitted.
  expect(
    await story.rows(
      `select (market_day / 7) as week from reservation where kind = 'act' group by 1 having sum(counted_micros) > 60000000`,
    ),
  ).toEqual([]);
  expect(await story.rows(`select id from standing_grant where used_micros > total_micros`)).toEqual([]);

  // What was learnt is there with its effects, and a later choice names it on its card.
  const learnt = (await story.say('learnings')).card;
  expect(learnt.table?.rows.length).toBeGreaterThan(0);
  const [used] = await story.rows<{ id: number; lesson: number }>(
    `select subject_id::int as id, lesson_id::int as lesson from lesson_use where subject_kind = 'experiment' order by id desc limit 1`,
  );
  const card = (await story.say('experiment', { id: used?.id })).card;
  expect(card.text).toContain('**Lessons that moved it:**');
  expect(card.text).toContain(`${used?.lesson}:`);
  await expectBooksByExperiment(story);
  expect((await story.say('experiments')).card.chart?.series.map(({ name }) => name)).toEqual(['Spent', 'Earned']);
  // Reviews and proposals are no work that the hourly limit counts.
  expect((await story.say('status')).card.fields?.find(({ label }) => label === 'Started in the last hour')?.value).toMatch(/^0 of /);
  await expectBalanced(story);
});
