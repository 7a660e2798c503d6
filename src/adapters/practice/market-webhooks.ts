// Sends the market's events to the bot, signed like Stripe's, again and again until they are taken. Rows are the queue.
import { createHmac } from 'node:crypto';
import type pg from 'pg';
import type { MarketLog } from './market-clock.ts';
import { pause } from './market-turn.ts';

const BATCH = 20;
const AT_ONCE = 4;
const SEND_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;
/** An event refused this often is worth a line in the log, and again each time it has been refused so often more. */
const WARN_EVERY = 10;

interface Message {
  id: number;
  body: string;
  copies: number;
  attempts: number;
}

interface Picked {
  batch: Message[];
  /** Undelivered messages, this batch included. */
  open: number;
  /** Until the next one may be sent; null when there is none. */
  nextInMs: number | null;
}

interface Sent {
  id: number;
  ok: boolean;
  retryMs: number;
}

/**
 * Starts sending. `wake` says that new messages were committed. A message answered 2xx and not yet marked when the process dies is sent
 * again: at least once, as with the real thing.
 */
export function startDeliveries(options: { pool: pg.Pool; url: string; secret: string; log: MarketLog }): {
  wake(): void;
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  let woken = new AbortController();
  const deliver = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      const waitMs = await deliverBatch(options, stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) options.log.warn({ err: error }, 'Market events could not be read; trying again in a second');
        return 1000;
      });
      await pause(waitMs, AbortSignal.any([stopping.signal, woken.signal]));
    }
  };
  const ended = deliver();
  return {
    wake: () => woken.abort(),
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

/** Sends what may be sent now; returns the milliseconds until there can be more. */
async function deliverBatch(
  options: { pool: pg.Pool; url: string; secret: string; log: MarketLog },
  stopping: AbortSignal,
): Promise<number> {
  const { batch, open, nextInMs } = await pick(options.pool);
  if (batch.length === 0) return nextInMs === null ? Infinity : Math.max(nextInMs, 10);
  const queue = [...batch];
  const sent: Sent[] = [];
  const work = async (): Promise<void> => {
    for (let message = queue.shift(); message !== undefined && !stopping.aborted; message = queue.shift()) {
      let ok = true;
      for (let copy = 0; ok && copy < message.copies; copy += 1) ok = await send(options, message.body, stopping);
      sent.push({ id: message.id, ok, retryMs: backOff(message.attempts) });
      const attempts = message.attempts + 1;
      if (!ok && attempts % WARN_EVERY === 0) options.log.warn({ delivery: message.id, attempts }, 'A market event is not being taken');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await mark(options.pool, sent);
  const allTaken = open === batch.length && sent.length === batch.length && sent.every(({ ok }) => ok);
  return allTaken ? Infinity : 0;
}

/** 200 ms, doubling up to 10 s. */
function backOff(attempts: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
}

/** The end of a day is ready only when everything before it that is not held back has been taken. */
async function pick(pool: pg.Pool): Promise<Picked> {
  const { rows } = await pool.query<Picked>(
    `with open as (
       select d.*, d.type <> 'practice.day_ended'
         or not exists (select from market.delivery p where p.delivered_at is null and not p.held and p.id < d.id) as ready
       from market.delivery d where d.delivered_at is null),
     batch as (select id, body, copies, attempts from open where ready and due_at <= now() order by id limit ${BATCH})
     select coalesce((select json_agg(batch order by id) from batch), '[]') as batch, (select count(*) from open) as open,
       (select extract(epoch from min(due_at) - now())::double precision * 1000 from open where ready) as "nextInMs"`,
  );
  return rows[0] ?? { batch: [], open: 0, nextInMs: null };
}

async function mark(pool: pg.Pool, sent: Sent[]): Promise<void> {
  await pool.query(
    `update market.delivery d set attempts = attempts + 1, delivered_at = case when s.ok then now() end,
       due_at = case when s.ok then due_at else now() + s."retryMs" * interval '1 millisecond' end
     from jsonb_to_recordset($1) as s(id bigint, ok boolean, "retryMs" double precision) where s.id = d.id`,
    [JSON.stringify(sent)],
  );
}

async function send(options: { url: string; secret: string }, body: string, stopping: AbortSignal): Promise<boolean> {
  const seconds = Math.floor(Date.now() / 1000);
  const headers = { 'content-type': 'application/json', 'stripe-signature': signBody(options.secret, seconds, body) };
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
  try {
    const answer = await fetch(options.url, { method: 'POST', headers, body, signal, redirect: 'error' });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    // Nobody there, too slow, or we are stopping: the row stays and is sent again.
    return false;
  }
}

/** The header `stripe-signature` (Stripe docs, "Verify webhook signatures manually"). @param seconds unix time */
function signBody(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
