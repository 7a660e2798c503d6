// Our side of payment links: which offer sells through which, and whether it should. The provider's side follows by a job.
import { type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type PaymentLinkRow = Selectable<Tables['payment_link']>;

export async function addPaymentLink(
  db: DatabaseOrTrx,
  link: {
    launchId: number;
    mode: Mode;
    externalId: string;
    url: string;
    priceId: string;
    name: string;
    amountMicros: Micros;
    currency: string;
  },
): Promise<void> {
  await db
    .insertInto('payment_link')
    .values({
      launch_id: link.launchId,
      mode: link.mode,
      external_id: link.externalId,
      url: link.url,
      price_id: link.priceId,
      name: link.name,
      amount_micros: link.amountMicros,
      currency: link.currency,
    })
    .execute();
}

export function findPaymentLink(db: DatabaseOrTrx, launchId: number): Promise<PaymentLinkRow | undefined> {
  return db.selectFrom('payment_link').selectAll().where('launch_id', '=', launchId).executeTakeFirst();
}

export function findPaymentLinkOfGoal(
  db: DatabaseOrTrx,
  mode: Mode,
  externalId: string,
): Promise<(PaymentLinkRow & { goal_id: number }) | undefined> {
  return db
    .selectFrom('payment_link')
    .innerJoin('launch', 'launch.id', 'payment_link.launch_id')
    .selectAll('payment_link')
    .select('launch.goal_id')
    .where('payment_link.mode', '=', mode)
    .where('payment_link.external_id', '=', externalId)
    .executeTakeFirst();
}

/** Newest first, with the goal each belongs to. */
export function listPaymentLinks(db: DatabaseOrTrx, mode: Mode, limit: number): Promise<(PaymentLinkRow & { goal_id: number })[]> {
  return db
    .selectFrom('payment_link')
    .innerJoin('launch', 'launch.id', 'payment_link.launch_id')
    .selectAll('payment_link')
    .select('launch.goal_id')
    .where('payment_link.mode', '=', mode)
    .orderBy('payment_link.launch_id', 'desc')
    .limit(limit)
    .execute();
}

/** @returns undefined when it is wanted so already. */
export function wantLinkActive(
  db: DatabaseOrTrx,
  launchId: number,
  want: { active: boolean; by: string; why: string },
): Promise<PaymentLinkRow | undefined> {
  return db
    .updateTable('payment_link')
    .set({ wanted_active: want.active, changed_by: want.by, changed_why: want.why, changed_at: sql<Date>`clock_timestamp()` })
    .where('launch_id', '=', launchId)
    .where('wanted_active', '<>', want.active)
    .returningAll()
    .executeTakeFirst();
}

/** The provider has done it. */
export function noteLinkActive(db: DatabaseOrTrx, launchId: number, active: boolean): Promise<PaymentLinkRow | undefined> {
  return db.updateTable('payment_link').set({ active }).where('launch_id', '=', launchId).returningAll().executeTakeFirst();
}
