// kill -9 among visitors: whoever got the page is counted, nobody is counted twice, and whoever comes back because nothing came is one visitor.
// Two processes count into the same sums meanwhile.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BotProcess, endBots, startBot } from '../support/bot-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { publishPage } from '../support/published-page.ts';
import { visit } from '../support/visits.ts';

const VISITORS = 400;
const AT_ONCE = 40;

let database: TestDatabase;
let own: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  own = new pg.Pool({ ...database.connection, max: 2 });
});
afterAll(async () => {
  await endBots();
  await own.end();
  await database.drop();
});

const address = (index: number): string => `198.51.${Math.floor(index / 200)}.${index % 200}`;

/** Everybody visits once, many at a time; nobody tries again. @returns who got the page */
async function comeBy(bots: readonly BotProcess[], people: readonly number[], onAnswer: (answered: number) => void): Promise<Set<number>> {
  const answered = new Set<number>();
  const queue = [...people];
  const walk = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      const { port } = bots[one % bots.length] as BotProcess;
      const seen = await visit(port, '/o/crowded', { from: address(one), more: { host: `127.0.0.1:${port}` } }).catch(() => null);
      if (seen?.status === 200) answered.add(one);
      onAnswer(answered.size);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, walk));
  return answered;
}

const sums = async () =>
  (
    await own.query<{ visits: number; visitors: number }>(
      'select sum(visits)::int as visits, sum(visitors)::int as visitors from page_visit',
    )
  ).rows[0];

test('what was answered is counted once, what was not is counted at most once, and coming again makes no second visitor', async () => {
  const bots = [await startBot({ database }), await startBot({ database })];
  await publishPage(own, 'crowded');
  const everybody = [...Array(VISITORS).keys()];
  let killed: Promise<void> | null = null;
  const answered = await comeBy(bots, everybody, (count) => {
    if (count >= VISITORS / 4) killed ??= bots[0]?.kill() ?? null;
  });
  await killed;
  expect(answered.size).toBeGreaterThanOrEqual(VISITORS / 4);
  expect(answered.size).toBeLessThan(VISITORS);
  const after = await sums();
  expect(after?.visitors).toBe(after?.visits);
  expect(after?.visits).toBeGreaterThanOrEqual(answered.size);
  expect(after?.visits).toBeLessThanOrEqual(VISITORS);

  const left = [bots[1] as BotProcess];
  const again = everybody.filter((one) => !answered.has(one));
  expect((await comeBy(left, again, () => undefined)).size).toBe(again.length);
  expect(await sums()).toEqual({ visitors: VISITORS, visits: (after?.visits ?? 0) + again.length });
});
