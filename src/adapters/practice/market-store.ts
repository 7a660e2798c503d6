// The market's rows as the API reads and writes them: one query a function. Every write begins by locking the clock row of its term,
// so a process whose term is over writes nothing.
import type pg from 'pg';
import type { Delivery } from './market-events.ts';

export interface MarketClock {
  marketId: string;
  seed: number;
  day: number;
  dayFraction: number;
  term: number;
}

export interface JournalEntry {
  txnId: string;
  kind: 'launch' | 'stop' | 'return' | 'charge' | 'refund';
  day: number;
  launchId: number;
  orderId?: string;
  chargeId?: string;
  idempotencyKey?: string;
  /** Seen from the bot: what it pays is negative. */
  amountMicros: number;
  feeMicros?: number;
}

export interface LaunchRow {
  id: number;
  offerId: string;
  budgetMicros: number;
  days: number;
  status: 'running' | 'ended' | 'stopped';
  startedDay: number;
  visitors: number;
  spentMicros: number;
  returnedMicros: number;
  receipt: string;
  idempotencyKey: string;
}

export interface KeyRow {
  requestHash: string;
  kind: 'launch' | 'stop';
  launchId: number;
  status: number;
  response: string;
}

export type Db = pg.Pool | pg.ClientBase;

const CLOCK = 'market_id as "marketId", seed, day, day_fraction as "dayFraction", term';
export const LAUNCH = `l.id, l.offer_id as "offerId", l.budget_micros as "budgetMicros", l.days, l.status, l.started_day as "startedDay",
  l.visitors, l.spent_micros as "spentMicros", l.returned_micros as "returnedMicros", l.receipt, l.idempotency_key as "idempotencyKey"`;

/** Begins this process's term. A market nobody has used yet takes the configured seed; otherwise its own seed stays. */
export async function beginTerm(db: Db, seed: number): Promise<MarketClock> {
  const { rows } = await db.query<MarketClock>(
    `insert into market.clock (seed, term) values ($1, 1)
     on conflict (singleton) do update set term = clock.term + 1,
       seed = case when clock.day = 1 and not exists (select from market.launch) then excluded.seed else clock.seed end
     returning ${CLOCK}`,
    [seed],
  );
  return first(rows);
}

/** Locks the clock until the transaction ends; null when this term is over. */
export async function lockClock(db: Db, term: number): Promise<MarketClock | null> {
  const { rows } = await db.query<MarketClock>(`select ${CLOCK} from market.clock where term = $1 for update`, [term]);
  return rows[0] ?? null;
}

export async function readClock(db: Db): Promise<MarketClock> {
  const { rows } = await db.query<MarketClock>(`select ${CLOCK} from market.clock`);
  return first(rows);
}

export async function saveDayFraction(db: Db, term: number, fraction: number): Promise<void> {
  await db.query('update market.clock set day_fraction = $2 where term = $1', [term, fraction]);
}

export async function findKey(db: Db, key: string): Promise<KeyRow | null> {
  const { rows } = await db.query<KeyRow>(
    `select request_hash as "requestHash", kind, launch_id as "launchId", status, response from market.idempotency_key where key = $1`,
    [key],
  );
  return rows[0] ?? null;
}

export async function insertKey(db: Db, key: string, row: KeyRow): Promise<void> {
  await db.query(
    'insert into market.idempotency_key (key, request_hash, kind, launch_id, status, response) values ($1, $2, $3, $4, $5, $6)',
    [key, row.requestHash, row.kind, row.launchId, row.status, row.response],
  );
}

/** The number the next launch gets, and which offers run now. Only under the clock's lock. */
export async function readFloor(db: Db): Promise<{ nextId: number; running: string[] }> {
  const { rows } = await db.query<{ nextId: number; running: string[] }>(
    `select coalesce(max(id), 0) + 1 as "nextId", coalesce(array_agg(offer_id) filter (where status = 'running'), '{}') as running from market.launch`,
  );
  return first(rows);
}

export async function insertLaunch(db: Db, row: LaunchRow): Promise<void> {
  await db.query(
    `insert into market.launch (id, offer_id, budget_micros, days, started_day, receipt, idempotency_key) values ($1, $2, $3, $4, $5, $6, $7)`,
    [row.id, row.offerId, row.budgetMicros, row.days, row.startedDay, row.receipt, row.idempotencyKey],
  );
}

export async function listRunningLaunches(db: Db): Promise<LaunchRow[]> {
  const { rows } = await db.query<LaunchRow>(`select ${LAUNCH} from market.launch l where l.status = 'running' order by l.id`);
  return rows;
}

/** Offers with a launch that runs, or that was begun after that day. */
export async function listLaunchedOffers(db: Db, afterDay: number): Promise<{ offerId: string; running: boolean }[]> {
  const { rows } = await db.query<{ offerId: string; running: boolean }>(
    `select offer_id as "offerId", bool_or(status = 'running') as running from market.launch where status = 'running' or started_day > $1 group by offer_id order by min(id)`,
    [afterDay],
  );
  return rows;
}

/** Stops it if it runs, returning what was not spent; null when there is no such running launch. */
export async function stopLaunch(db: Db, id: number): Promise<LaunchRow | null> {
  const { rows } = await db.query<LaunchRow>(
    `update market.launch l set status = 'stopped', returned_micros = budget_micros - spent_micros where l.id = $1 and l.status = 'running' returning ${LAUNCH}`,
    [id],
  );
  return rows[0] ?? null;
}

export async function insertJournal(db: Db, entries: JournalEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await db.query(
    `insert into market.journal (txn_id, kind, day, launch_id, order_id, charge_id, idempotency_key, amount_micros, fee_micros)
     select "txnId", kind, day, "launchId", "orderId", "chargeId", "idempotencyKey", "amountMicros", coalesce("feeMicros", 0)
     from rows from (jsonb_to_recordset($1) as ("txnId" text, kind text, day integer, "launchId" integer, "orderId" text, "chargeId" text,
       "idempotencyKey" text, "amountMicros" bigint, "feeMicros" bigint)) with ordinality order by ordinality`,
    [JSON.stringify(entries)],
  );
}

export async function insertDeliveries(db: Db, deliveries: Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  await db.query(
    `insert into market.delivery (event_id, type, day, body, held, copies, due_at)
     select "eventId", type, day, body, held, copies, now() + "delayMs" * interval '1 millisecond'
     from rows from (jsonb_to_recordset($1) as ("eventId" text, type text, day integer, body text, held boolean, copies integer, "delayMs" double precision))
       with ordinality order by ordinality`,
    [JSON.stringify(deliveries)],
  );
}

/** Every movement of money, oldest first. */
export async function listTransactions(db: Db): Promise<(Required<JournalEntry> & { offerId: string })[]> {
  const { rows } = await db.query(
    `select j.txn_id as "txnId", j.kind, j.day, j.launch_id as "launchId", l.offer_id as "offerId", j.order_id as "orderId", j.charge_id as "chargeId",
       j.idempotency_key as "idempotencyKey", j.amount_micros as "amountMicros", j.fee_micros as "feeMicros"
     from market.journal j join market.launch l on l.id = j.launch_id where j.kind <> 'stop' order by j.id`,
  );
  return rows;
}

function first<Row>(rows: Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('the market has no clock row');
  return row;
}
