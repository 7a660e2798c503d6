// The whole loop, seen from outside: a goal, one approval, launches, orders, and a result that equals the ledger and the market's own journal.
import { afterEach, expect, test, vi } from 'vitest';
import { formatUsd } from '../../src/core/money.ts';
import { launchFirstGoal, type Story, startStory } from '../support/story.ts';
import { farLaunches, field, waitForRows } from '../support/witnesses.ts';

let story: Story | undefined;
afterEach(async () => {
  await story?.stop();
  story = undefined;
});

interface Books {
  revenue: bigint;
  fees: bigint;
  refunds: bigint;
  spend: bigint;
}

const profitOf = (books: Books): bigint => books.revenue - books.fees - books.refunds - books.spend;
const toBooks = (row: Record<string, string> | undefined): Books => ({
  revenue: BigInt(row?.['revenue'] ?? 0),
  fees: BigInt(row?.['fees'] ?? 0),
  refunds: BigInt(row?.['refunds'] ?? 0),
  spend: BigInt(row?.['spend'] ?? 0),
});

/** The bot's ledger, from its postings alone. */
async function readLedger(from: Story): Promise<Books> {
  const sum = (account: string, sign = '') =>
    `coalesce(${sign}sum(p.amount_micros) filter (where account = '${account}'), 0)::bigint::text`;
  const [row] = await from.rows<Record<string, string>>(
    `select ${sum('revenue', '-')} as revenue, ${sum('fees')} as fees, ${sum('refunds')} as refunds, ${sum('offer_spend')} as spend
     from posting p join journal j on j.id = p.journal_id where j.mode = 'practice'`,
  );
  return toBooks(row);
}

/** The market's own journal: what it took, gave back, paid out and took back. */
async function readMarket(from: Story): Promise<Books> {
  const sum = (what: string, kinds: string) => `coalesce(sum(${what}) filter (where kind in (${kinds})), 0)::bigint::text`;
  const [row] = await from.marketRows<Record<string, string>>(
    `select ${sum('amount_micros', `'charge'`)} as revenue, ${sum('fee_micros', `'charge', 'refund'`)} as fees,
       ${sum('-amount_micros', `'refund'`)} as refunds, ${sum('-amount_micros', `'launch', 'return'`)} as spend from market.journal`,
  );
  return toBooks(row);
}

/** Reads the result card and holds it against both books, to the cent. */
async function checkResult(from: Story): Promise<Books> {
  // One message in ten is held back on purpose.
  const ledger = await vi.waitFor(
    async () => {
      const booked = await readLedger(from);
      expect(booked).toEqual(await readMarket(from));
      return booked;
    },
    { timeout: 15_000, interval: 50 },
  );
  const profit = profitOf(ledger);
  // It follows the ledger when the event is booked; the two are read one after the other.
  const verdict = profit > 0n ? `profit of ${formatUsd(profit)}` : `loss of ${formatUsd(-profit)}`;
  const card = await from.card(/^Result of goal/, ({ title }) => title.includes(verdict));
  expect({
    mode: field(card, 'Mode'),
    revenue: field(card, 'Revenue'),
    refunds: field(card, 'Refunds'),
    fees: field(card, 'Fees'),
    spend: field(card, 'Offer spend'),
    end: field(card, profit < 0n ? 'Loss' : 'Profit'),
  }).toEqual({
    mode: 'practice',
    revenue: formatUsd(ledger.revenue),
    refunds: formatUsd(-ledger.refunds),
    fees: formatUsd(-ledger.fees),
    spend: formatUsd(-ledger.spend),
    end: formatUsd(profit),
  });
  return ledger;
}

test('a goal ends in a profit; later payments edit its one result card', { timeout: 60_000 }, async () => {
  story = await startStory({ seed: 1 });
  await launchFirstGoal(story);
  expect((await farLaunches(story)).map((launch) => launch.cents)).toEqual([2000, 2000, 2000]);
  const posts = await story.posts();
  const asked = posts.filter((post) => post.card.ref?.kind === 'approval');
  expect(asked.map((post) => post.card.table?.rows.map((row) => row[2]))).toEqual([['$20.00', '$20.00', '$20.00']]);

  await story.endDays(12);
  const first = await checkResult(story);
  expect(profitOf(first)).toBeGreaterThan(0n);
  const tasks = await story.rows<{ status: string; proofs: number }>(
    `select status, (select count(*)::int from evidence where task_id = task.id) as proofs from task order by id`,
  );
  expect(tasks.map((task) => task.status)).toEqual(['done', 'done', 'done', 'done']);
  for (const task of tasks) expect(task.proofs).toBeGreaterThan(0);

  await story.endDays(8);
  const last = await checkResult(story);
  expect(last.revenue).toBeGreaterThan(first.revenue);
  const titles = (await story.posts()).map((post) => post.card.title);
  expect(titles.filter((title) => title.startsWith('Result of goal'))).toHaveLength(1);
  expect(titles.filter((title) => /^Goal \d+: /.test(title))).toHaveLength(1);
  // The market's visitors are counted where the visitors of pages are.
  const counted = `select l.external_id as launch, sum(v.visits)::int as visitors from page_visit v join offer_page p on p.id = v.page_id join launch l on l.id = p.market_launch_id group by 1 order by 1`;
  expect(await story.rows(counted)).toEqual(
    await story.marketRows(`select 'launch_' || id as launch, visitors from market.launch order by 1`),
  );
});

test('a goal ends in a loss, because a later refund takes its profit away', { timeout: 60_000 }, async () => {
  story = await startStory({ seed: 14 });
  await launchFirstGoal(story);
  await story.endDays(12);
  const first = await checkResult(story);
  expect(profitOf(first)).toBeGreaterThan(0n);
  await story.endDays(1);
  const last = await checkResult(story);
  expect(last.refunds).toBeGreaterThan(first.refunds);
  expect(profitOf(last)).toBeLessThan(0n);
});

test('a result is shown at the latest 14 market days after the last launch, though the agent still waits, and follows the ledger', {
  timeout: 60_000,
}, async () => {
  story = await startStory({ seed: 1 });
  await launchFirstGoal(story);
  await waitForRows(story, `select status from task where kind = 'measure'`, [{ status: 'waiting' }]);
  await story.rows(`update task set wait_market_day = 99 where kind = 'measure'`);
  await story.endDays(13);
  expect((await story.posts()).filter((post) => post.card.title.startsWith('Result of goal'))).toEqual([]);
  await story.endDays(1);
  const first = await checkResult(story);
  expect(await story.rows('select status from goal')).toEqual([{ status: 'running' }]);
  await story.endDays(4);
  const last = await checkResult(story);
  expect(last.revenue).toBeGreaterThan(first.revenue);
});
