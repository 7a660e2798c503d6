// Who listens to Discord, by the lock itself on a real database: one at a time, handed over without a gap, and cheap to wait for.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type GatewayLock, startGatewayLock } from '../../src/db/gateway-lock.ts';
import { isListening, startDiscordStory } from '../support/discord-double-story.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startStory } from '../support/story.ts';

const WAIT = { timeout: 10_000, interval: 10 };

let database: TestDatabase;
let own: pg.Client;
const locks: GatewayLock[] = [];
const troubles: unknown[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  own = new pg.Client(database.connection);
  await own.connect();
});
afterEach(async () => {
  await Promise.all(locks.splice(0).map((lock) => lock.stop()));
  await own.end();
  await database.drop();
});

interface Holder {
  lock: GatewayLock;
  begunAt: number[];
  endedAt: number[];
}

/** Its work is there some time after it began, and takes some time to end. */
function hold(readyAfterMs = 0): Holder {
  const holder: Omit<Holder, 'lock'> = { begunAt: [], endedAt: [] };
  const lock = startGatewayLock({
    connection: database.connection,
    whileHeld: async (lost, onReady) => {
      await sleep(readyAfterMs, null, { signal: lost }).catch(() => null);
      holder.begunAt.push(performance.now());
      onReady();
      await new Promise((resolve) => lost.addEventListener('abort', resolve, { once: true }));
      holder.endedAt.push(performance.now());
    },
    onTrouble: (error) => troubles.push(error),
  });
  locks.push(lock);
  return { ...holder, lock };
}

const is = (holder: Holder, state: ReturnType<GatewayLock['state']>) => vi.waitFor(() => expect(holder.lock.state()).toBe(state), WAIT);
const begun = (holder: Holder, times = 1) => vi.waitFor(() => expect(holder.begunAt).toHaveLength(times), WAIT);

test('the next one works before the one that stops ends', async () => {
  const first = hold();
  await begun(first);
  const second = hold(400);
  await is(second, 'elsewhere');
  await first.lock.stop();
  await begun(second);
  expect(second.begunAt[0]).toBeLessThan(first.endedAt[0] ?? 0);
});

test('with nobody to take over, stopping takes no time', async () => {
  const only = hold();
  await begun(only);
  const told = performance.now();
  await only.lock.stop();
  expect(performance.now() - told).toBeLessThan(1_500);
});

test('a holder whose connection is cut off ends its work, and another one begins within 5 seconds', async () => {
  const first = hold();
  await begun(first);
  const second = hold();
  await is(second, 'elsewhere');
  const cutAt = performance.now();
  await own.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 7703 and granted
    and database = (select oid from pg_database where datname = current_database())`);
  await vi.waitFor(() => expect(first.begunAt.length + second.begunAt.length).toBe(2), WAIT);
  expect(performance.now() - cutAt).toBeLessThan(5_000);
  expect(first.endedAt).toHaveLength(1);
});

test('waiting and holding cost at most one statement in 2 seconds each', async () => {
  const first = hold();
  await begun(first);
  const second = hold();
  await is(second, 'elsewhere');
  const changes = new Map<number, Set<string>>();
  const until = performance.now() + 4_100;
  while (performance.now() < until) {
    const { rows } = await own.query<{ pid: number; at: string }>(
      `select pid, query_start::text as at from pg_stat_activity where application_name = 'juggernaut gateway' and datname = current_database()`,
    );
    for (const { pid, at } of rows) changes.set(pid, (changes.get(pid) ?? new Set()).add(at));
  }
  expect(changes.size).toBe(2);
  for (const seen of changes.values()) expect(seen.size).toBeLessThanOrEqual(1 + 3);
});

test('while one process hands over to another, every command is answered', { timeout: 90_000 }, async () => {
  const at = await startDiscordStory();
  const second = await startStory({ share: at.story.database, env: at.env });
  try {
    await isListening(second);
    let isOver = false;
    const acks: string[] = [];
    const asking = (async () => {
      while (!isOver) acks.push((await at.discord.command({ name: 'status', channel: at.goals, user: at.people.viewer })).ack);
    })();
    await at.story.app.stop();
    await vi.waitFor(() => expect(at.discord.connected).toBe(1), WAIT);
    isOver = true;
    await asking;
    expect(acks.length).toBeGreaterThan(1);
    expect(acks.filter((ack) => ack !== 'thinking')).toEqual([]);
    await at.story.restart();
  } finally {
    await second.stop();
    await at.stop();
  }
});
