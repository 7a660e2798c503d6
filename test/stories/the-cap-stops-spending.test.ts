// Two hundred callers on two processes spend against one cap: never above it by more than one call's error, nearly all of it usable, and
// nothing forgets. People are warned at four fifths and told what stopped at the end.
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hashSeed, randomFrom } from '../../src/core/random.ts';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import type { CapLimits } from '../../src/domain/money/caps.ts';
import {
  markSent,
  type ReservationAnswer,
  type ReservationRequest,
  releaseExpired,
  reserve,
  settle,
} from '../../src/domain/money/reservation-store.ts';
import { addKnockTasks } from '../support/knock-tasks.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';

const CALLERS = 200;
const NO_CAPS: CapLimits = {
  hourMicros: null,
  dayMicros: null,
  monthMicros: null,
  marketDayMicros: null,
  goalMicros: null,
  taskMicros: null,
};
const CAP = 50_000_000n;

describe('reservations', () => {
  let database: TestDatabase;
  let pools: pg.Pool[];
  let processes: [Database, Database];
  let work: { goalId: number; taskId: number };

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = Array.from({ length: 3 }, () => createPool({ ...database.connection, max: 8, connectionTimeoutMillis: 60_000 }, () => {}));
    const [one, two] = pools.map(createDatabase) as [Database, Database];
    processes = [one, two];
    const own = new pg.Pool({ ...database.connection, max: 1 });
    const [taskId = 0] = await addKnockTasks(own, 1);
    work = { taskId, goalId: Number((await own.query('select goal_id from task')).rows[0].goal_id) };
    await own.end();
  });

  beforeEach(async () => {
    await pools[0]?.query('delete from reservation');
  });

  afterAll(async () => {
    for (const pool of pools) await pool.end();
    await database.drop();
  });

  const requestOf = (mode: 'practice' | 'live', caps: Partial<CapLimits>, amountMicros: bigint): ReservationRequest => ({
    mode,
    kind: mode === 'live' ? 'model' : 'act',
    ...work,
    toolCallId: null,
    amountMicros,
    status: 'held',
    caps: { ...NO_CAPS, ...caps },
    spender: { agent: null, tool: null, model: null },
  });

  const counted = async (): Promise<bigint> =>
    BigInt(
      (await pools[2]?.query<{ sum: string }>('select coalesce(sum(counted_micros), 0)::text as sum from reservation'))?.rows[0]?.sum ?? 0,
    );

  test.each<{ cap: keyof CapLimits; name: string; mode: 'practice' | 'live' }>([
    { cap: 'hourMicros', name: 'hour', mode: 'live' },
    { cap: 'dayMicros', name: 'day', mode: 'live' },
    { cap: 'monthMicros', name: 'month', mode: 'live' },
    { cap: 'marketDayMicros', name: 'market_day', mode: 'practice' },
    { cap: 'goalMicros', name: 'goal', mode: 'practice' },
    { cap: 'taskMicros', name: 'task', mode: 'practice' },
  ])('200 callers on two processes under a $name cap', async ({ cap, name, mode }) => {
    const random = randomFrom(hashSeed('cap', name));
    /** One provider bills more than was thought, once; all others bill less. */
    let errorMicros = 250_000n;
    const refusals: Extract<ReservationAnswer, { kind: 'refused' }>[] = [];
    const spend = async (caller: number): Promise<void> => {
      const db = processes[caller % 2] as Database;
      for (;;) {
        const amount = 200_000n + BigInt(Math.floor(random() * 800_000));
        const answer = await reserve(db, requestOf(mode, { [cap]: CAP }, amount));
        if (answer.kind === 'refused') {
          refusals.push(answer);
          return;
        }
        await markSent(db, answer.id);
        const error = errorMicros;
        errorMicros = 0n;
        await settle(db, answer.id, error > 0n ? amount + error : (amount * BigInt(30 + Math.floor(random() * 70))) / 100n);
      }
    };
    let isOver = false;
    const highest = (async () => {
      let seen = 0n;
      while (!isOver) {
        const now = await counted();
        if (now > seen) seen = now;
      }
      return seen;
    })();
    await Promise.all(Array.from({ length: CALLERS }, (_, caller) => spend(caller)));
    isOver = true;
    expect(await highest).toBeLessThanOrEqual(CAP + 250_000n);
    const spent = await counted();
    expect(spent).toBeLessThanOrEqual(CAP + 250_000n);
    expect(spent).toBeGreaterThanOrEqual((CAP * 90n) / 100n);
    expect(new Set(refusals.map((refusal) => refusal.cap))).toEqual(new Set([name]));
    expect(refusals.every((refusal) => refusal.limitMicros === CAP && refusal.usedMicros <= CAP + 250_000n)).toBe(true);
    // A process that starts now begins where the others are.
    const fresh = createPool({ ...database.connection, max: 1 }, () => {});
    const answer = await reserve(createDatabase(fresh), requestOf(mode, { [cap]: CAP }, 5_000_001n));
    await fresh.end();
    expect(answer).toMatchObject({ kind: 'refused', cap: name });
  });

  test.each([
    { cap: 'hourMicros' as const, inside: '59 minutes 50 seconds', outside: '60 minutes 10 seconds' },
    { cap: 'dayMicros' as const, inside: '23 hours 59 minutes', outside: '24 hours 1 minute' },
    { cap: 'monthMicros' as const, inside: '29 days 23 hours', outside: '30 days 1 hour' },
  ])('the window of $cap slides: nothing is forgotten at the stroke of a clock', async ({ cap, inside, outside }) => {
    const [db] = processes;
    const ask = () => reserve(db, requestOf('live', { [cap]: CAP }, 1_000_000n));
    for (let n = 0; n < 50; n += 1) expect((await ask()).kind).toBe('reserved');
    expect((await ask()).kind).toBe('refused');
    await pools[0]?.query(`update reservation set created_at = clock_timestamp() - $1::interval`, [inside]);
    expect((await ask()).kind).toBe('refused');
    await pools[0]?.query(`update reservation set created_at = clock_timestamp() - $1::interval`, [outside]);
    expect((await ask()).kind).toBe('reserved');
  });

  test('time returns what never left, and never what was sent', async () => {
    const [db] = processes;
    const ids: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const answer = await reserve(db, requestOf('live', { hourMicros: CAP }, 10_000_000n));
      if (answer.kind === 'reserved') ids.push(answer.id);
    }
    await markSent(db, ids[0] ?? 0);
    await markSent(db, ids[1] ?? 0);
    await settle(db, ids[1] ?? 0, 7_000_000n);
    expect(await releaseExpired(db)).toBe(0);
    await pools[0]?.query(`update reservation set expires_at = clock_timestamp() - interval '1 second'`);
    expect(await releaseExpired(db)).toBe(2);
    expect(await counted()).toBe(17_000_000n);
    // A call that was thought lost and answers now changes nothing: its money is free already.
    await settle(db, ids[2] ?? 0, 9_000_000n);
    expect(await counted()).toBe(17_000_000n);
  });

  test('a reservation of nothing, or of less, is refused by the database', async () => {
    for (const amount of [0n, -1n]) await expect(reserve(processes[0], requestOf('live', {}, amount))).rejects.toThrow(/positive amount/);
  });
});

describe('cards', () => {
  let story: Story | undefined;
  afterEach(async () => {
    await story?.stop();
    story = undefined;
  });

  async function approveLaunches(on: Story): Promise<void> {
    await on.say('goal', { text: FIRST_DOLLAR });
    const asked = await on.card(/^Approve \d+/);
    await on.say('approve', { id: asked.ref?.id ?? 0 });
    await vi.waitFor(
      async () => expect(await on.rows(`select 1 from tool_call where act = 'launch' and status in ('approved', 'executing')`)).toEqual([]),
      { timeout: 15_000, interval: 20 },
    );
  }

  test('four fifths of the market day are used: people are warned once', async () => {
    story = await startStory({ env: { PRACTICE_CAP_DAY_USD: '48' } });
    await approveLaunches(story);
    const card = await story.card(/of the market day cap is used/);
    expect(card.text).toContain('PRACTICE_CAP_DAY_USD');
    expect(await story.rows(`select cap, told_at is not null as told from cap_warning order by cap`)).toContainEqual({
      cap: 'market_day',
      told: true,
    });
    const warnings = (await story.posts()).filter((post) => post.card.title.includes('market day cap'));
    expect(warnings).toHaveLength(1);
  });

  test('the market day is used up: the launch that does not fit is stopped, and the card says what would raise it', async () => {
    story = await startStory({ env: { PRACTICE_CAP_DAY_USD: '30' } });
    await approveLaunches(story);
    const card = await story.card(/^Stopped by a cap/);
    expect(card.text).toMatch(/the market day cap: \$[\d.]+ of \$30\.00 used or reserved, this needs \$[\d.]+/);
    expect(card.text).toContain('PRACTICE_CAP_DAY_USD');
    const [spent] = await story.marketRows<{ sum: number }>(
      `select coalesce(-sum(amount_micros), 0)::float8 as sum from market.journal where kind = 'launch'`,
    );
    expect(spent?.sum).toBeGreaterThan(0);
    expect(spent?.sum).toBeLessThanOrEqual(30_000_000);
  });
});
