// The digest: once a day over all processes, caught up once after downtime, right when the clocks change, and true to the ledger.
// In practice mode one card follows the market's days; chat platforms never get it.
import { afterEach, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { launchFirstGoal, type Story, startStory } from '../support/story.ts';

let database: TestDatabase | undefined;
let stories: Story[] = [];

afterEach(async () => {
  await stopAll();
  await database?.drop();
  database = undefined;
});

async function stopAll(): Promise<void> {
  for (const story of stories.splice(0)) await story.stop();
}

async function startBots(count: number, now: string, cron: string): Promise<Story> {
  database ??= await createTestDatabase();
  const share = database;
  const env = { JUG_TIMEZONE: 'America/New_York', JUG_DIGEST_CRON: cron };
  const overrides = { clock: { now: () => new Date(now) } };
  stories = await Promise.all(Array.from({ length: count }, () => startStory({ share, env, overrides })));
  return stories[0] as Story;
}

const digests = (story: Story) =>
  story.rows<{ key: string; version: number }>(`select key, version from message where key like 'digest:%' order by id`);

const taken = async (story: Story, at: string, schedule = 'send-digest'): Promise<void> => {
  await vi.waitFor(
    async () => expect(await story.rows(`select 1 from slot where schedule = $1 and slot_at = $2`, [schedule, at])).toHaveLength(1),
    { timeout: 10_000 },
  );
};

test('three bots post one a day; after days away one for all of them; and at a time that the clock change skips', async () => {
  const first = await startBots(3, '2027-03-11T14:00:05Z', '0 9 * * *');
  await taken(first, '2027-03-11T14:00:00Z');
  expect(await digests(first)).toEqual([{ key: 'digest:2027-03-11:practice', version: 1 }]);
  await stopAll();

  // Away over the 12th and 13th; on the 14th clocks jump from 2:00 to 3:00, so 2:30 is 3:00, which is 7:00 UTC.
  const second = await startBots(3, '2027-03-14T08:00:00Z', '30 2 * * *');
  await taken(second, '2027-03-14T07:00:00Z');
  expect((await digests(second)).map(({ key }) => key)).toEqual(['digest:2027-03-11:practice', 'digest:2027-03-14:practice']);
  const card = (await second.say('digest')).card;
  expect(card.fields?.find(({ label }) => label === 'Missed schedules')?.value).toContain('send-digest 2027-03-13');
  await stopAll();

  // A Monday: the week's report follows the digest. All are stopped at the very tick and started again, one of them with its clock set back.
  await startBots(3, '2027-03-15T13:05:00Z', '0 9 * * *');
  await stopAll();
  const third = await startBots(2, '2027-03-15T13:05:02Z', '0 9 * * *');
  await taken(third, '2027-03-15T13:00:00Z');
  await taken(third, '2027-03-15T13:05:00Z', 'send-weekly');
  await stopAll();
  const fourth = await startBots(1, '2027-03-14T20:00:00Z', '0 9 * * *');
  await taken(fourth, '2027-03-14T13:00:00Z');
  expect((await digests(fourth)).map(({ key }) => key)).toEqual(['11', '14', '15'].map((day) => `digest:2027-03-${day}:practice`));
  // The week before was caught up at the very first start.
  expect(await fourth.rows(`select key, version from message where key like 'weekly:%' order by id`)).toEqual(
    ['08', '15'].map((day) => ({ key: `weekly:2027-03-${day}:practice`, version: 1 })),
  );
  const { card: week } = await fourth.say('digest', { of: 'week' });
  expect(week).toMatchObject({ title: 'Week of 2027-03-01 to 2027-03-07 (practice)', tone: 'muted' });
  expect(week.text).toContain('**$0.00 in the week: nothing was earned or spent in practice mode.**');
  expect(week.text).toContain('**No decision is needed.**');
});

test('a bot that has just been installed owes nobody a digest of days before it', async () => {
  const story = await startBots(1, '2026-03-06T20:00:00Z', '0 9 * * *');
  await taken(story, '2026-03-06T14:00:00Z');
  expect(await digests(story)).toEqual([]);
  const { card } = await story.say('digest');
  expect(card.text).toContain('**$0.00 yesterday (2026-03-05): nothing was earned or spent in practice mode.**');
  expect(card.text).toContain('Live money, kept apart: $0.00');
  expect(card).toMatchObject({ title: 'Daily digest, 2026-03-06 (practice)', tone: 'muted' });
});

test('the digest, revenue and the market card say what the ledger says, and the audit head is the one sealed', async () => {
  const story = await startStory({ seed: 1 });
  stories = [story];
  await launchFirstGoal(story);
  await story.endDays(4);
  const [sum] = await story.rows<{ revenue: string; profit: string; day: string }>(
    `select (-sum(amount_micros) filter (where account = 'revenue'))::text as revenue, (-sum(amount_micros) filter (where account not in ('cash', 'processor', 'model_payable')))::text as profit,
      to_char(now() at time zone 'UTC', 'YYYY-MM-DD') as day from posting`,
  );
  const shown = (text = ''): bigint => BigInt(Math.round(Number(text.replace(/[$,]/g, '')) * 1e6));
  const revenue = await story.say('revenue', { from: sum?.day, to: sum?.day, by: 'goal' });
  expect(shown(revenue.card.table?.rows[0]?.[3])).toBe(BigInt(sum?.profit ?? 0));
  const all = await story.say('revenue');
  expect(shown(all.card.table?.rows.find(([label]) => label === 'Revenue')?.[1])).toBe(BigInt(sum?.revenue ?? 0));

  const { card } = await story.say('digest');
  const today = (label: string): bigint => shown(card.table?.rows.find(([name]) => name === label)?.[2]);
  expect(today('Revenue')).toBe(BigInt(sum?.revenue ?? 0));
  expect(today('Profit or loss')).toBe(BigInt(sum?.profit ?? 0));
  expect(card.chart?.series.map(({ points }) => points.length)).toEqual([30, 30]);
  expect(card.fields?.find(({ label }) => label === 'Cash committed')?.value).toContain('3 running launches');
  const head = card.fields?.find(({ label }) => label === 'Audit head')?.value ?? '';
  expect(await story.rows('select 1 from audit_seal where seq::text = $1 and hash = $2', head.split(':'))).toHaveLength(1);

  const market = await story.card(/^Market day 4 /);
  expect(shown(market.table?.rows.find(([label]) => label === 'Profit or loss')?.[2])).toBe(BigInt(sum?.profit ?? 0));
  expect(market.chart?.series[0]?.points.map(({ x }) => x)).toEqual(['day 1', 'day 2', 'day 3', 'day 4']);
  expect(await story.rows(`select channel, console_only from message where key = 'market-day'`)).toEqual([
    { channel: 'revenue', console_only: true },
  ]);
  expect((await story.say('forecast')).card.text).toContain('No forecast yet: too little history: 4 market days');
  await story.endDays(42);
  const forecast = await story.say('forecast');
  expect(forecast.card.table?.rows).toHaveLength(14);
  expect(forecast.card.table?.rows[0]?.[0]).toBe('day 47');
  expect(forecast.card.fields?.find(({ label }) => label === 'Runway')?.value).toContain('of the budgets of running goals');

  const [buyers] = await story.rows<{ count: number }>(`select count(distinct customer)::int as count from journal where kind = 'sale'`);
  const { fields } = (await story.say('revenue', { by: 'cohort' })).card;
  expect(fields?.find(({ label }) => label === 'Customers')?.value).toMatch(new RegExp(`^${buyers?.count}; \\d+ came back`));
  expect(fields?.find(({ label }) => label === 'Conversion')?.value).toMatch(new RegExp(`: ${buyers?.count} of [\\d,]+ visitors$`));
  const metrics = await (await fetch(`http://127.0.0.1:${story.app.port}/metrics`)).text();
  expect(metrics).toContain(`juggernaut_customers{mode="practice",offer="all"} ${buyers?.count}\n`);
});
