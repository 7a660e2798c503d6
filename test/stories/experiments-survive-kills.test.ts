// kill -9 in the midst of a day's review, around its launches, and while a yes becomes a permission: a fresh bot goes on, every day is decided
// once, every part of the money leaves once, and the permission has counted exactly what left.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { type BotProcess, endBots, warmBot } from '../support/bot-process.ts';
import { type MarketGate, openMarketGate } from '../support/market-gate.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startWireProxy, type WireProxy } from '../support/wire-proxy.ts';

const MOST_DAYS = 16;
const WAIT = { timeout: 20_000, interval: 25 };
const LONG = process.env['JUG_TEST_LONG'] === '1';
const ENV = { JUG_STANDING_BUDGET_USD: '60' };

interface KillPoint {
  line: 'statement' | 'request';
  side: 'before' | 'after';
  at: RegExp;
}

const AT: readonly Omit<KillPoint, 'side'>[] = [
  { line: 'statement', at: /insert into "standing_grant"/ },
  { line: 'request', at: /^POST \/v1\/launches$/ },
  { line: 'statement', at: /insert into "experiment_review"/ },
  { line: 'statement', at: /insert into "experiment_reading"/ },
  { line: 'request', at: /^GET \/v1\/launches\// },
  { line: 'statement', at: /insert into "experiment_step"/ },
  { line: 'statement', at: /standing_grant" set/ },
];
const POINTS: KillPoint[] = LONG
  ? [...AT, ...AT].flatMap((point) => (['before', 'after'] as const).map((side) => ({ ...point, side })))
  : AT.slice(0, 3).map((point, index) => ({ ...point, side: index % 2 === 0 ? 'after' : 'before' }));

interface Scene {
  database: TestDatabase;
  proxy: WireProxy;
  gate: MarketGate;
  own: pg.Pool;
}

let scene: Scene | undefined;
afterEach(async () => {
  await endBots();
  await scene?.own.end();
  await scene?.gate.stop();
  await scene?.proxy.close();
  await scene?.database.drop();
  scene = undefined;
});

async function openScene(): Promise<Scene> {
  const database = await createTestDatabase();
  const { host = '', port = 0 } = database.connection;
  const proxy = await startWireProxy({ target: { host, port } });
  const gate = await openMarketGate(database, 1);
  return { database, proxy, gate, own: new pg.Pool({ ...database.connection, max: 2 }) };
}

const rowsOf = async <Row>(from: Scene, sql: string): Promise<Row[]> => (await from.own.query(sql)).rows as Row[];

const OPEN = `select (select count(*) from payment_event where booked_at is null)::int + (select count(*) from task where status = 'running' or (status = 'pending' and ready_at <= now()))::int as open,
  (select market_day from spend_gate where mode = 'practice') as day`;

/** Ends days until the bot is gone or so many are taken in. */
async function live(from: Scene, bot: BotProcess, days: number): Promise<void> {
  from.gate.deliverTo(bot.port);
  for (let count = 0; count < days && !bot.hasExited; count += 1) {
    const day = await from.gate.endDays(1);
    await vi.waitFor(async () => {
      if (bot.hasExited) return;
      const [row] = await rowsOf<{ open: number; day: number }>(from, OPEN);
      if (row?.open !== 0 || row.day !== day) throw new Error(`day ${day} is not taken in: ${JSON.stringify(row)}`);
    }, WAIT);
  }
}

function arm(from: Scene, bot: BotProcess, point: KillPoint): void {
  const hook = async (_n: number, what: string): Promise<'forward' | 'drop'> => {
    if (bot.hasExited || !point.at.test(what)) return 'forward';
    await bot.kill();
    return 'drop';
  };
  if (point.line === 'statement') from.proxy[point.side === 'before' ? 'onStatement' : 'onAnswer'](hook);
  else from.gate[point.side === 'before' ? 'onRequest' : 'onAnswer'](hook);
}

function disarm(from: Scene): void {
  for (const line of [from.proxy, from.gate]) line.onAnswer(null);
  from.proxy.onStatement(null);
  from.gate.onRequest(null);
}

async function start(from: Scene): Promise<BotProcess> {
  const bot = (await warmBot({ database: from.database })).start({ database: from.database, through: from.proxy, env: ENV });
  await bot.ready;
  return bot;
}

test('bots killed one after another: every day decided once, every launch once, the books and the permissions agree', {
  timeout: LONG ? 900_000 : 120_000,
}, async () => {
  scene = await openScene();
  const first = await start(scene);
  await first.say('grant', { tool: 'start_experiment', each: 40, total: 2000, uses: 100, hours: 24 });
  await first.say('scan');
  await vi.waitFor(async () => {
    const [row] = await rowsOf<{ n: number }>(scene as Scene, `select count(*)::int as n from opportunity where score is not null`);
    if ((row?.n ?? 0) < 5) throw new Error('nothing found yet');
  }, WAIT);
  await first.kill();
  let killed = 0;
  for (const point of POINTS) {
    const bot = await start(scene);
    arm(scene, bot, point);
    // A place may be free only when an experiment has ended: the days go by until the moment comes.
    await live(scene, bot, MOST_DAYS);
    disarm(scene);
    if (bot.hasExited) killed += 1;
    else await bot.kill();
  }
  expect(killed).toBeGreaterThanOrEqual(POINTS.length - 1);
  const last = await start(scene);
  await live(scene, last, 3);

  const far = new pg.Client(scene.database.marketConnection);
  await far.connect();
  const { rows: journal } = await far.query(
    `select idempotency_key as key, (-amount_micros)::text as amount from market.journal where kind = 'launch' order by 1`,
  );
  const { rows: twice } = await far.query(`select offer_id, started_day from market.launch group by 1, 2 having count(*) > 1`);
  await far.end();
  expect(twice).toEqual([]);
  const calls = await rowsOf(
    scene,
    `select idempotency_key as key, amount_micros::text as amount from tool_call where tool = 'market_launch' and status = 'done' order by 1`,
  );
  expect(journal.length).toBeGreaterThan(3);
  expect(calls).toEqual(journal);
  expect(await rowsOf(scene, `select day from experiment_review group by mode, day having count(*) > 1`)).toEqual([]);
  expect(
    await rowsOf(
      scene,
      `select g.id from standing_grant g where g.used_micros <> (select coalesce(sum(c.amount_micros), 0) from tool_call c where c.grant_id = g.id and c.started_at is not null)`,
    ),
  ).toEqual([]);
  expect(
    await rowsOf(scene, `select experiment_id from standing_grant where experiment_id is not null group by 1 having count(*) > 1`),
  ).toEqual([]);
  // Each step leads on from the one before it, and nothing was left half done.
  expect(
    await rowsOf(
      scene,
      `select id from (select id, from_state, lag(to_state) over (partition by experiment_id order by seq) as before from experiment_step) s where from_state is distinct from before`,
    ),
  ).toEqual([]);
  expect(
    await rowsOf(
      scene,
      `select e.id from experiment e where state <> (select to_state from experiment_step s where s.experiment_id = e.id order by seq desc limit 1)`,
    ),
  ).toEqual([]);
  const [books] = await rowsOf<{ spend: string }>(
    scene,
    `select coalesce(sum(amount_micros) filter (where amount_micros > 0), 0)::text as spend from posting p join journal j on j.id = p.journal_id where account = 'offer_spend' and kind = 'spend'`,
  );
  expect(books?.spend).toBe(journal.reduce((sum, row) => sum + BigInt(row.amount), 0n).toString());
});
