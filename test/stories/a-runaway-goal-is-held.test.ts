// A goal that spends without getting anywhere is held and asks; nothing of it runs meanwhile, and time never lets it go on.
import { afterEach, expect, test } from 'vitest';
import { usd } from '../../src/core/money.ts';
import { findRunaway, type Pace } from '../../src/domain/money/runaway.ts';
import { holdRunaways } from '../../src/flows/hold-goal.ts';
import { settleDue } from '../../src/flows/settle-due.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';

let story: Story | undefined;
afterEach(async () => {
  await story?.stop();
  story = undefined;
});

const calm: Pace = { callsSinceProgress: 3, sinceProgressMicros: 100_000n, hourMicros: 400_000n, usualHourMicros: 300_000n, usualHours: 5 };

test.each<[string, Partial<Pace>, boolean]>([
  ['an honest pace', {}, false],
  ['nineteen calls', { callsSinceProgress: 19, sinceProgressMicros: usd(2) }, false],
  ['twenty calls, however cheap', { callsSinceProgress: 20, sinceProgressMicros: 1n }, true],
  ['three dollars in five calls', { callsSinceProgress: 5, sinceProgressMicros: usd(3) }, true],
  ['three dollars in one call', { callsSinceProgress: 1, sinceProgressMicros: usd(3) }, false],
  ['ten times the usual', { hourMicros: usd(3), usualHourMicros: 300_000n }, false],
  ['more than ten times', { hourMicros: usd(3) + 1n, usualHourMicros: 300_000n }, true],
  ['more than ten times of next to nothing', { hourMicros: 400_000n, usualHourMicros: 1n }, false],
  ['more than ten times without a habit', { hourMicros: usd(40), usualHourMicros: 1n, usualHours: 2 }, false],
])('%s', (_what, part, held) => {
  expect(findRunaway({ ...calm, ...part }) !== null).toBe(held);
});

test('it is held once over several looks, a decision does not set it going, a person does, and the count begins anew', async () => {
  story = await startStory();
  const { say, rows, card } = story;
  await say('goal', { text: FIRST_DOLLAR });
  const asked = await card(/^Approve \d+/);
  const deps = story.app.deps;
  const spendFor = (calls: number) =>
    rows(
      `insert into reservation (mode, kind, goal_id, status, amount_micros, counted_micros, expires_at, settled_at) select 'live', 'model', 1, 'settled', 1000, 1000, now(), now() from generate_series(1, $1::int)`,
      [calls],
    );
  await spendFor(19);
  await holdRunaways(deps);
  expect(await rows('select held_at from goal')).toEqual([{ held_at: null }]);
  await spendFor(1);
  await Promise.all([holdRunaways(deps), holdRunaways(deps), settleDue(deps)]);
  const held = await card('Goal 1 is held');
  expect(held.text).toContain('20 model calls for $0.02');
  expect(held.buttons?.map(({ label, command }) => [label, command])).toEqual([
    ['Continue', 'resume'],
    ['Cancel the goal', 'cancel'],
  ]);
  expect(await rows(`select 1 from audit where action = 'goal.held'`)).toHaveLength(1);

  // The approved launch wakes its task; it is put to sleep before anything happens.
  await say('approve', { id: asked.ref?.id ?? 0 });
  await card(/^Goal 1/, (shown) => shown.text?.includes('held') === true);
  await expect
    .poll(() => rows(`select 1 from task where wait_for = 'go_ahead' and status = 'waiting'`), { timeout: 10_000 })
    .toHaveLength(1);
  await settleDue(deps);
  expect(await rows('select 1 from launch')).toEqual([]);

  expect((await say('resume', { goal: 1 })).card.title).toBe('Goal 1 goes on');
  expect((await say('resume', { goal: 1 })).status).toBe(409);
  await card(new RegExp(`^Request ${asked.ref?.id}`), (shown) => shown.table?.rows.every((row) => row[3]?.startsWith('done')) === true);
  await holdRunaways(deps);
  expect(await rows('select held_at from goal')).toEqual([{ held_at: null }]);
});
