// The whole loop, seen from outside: a goal, one approval, launches, orders, and a result that equals the ledger and the market's own journal.
import { afterEach, expect, test } from 'vitest';
import { launchFirstGoal, type Story, startStory } from '../support/story.ts';

let story: Story | undefined;
afterEach(async () => {
  await story?.stop();
  story = undefined;
});

const field = (card: { fields?: { label: string; value: string }[] }, label: string): string | undefined =>
  card.fields?.find((one) => one.label === label)?.value;

test.each([
  { seed: 166, outcome: 'profit' },
  { seed: 19, outcome: 'loss' },
])(
  'a goal on market $seed ends in a $outcome, and card, ledger and market agree to the cent',
  { timeout: 60_000 },
  async ({ seed, outcome }) => {
    story = await startStory({ seed });
    await launchFirstGoal(story);
    await story.endDays(16);
    const card = await story.card(/^Result of goal/);
    expect(card.title).toContain(outcome);
    const [ledger] = await story.rows<Record<string, string>>(
      `select coalesce(-sum(amount_micros) filter (where account = 'revenue'), 0)::text as gross, coalesce(sum(amount_micros) filter (where account = 'fees'), 0)::text as fees,
      coalesce(sum(amount_micros) filter (where account = 'refunds'), 0)::text as refunds, coalesce(sum(amount_micros) filter (where account = 'offer_spend'), 0)::text as spend from posting`,
    );
    const profit = Number(ledger?.['gross']) - Number(ledger?.['fees']) - Number(ledger?.['refunds']) - Number(ledger?.['spend']);
    expect(field(card, outcome === 'profit' ? 'Profit' : 'Loss')).toBe(`${profit < 0 ? '-' : ''}$${(Math.abs(profit) / 1e6).toFixed(2)}`);
    const tasks = await story.rows<{ status: string; proofs: number }>(
      `select status, (select count(*)::int from evidence where task_id = task.id) as proofs from task order by id`,
    );
    expect(tasks.map((task) => task.status)).toEqual(['done', 'done', 'done', 'done']);
    for (const task of tasks) expect(task.proofs).toBeGreaterThan(0);
  },
);
