// Three bots on one database and one daily job: each slot is taken once over all of them, and after days of downtime the job runs once,
// not once for every day that was missed.
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { type Story, startStory } from '../support/story.ts';

let database: TestDatabase | undefined;
let stories: Story[] = [];

afterEach(async () => {
  for (const story of stories) await story.stop();
  await database?.drop();
  stories = [];
});

/** Every time a bot said that it verified the books. */
const verified: string[] = [];
const log = pino(
  new Writable({
    write: (line: Buffer, _encoding, done) => {
      if (line.includes('verified the books')) verified.push(line.toString());
      done();
    },
  }),
);

async function startThree(now: string): Promise<void> {
  const share = database ?? (await createTestDatabase());
  database = share;
  const clock = { now: () => new Date(now) };
  const env = { JUG_TIMEZONE: 'America/New_York' };
  stories = await Promise.all(Array.from({ length: 3 }, () => startStory({ share, env, overrides: { clock, log } })));
}

async function stopAll(): Promise<void> {
  for (const story of stories.splice(0)) await story.stop();
}

const slots = (): Promise<{ schedule: string; at: Date }[]> =>
  stories[0]?.rows(`select schedule, slot_at as at from slot where schedule = 'verify-books' order by slot_at`) ?? Promise.resolve([]);

test('three bots take a slot once, and catch up once after days away', async () => {
  await startThree('2026-03-06T12:00:00Z');
  await vi.waitFor(() => expect(verified).toHaveLength(1), { timeout: 10_000 });
  expect(await slots()).toEqual([{ schedule: 'verify-books', at: new Date('2026-03-06T08:30:00Z') }]);
  await stopAll();

  // Four slots later, with a clock change on the way.
  await startThree('2026-03-10T12:00:00Z');
  await vi.waitFor(() => expect(verified).toHaveLength(2), { timeout: 10_000 });
  expect((await slots()).map(({ at }) => at.toISOString())).toEqual(['2026-03-06T08:30:00.000Z', '2026-03-10T07:30:00.000Z']);
  await stopAll();

  // Started again within the day: the slot is taken already.
  await startThree('2026-03-10T23:00:00Z');
  expect(await slots()).toHaveLength(2);
  await stopAll();
  expect(verified).toHaveLength(2);
});
