// Where the practice market listens and the secrets both sides share. The rows hold nothing of its hidden parameters.
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface FarSide {
  url: string | null;
  apiKey: string;
  webhookSecret: string;
}

/** @param makeSecret makes the secrets at the first start; null only reads. @throws Error when there is no far side yet and none is made. */
export async function readFarSide(db: DatabaseOrTrx, makeSecret: (() => string) | null): Promise<FarSide> {
  const row = await db.selectFrom('practice_far_side').selectAll().executeTakeFirst();
  if (row !== undefined) return { url: row.url, apiKey: row.api_key, webhookSecret: row.webhook_secret };
  if (makeSecret === null) throw new Error('the practice market has not been started');
  await db
    .insertInto('practice_far_side')
    .values({ id: 1, url: null, api_key: makeSecret(), webhook_secret: `whsec_${makeSecret()}` })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return readFarSide(db, null);
}

export async function saveFarSide(db: DatabaseOrTrx, url: string): Promise<void> {
  await db.updateTable('practice_far_side').set({ url }).execute();
}
