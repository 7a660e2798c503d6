// Payment webhooks: signed events to 2xx under load, how fast they are booked, and what a flood of unsigned requests does to the bot and to
// the signed events among it. The bot is a process of its own; Stripe is the tests' double, in this process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StripeDouble, startStripeDouble } from '../test/support/stripe-double.ts';
import { chargeOf, type Thing } from '../test/support/stripe-double-world.ts';
import { type BenchDatabase, makeDataDir, openBenchDatabase, removeDataDir } from './bench-database.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { percentile, type Report, round } from './report.ts';
import { readRssMb } from './rss.ts';

const EVENTS = 1_000;
const AT_ONCE = 16;
const FLOOD_SECONDS = 20;
const FLOOD_CONNECTIONS = 64;
/** Signed events a second among the flood. */
const LEGIT_PER_SECOND = 5;
const BOOKED_WITHIN_MS = 300_000;
const FLOODER = new URL('./webhook-flooder.ts', import.meta.url).pathname;

interface Stage {
  stripe: StripeDouble;
  bot: BotProcess;
  database: BenchDatabase;
}

export async function benchWebhook(): Promise<Report> {
  const dataDir = await makeDataDir('webhook');
  const stripe = await startStripeDouble();
  let bot: BotProcess | undefined;
  let database: BenchDatabase | undefined;
  try {
    const env = { STRIPE_SECRET_KEY: stripe.secretKey, STRIPE_WEBHOOK_SECRET: stripe.webhookSecret, STRIPE_API_URL: stripe.apiUrl };
    bot = await startBot({ dataDir, env: { ...env, PRACTICE_DAY_SECONDS: '0', JUG_STANDING_BUDGET_USD: '0', LOG_LEVEL: 'error' } });
    database = await openBenchDatabase(dataDir);
    const stage = { stripe, bot, database };
    // The first event loads what verifying needs.
    await deliver(stage, newEvent(stage));
    const load = await measureLoad(stage);
    return report(load, await measureFlood(stage));
  } finally {
    await database?.close();
    await bot?.stop();
    await stripe.stop();
    await removeDataDir(dataDir);
  }
}

function newEvent({ stripe }: Stage): Thing {
  chargeOf(stripe.world, { amount: 1900, currency: 'usd' });
  const event = stripe.world.events.at(-1);
  if (event === undefined) throw new Error('no event was raised');
  return event;
}

/** @returns milliseconds to the 2xx. */
async function deliver({ stripe, bot }: Stage, event: Thing): Promise<number> {
  const { body, headers } = stripe.signed(event);
  const started = performance.now();
  const response = await fetch(`${bot.url}/webhooks/stripe`, { method: 'POST', body, headers });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`a signed event was answered ${response.status}`);
  return performance.now() - started;
}

async function countOpen({ database }: Stage): Promise<number> {
  const { rows } = await database.admin.query<{ count: number }>(
    'select count(*)::int as count from payment_event where booked_at is null',
  );
  return rows[0]?.count ?? 0;
}

interface Load {
  eventsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  bookedPerSecond: number;
}

async function measureLoad(stage: Stage): Promise<Load> {
  const queue = Array.from({ length: EVENTS }, () => newEvent(stage));
  const times: number[] = [];
  const started = performance.now();
  const lane = async (): Promise<void> => {
    for (let event = queue.pop(); event !== undefined; event = queue.pop()) times.push(await deliver(stage, event));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const seconds = (performance.now() - started) / 1000;
  while ((await countOpen(stage)) > 0) {
    if (performance.now() - started > BOOKED_WITHIN_MS) throw new Error('the events were not booked in time');
    await sleep(100);
  }
  return {
    eventsPerSecond: EVENTS / seconds,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    bookedPerSecond: EVENTS / ((performance.now() - started) / 1000),
  };
}

interface Flood {
  rssMb: number;
  p99Ms: number;
  requests: number;
  statuses: string;
}

async function measureFlood(stage: Stage): Promise<Flood> {
  const { bot } = stage;
  await sleep(2_000);
  const before = await readRssMb(bot.pid);
  const args = [FLOODER, `${bot.url}/webhooks/stripe`, String(FLOOD_SECONDS), String(FLOOD_CONNECTIONS)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const ended = once(child, 'exit');
  let peak = before;
  const times: Promise<number>[] = [];
  const until = performance.now() + FLOOD_SECONDS * 1000;
  while (performance.now() < until) {
    times.push(deliver(stage, newEvent(stage)));
    if (times.length % 5 === 0) peak = Math.max(peak, await readRssMb(bot.pid));
    await sleep(1000 / LEGIT_PER_SECOND);
  }
  await ended;
  const statuses = JSON.parse(said) as Record<string, number>;
  return {
    rssMb: Math.max(peak, await readRssMb(bot.pid)) - before,
    p99Ms: percentile(await Promise.all(times), 0.99),
    requests: Object.values(statuses).reduce((sum, count) => sum + count, 0),
    statuses: Object.entries(statuses)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', '),
  };
}

function report(load: Load, flood: Flood): Report {
  return {
    title: `Payment webhooks: ${EVENTS} signed events, ${AT_ONCE} at once; then a flood over ${FLOOD_CONNECTIONS} connections for ${FLOOD_SECONDS} s`,
    columns: ['', 'value', 'goal'],
    rows: [
      ['signed events acknowledged', `${load.eventsPerSecond.toFixed(0)} /s`, ''],
      ['to 2xx, median', `${load.p50Ms.toFixed(0)} ms`, ''],
      ['to 2xx, p99', `${load.p99Ms.toFixed(0)} ms`, '≤ 1000 ms'],
      ['events booked, with their lines fetched', `${load.bookedPerSecond.toFixed(0)} /s`, ''],
      ['flood: memory of the bot above before', `${flood.rssMb.toFixed(0)} MB`, '≤ 50 MB'],
      ['flood: signed events to 2xx, p99', `${flood.p99Ms.toFixed(0)} ms`, '≤ 500 ms'],
      ['flood: requests turned away', `${(flood.requests / FLOOD_SECONDS).toFixed(0)} /s`, ''],
    ],
    notes: [
      'Client, Stripe double, flooder, bot and PostgreSQL share the machine. An event is acknowledged once it is stored; booking goes on meanwhile.',
      `The flood: no signature, wrong signatures with 60 KB, bodies of 300 KB. Answers: ${flood.statuses}.`,
    ],
    json: {
      eventsPerSecond: round(load.eventsPerSecond),
      p99Ms: round(load.p99Ms),
      bookedPerSecond: round(load.bookedPerSecond),
      floodRssMb: round(flood.rssMb),
      floodP99Ms: round(flood.p99Ms),
      floodRequestsPerSecond: round(flood.requests / FLOOD_SECONDS),
    },
  };
}
