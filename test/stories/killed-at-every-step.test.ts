// kill -9 before and after every SQL statement and every outside request from the goal to its launches; a fresh bot goes on. The far side
// counts: each launch that was approved exists exactly once, the books agree with it, and the goal comes to its end.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { type BotProcess, endBots, startBot, warmBot } from '../support/bot-process.ts';
import { type MarketGate, openMarketGate } from '../support/market-gate.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startWireProxy, type WireProxy } from '../support/wire-proxy.ts';

const LONG = process.env['JUG_TEST_LONG'] === '1';
const GOAL = 'Earn the first practice dollar with a budget of $60';
const SEED = 1;

interface Scene {
  database: TestDatabase;
  proxy: WireProxy;
  gate: MarketGate;
  own: pg.Pool;
}

async function openScene(): Promise<Scene> {
  const database = await createTestDatabase();
  const { host = '', port = 0 } = database.connection;
  const proxy = await startWireProxy({ target: { host, port } });
  const gate = await openMarketGate(database, SEED);
  const own = new pg.Pool({ ...database.connection, max: 2 });
  return { database, proxy, gate, own };
}

async function closeScene(scene: Scene): Promise<void> {
  await scene.own.end();
  await scene.gate.stop();
  await scene.proxy.close();
  await scene.database.drop();
}

const rowsOf = async <Row>(scene: Scene, sql: string): Promise<Row[]> => (await scene.own.query(sql)).rows as Row[];

type Stage = { goals: number; pending: number | null; launched: boolean; ended: string | null };

async function look(scene: Scene): Promise<Stage> {
  const [row] = await rowsOf<Stage>(
    scene,
    `select (select count(*)::int from goal) as goals, (select min(id)::int from approval where status = 'pending') as pending,
      coalesce((select bool_and(status = 'done') from task where kind = 'launch'), false) as launched,
      (select status from goal where status in ('done', 'failed', 'cancelled') limit 1) as ended`,
  );
  if (row === undefined) throw new Error('no row');
  return row;
}

/** Plays the person: gives the goal once, approves what is asked, until the launches are done or the bot is gone. */
async function play(scene: Scene, bot: BotProcess): Promise<void> {
  scene.gate.deliverTo(bot.port);
  await vi.waitFor(
    async () => {
      if (bot.hasExited) return;
      const stage = await look(scene);
      if (stage.launched || stage.ended !== null) return;
      // A bot that dies under a command answers nothing; the rows say whether it counted.
      if (stage.goals === 0) await bot.say('goal', { text: GOAL }).catch(() => undefined);
      else if (stage.pending !== null) await bot.say('approve', { id: stage.pending }).catch(() => undefined);
      throw new Error(
        `not launched yet: ${JSON.stringify(stage)} ${JSON.stringify(await rowsOf(scene, 'select id, status, error from task'))}`,
      );
    },
    { timeout: 25_000, interval: 25 },
  );
}

async function expectExactlyOnce(scene: Scene): Promise<void> {
  const calls = await rowsOf<{ key: string; status: string; amount: string }>(
    scene,
    `select idempotency_key as key, status, amount_micros::text as amount from tool_call where act = 'launch' order by 1`,
  );
  const far = new pg.Client(scene.database.marketConnection);
  await far.connect();
  const { rows: journal } = await far.query(
    `select idempotency_key as key, (-amount_micros)::text as amount from market.journal where kind = 'launch' order by 1`,
  );
  await far.end();
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.map(({ status }) => status)).toEqual(calls.map(() => 'done'));
  expect(journal).toEqual(calls.map(({ key, amount }) => ({ key, amount })));
  const [books] = await rowsOf<{ sum: string; spend: string; wrong: number }>(
    scene,
    `select coalesce(sum(amount_micros), 0)::text as sum, coalesce(sum(amount_micros) filter (where account = 'offer_spend'), 0)::text as spend,
      (select count(*)::int from (select 1 from posting group by journal_id, currency having sum(amount_micros) <> 0) w) as wrong from posting`,
  );
  expect(books).toEqual({ sum: '0', spend: journal.reduce((sum, row) => sum + BigInt(row.amount), 0n).toString(), wrong: 0 });
  const [counts] = await rowsOf<Record<string, string>>(
    scene,
    `select (select count(*) from goal)::int as goals, (select count(*) from launch)::int as launches, (select count(*) from approval where kind = 'act')::int as asks,
      (select coalesce(sum(counted_micros), 0) from reservation where kind = 'act')::text as reserved`,
  );
  expect(counts).toEqual({ goals: 1, launches: calls.length, asks: 1, reserved: books?.spend });
}

/** Market days until the goal has ended: nothing of it may have got lost. */
async function expectEnd(scene: Scene): Promise<void> {
  await vi.waitFor(
    async () => {
      await scene.gate.endDays(1);
      const stage = await look(scene);
      if (stage.ended === null)
        throw new Error(`the goal goes on: ${JSON.stringify(await rowsOf(scene, 'select id, status, error from task'))}`);
    },
    { timeout: 25_000, interval: 60 },
  );
  expect((await look(scene)).ended).toBe('done');
}

interface KillPoint {
  line: 'statement' | 'request';
  side: 'before' | 'after';
  /** Which one of them kills, counted from when the bot listens. */
  isIt: (n: number, what: string) => boolean;
}

/** Arms the proxy or the gate: at that point the bot dies, and what it waits for gets lost with it. */
function arm(scene: Scene, bot: BotProcess, point: KillPoint): void {
  const base = point.line === 'statement' ? scene.proxy.count : scene.gate.requests.length;
  const hook = async (n: number, what: string): Promise<'forward' | 'drop'> => {
    if (bot.hasExited || !point.isIt(n - base, what)) return 'forward';
    await bot.kill();
    return 'drop';
  };
  if (point.line === 'statement') scene.proxy[point.side === 'before' ? 'onStatement' : 'onAnswer'](hook);
  else scene.gate[point.side === 'before' ? 'onRequest' : 'onAnswer'](hook);
}

function disarm(scene: Scene): void {
  for (const line of [scene.proxy, scene.gate]) line.onAnswer(null);
  scene.proxy.onStatement(null);
  scene.gate.onRequest(null);
}

/**
 * One goal, one bot after another, each killed at its point; the last may live. The bots are loaded ahead.
 * @returns how many were killed
 */
async function liveThrough(scene: Scene, points: readonly KillPoint[]): Promise<number> {
  let waiting = warmBot(scene);
  for (const [life, point] of points.entries()) {
    const bot = (await waiting).start({ database: scene.database, through: scene.proxy });
    waiting = warmBot(scene);
    await bot.ready;
    arm(scene, bot, point);
    await play(scene, bot);
    disarm(scene);
    if (!bot.hasExited) {
      await bot.kill();
      return life;
    }
  }
  const last = (await waiting).start({ database: scene.database, through: scene.proxy });
  await last.ready;
  await play(scene, last);
  await expectExactlyOnce(scene);
  await expectEnd(scene);
  await last.kill();
  return points.length;
}

async function inScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await openScene();
  try {
    await work(scene);
  } catch (error) {
    const last = scene.proxy.statements.slice(-4).map((sql) => sql.replace(/\s+/g, ' ').slice(0, 90));
    throw new Error(`${(error as Error).message}\nThe last statements: ${last.join(' | ')}`, { cause: error });
  } finally {
    await closeScene(scene);
  }
}

const SIDES = ['before', 'after'] as const;

afterEach(endBots);

/** The first statements after a start only look around; the step is odd, so that the points fall anywhere in what follows. */
const atStatement = (life: number): KillPoint => ({
  line: 'statement',
  side: SIDES[life % 2] ?? 'before',
  isIt: (n) => n === 30 + ((life * 13) % 37),
});
const atLaunch = (side: KillPoint['side']): KillPoint => ({ line: 'request', side, isIt: (_n, what) => what === 'POST /v1/launches' });

test('one goal, one bot after another killed at a statement or around a launch: nothing is lost, nothing doubled', {
  timeout: 120_000,
}, async () => {
  const lives = LONG ? 20 : 3;
  const points = [
    ...Array.from({ length: lives }, (_, life) => atStatement(life)),
    ...(LONG ? [...SIDES, ...SIDES, ...SIDES] : SIDES).map(atLaunch),
    atStatement(lives),
  ];
  await inScene(async (scene) => {
    expect(await liveThrough(scene, points)).toBeGreaterThanOrEqual(points.length - (LONG ? 12 : 1));
  });
});

/** Every single point, each with a goal, a database and two bots of its own, three at a time. */
test.runIf(LONG)('every statement and every request, before and after', { timeout: 7_200_000 }, async () => {
  const total = { statement: 0, request: 0 };
  await inScene(async (scene) => {
    const bot = await startBot({ database: scene.database, through: scene.proxy });
    const before = scene.proxy.count;
    await play(scene, bot);
    Object.assign(total, { statement: scene.proxy.count - before, request: scene.gate.requests.length });
  });
  const step = Number(process.env['JUG_TEST_STEP'] ?? 1);
  const points = (['request', 'statement'] as const).flatMap((line) =>
    SIDES.flatMap((side) =>
      Array.from({ length: total[line] }, (_, index) => ({
        name: `${side} ${line} ${index + 1}`,
        line,
        side,
        isIt: (n: number) => n === index + 1,
      })),
    ),
  );
  const queue = points.filter((_, index) => index % step === 0);
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
      const { name, ...kill } = point;
      await inScene(async (scene) => void (await liveThrough(scene, [kill]))).catch((error: Error) =>
        failures.push(`${name}: ${error.message}`),
      );
    }
  };
  await Promise.all([work(), work(), work()]);
  expect(failures).toEqual([]);
});
