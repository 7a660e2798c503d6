// What the market does when asked to launch or stop: each in one transaction with its idempotency key, its journal and its messages.
import type pg from 'pg';
import { z } from 'zod';
import { findOffer, messagesOf, returnEntry, type World } from './market-day-plan.ts';
import { launchClosedEvent, launchName, marketRef } from './market-events.ts';
import { reportLaunches } from './market-reports.ts';
import {
  findKey,
  insertDeliveries,
  insertJournal,
  insertKey,
  insertLaunch,
  type LaunchRow,
  lockClock,
  type MarketClock,
  readFloor,
  stopLaunch,
} from './market-store.ts';
import type { InTurn } from './market-turn.ts';

/** A request the market turns down; nothing has happened. */
export class MarketRefusal extends Error {
  readonly status: 400 | 404 | 409 | 422 | 503;
  readonly code: string;
  constructor(status: 400 | 404 | 409 | 422 | 503, code: string, message: string) {
    super(message);
    this.name = 'MarketRefusal';
    this.status = status;
    this.code = code;
  }
}

export interface Answer {
  status: number;
  /** JSON text: a replay is the same to the byte. */
  body: string;
  replayed: boolean;
}

interface Request {
  idempotencyKey: string;
  requestHash: string;
}

interface Done {
  kind: 'launch' | 'stop';
  launchId: number;
  status: number;
  response: object;
}

export interface Desk {
  /** @throws MarketRefusal */
  launch(request: Request & { body: unknown }): Promise<Answer>;
  /** @throws MarketRefusal */
  stop(request: Request & { launchId: number }): Promise<Answer>;
}

const MIN_BUDGET_MICROS = 1_000_000;
const MAX_BUDGET_MICROS = 1_000_000_000_000;

const launchBody = z.strictObject({
  offerId: z.string().max(64),
  budgetMicros: z.int().min(MIN_BUDGET_MICROS).max(MAX_BUDGET_MICROS),
  days: z.int().min(1).max(30),
});

/** `onMessages` is called when an act has committed messages to send */
export function openDesk(options: { pool: pg.Pool; world: World; inTurn: InTurn; onMessages: () => void }): Desk {
  const { world } = options;
  return {
    launch: ({ body, ...request }) =>
      decideOnce(options, request, (client, clock) => launch(client, world, clock, request.idempotencyKey, body)),
    stop: ({ launchId, ...request }) =>
      decideOnce(options, request, (client, clock) => stop(client, world, clock, request.idempotencyKey, launchId)),
  };
}

/** The first request with a key acts and leaves its answer; a later one gets that answer. A refusal leaves nothing, so it may be tried again. */
async function decideOnce(
  options: { pool: pg.Pool; world: World; inTurn: InTurn; onMessages: () => void },
  request: Request,
  act: (client: pg.PoolClient, clock: MarketClock) => Promise<Done>,
): Promise<Answer> {
  const answer = await options.inTurn(() =>
    inTransaction(options.pool, async (client) => {
      const clock = await lockClock(client, options.world.term);
      if (clock === null) throw new MarketRefusal(503, 'not_running', 'Another process runs the market now.');
      const known = await findKey(client, request.idempotencyKey);
      if (known !== null) {
        if (known.requestHash === request.requestHash) return { status: known.status, body: known.response, replayed: true };
        throw new MarketRefusal(409, 'idempotency_mismatch', 'This Idempotency-Key was used for another request.');
      }
      const { response, ...done } = await act(client, clock);
      const body = JSON.stringify(response);
      await insertKey(client, request.idempotencyKey, { ...done, requestHash: request.requestHash, response: body });
      return { status: done.status, body, replayed: false };
    }),
  );
  if (!answer.replayed) options.onMessages();
  return answer;
}

async function launch(client: pg.PoolClient, world: World, clock: MarketClock, idempotencyKey: string, body: unknown): Promise<Done> {
  const parsed = launchBody.safeParse(body);
  if (!parsed.success) throw new MarketRefusal(422, 'invalid', describe(parsed.error));
  const { offerId, budgetMicros, days } = parsed.data;
  if (findOffer(world, offerId, clock.day) === null) throw new MarketRefusal(404, 'unknown_offer', `There is no offer ${offerId}.`);
  const { nextId, running } = await readFloor(client);
  if (running.includes(offerId)) throw new MarketRefusal(409, 'offer_busy', `${offerId} is running already.`);
  const receipt = marketRef('rcpt', world.marketId, 'launch', nextId);
  const unused = { visitors: 0, spentMicros: 0, returnedMicros: 0 };
  const row: LaunchRow = {
    id: nextId,
    offerId,
    budgetMicros,
    days,
    status: 'running',
    startedDay: clock.day,
    receipt,
    idempotencyKey,
    ...unused,
  };
  await insertLaunch(client, row);
  const txnId = marketRef('txn', world.marketId, 'launch', nextId);
  await insertJournal(client, [{ txnId, kind: 'launch', day: clock.day, launchId: nextId, idempotencyKey, amountMicros: -budgetMicros }]);
  const response = {
    id: launchName(nextId),
    offerId,
    budgetMicros,
    days,
    status: 'running',
    startedDay: clock.day,
    receipt,
    idempotencyKey,
  };
  return { kind: 'launch', launchId: nextId, status: 201, response };
}

async function stop(client: pg.PoolClient, world: World, clock: MarketClock, idempotencyKey: string, launchId: number): Promise<Done> {
  const stopped = await stopLaunch(client, launchId);
  if (stopped === null) {
    const exists = (await reportLaunches(client, { id: launchId })).length > 0;
    throw exists
      ? new MarketRefusal(409, 'not_running', `${launchName(launchId)} does not run any more.`)
      : new MarketRefusal(404, 'unknown_launch', `There is no ${launchName(launchId)}.`);
  }
  const { marketId } = world;
  const { returnedMicros, spentMicros, offerId } = stopped;
  await insertJournal(client, [
    { txnId: marketRef('txn', marketId, 'stop', launchId), kind: 'stop', day: clock.day, launchId, idempotencyKey, amountMicros: 0 },
    ...returnEntry(world, clock.day, stopped, returnedMicros),
  ]);
  const launchKey = stopped.idempotencyKey;
  const closed = { launchId, offerId, status: 'stopped' as const, spentMicros, returnedMicros, receipt: stopped.receipt, launchKey };
  await insertDeliveries(client, messagesOf(world, launchClosedEvent(marketId, clock.day, closed), clock.day, launchName(launchId)));
  const receipt = marketRef('rcpt', marketId, 'stop', launchId);
  return { kind: 'stop', launchId, status: 200, response: { id: launchName(launchId), status: 'stopped', returnedMicros, receipt } };
}

async function inTransaction<Result>(pool: pg.Pool, act: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await act(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A refusal leaves a healthy connection; anything else may not have.
    const healthy = error instanceof MarketRefusal && (await client.query('rollback').then(Boolean, () => false));
    client.release(!healthy);
    throw error;
  }
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
}
