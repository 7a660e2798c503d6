// The end of a market day, in one transaction: visits, orders, payments, refunds, closings, and the messages about them.
import type pg from 'pg';
import { type DayFacts, type DayPlan, messagesOf, type OrderRow, planDay, type World } from './market-day-plan.ts';
import { dayEndedEvent } from './market-events.ts';
import { insertDeliveries, insertJournal, listRunningLaunches, lockClock } from './market-store.ts';

/** Delivered messages older than this many days are forgotten; the journal never is. */
const KEEP_DELIVERIES_DAYS = 400;
const ORDER = `o.id as "orderId", o.customer_id as "customerId", o.launch_id as "launchId", l.offer_id as "offerId", l.idempotency_key as "launchKey",
  o.value_micros as "valueMicros", o.fee_micros as "feeMicros", o.visit_day as "visitDay", o.pay_day as "payDay", o.refund_day as "refundDay", o.repeat,
  case when o.buyer_day is not null then json_build_object('visitDay', o.buyer_day, 'index', o.buyer_index, 'payDay', o.first_pay_day) end as buyer`;

/**
 * Ends day `day` if nobody has yet, and returns the day it is now. A day without running launches or money due is one statement.
 * Call it in the term's turn (market-turn.ts): a launch committing while it runs would be missed by its snapshot.
 * @throws Error when this process no longer runs the market
 */
export async function endMarketDay(pool: pg.Pool, world: World, day: number): Promise<number> {
  if (await endIdleDay(pool, world, day)) return day + 1;
  const client = await pool.connect();
  try {
    await client.query('begin');
    const clock = await lockClock(client, world.term);
    if (clock === null) throw new Error('another process runs the market');
    // An answer lost on the way: the day had ended, only we did not hear.
    if (clock.day === day) await writeDay(client, planDay(world, day, await readDay(client, day)), day);
    await client.query('commit');
    client.release();
    return Math.max(clock.day, day + 1);
  } catch (error) {
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}

async function endIdleDay(pool: pg.Pool, world: World, day: number): Promise<boolean> {
  const messages = messagesOf(world, dayEndedEvent(world.marketId, day), day, String(day));
  const { rowCount } = await pool.query(
    `with ended as (
       update market.clock set day = day + 1, day_fraction = 0
       where term = $1 and day = $2 and not exists (select from market.launch where status = 'running')
         and not exists (select from market.customer_order where charged_day is null and pay_day <= $2)
         and not exists (select from market.customer_order where refund_day <= $2 and refunded_day is null)
       returning day),
     forgotten as (delete from market.delivery where day < $2 - ${KEEP_DELIVERIES_DAYS} and delivered_at is not null)
     insert into market.delivery (event_id, type, day, body, held, copies, due_at)
     select m."eventId", m.type, m.day, m.body, m.held, m.copies, now() + m."delayMs" * interval '1 millisecond'
     from jsonb_to_recordset($3) as m("eventId" text, type text, day integer, body text, held boolean, copies integer, "delayMs" double precision), ended`,
    [world.term, day, JSON.stringify(messages)],
  );
  return (rowCount ?? 0) > 0;
}

/** Marks what comes due today and reads what runs. */
async function readDay(client: pg.PoolClient, day: number): Promise<DayFacts> {
  const due = (set: string, where: string) =>
    client.query<OrderRow>(
      `update market.customer_order o set ${set} = $1 from market.launch l where l.id = o.launch_id and ${where} returning ${ORDER}`,
      [day],
    );
  const charged = await due('charged_day', 'o.charged_day is null and o.pay_day <= $1');
  const refunded = await due('refunded_day', 'o.refunded_day is null and o.charged_day is not null and o.refund_day <= $1');
  return { running: await listRunningLaunches(client), charges: byOrder(charged.rows), refunds: byOrder(refunded.rows) };
}

function byOrder(rows: OrderRow[]): OrderRow[] {
  return rows.sort((a, b) => a.launchId - b.launchId || a.visitDay - b.visitDay || (a.orderId < b.orderId ? -1 : 1));
}

async function writeDay(client: pg.PoolClient, plan: DayPlan, day: number): Promise<void> {
  await client.query(
    `with today as (
       select * from jsonb_to_recordset($1) as t(id integer, visitors integer, "spentMicros" bigint, closes boolean, "totalSpentMicros" bigint, "returnedMicros" bigint)),
     rows as (insert into market.launch_day (launch_id, day, visitors, spent_micros) select id, $2, visitors, "spentMicros" from today)
     update market.launch l set visitors = l.visitors + today.visitors, spent_micros = "totalSpentMicros", returned_micros = "returnedMicros",
       status = case when closes then 'ended' else status end
     from today where today.id = l.id`,
    [JSON.stringify(plan.launches), day],
  );
  await client.query(
    `insert into market.customer_order (id, launch_id, visit_day, customer_id, value_micros, fee_micros, pay_day, refund_day, repeat, buyer_day, buyer_index, first_pay_day)
     select "orderId", "launchId", "visitDay", "customerId", "valueMicros", "feeMicros", "payDay", "refundDay", repeat,
       (buyer->>'visitDay')::integer, (buyer->>'index')::integer, (buyer->>'payDay')::integer
     from jsonb_to_recordset($1) as t("orderId" text, "launchId" integer, "visitDay" integer, "customerId" text, "valueMicros" bigint,
       "feeMicros" bigint, "payDay" integer, "refundDay" integer, repeat integer, buyer jsonb)`,
    [JSON.stringify(plan.orders)],
  );
  await insertJournal(client, plan.journal);
  await insertDeliveries(client, plan.deliveries);
  await client.query('update market.clock set day = day + 1, day_fraction = 0');
}
