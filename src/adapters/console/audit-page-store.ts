// Audit rows newest first with their seals, and how far the chain reaches.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface AuditQuery {
  before: number | null;
  limit: number;
  actor: string | null;
  action: string | null;
  subjectKind: string | null;
  subjectId: number | null;
}

export function listAuditRows(db: DatabaseOrTrx, query: AuditQuery) {
  let select = db
    .selectFrom('audit')
    .leftJoin('audit_seal', 'audit_seal.audit_id', 'audit.id')
    .select([
      'audit.id',
      'audit.at',
      'audit.mode',
      'audit.actor',
      'audit.action',
      'audit.subject_kind',
      'audit.subject_id',
      'audit_seal.seq',
      'audit_seal.hash',
    ])
    .select(sql<string>`left(jsonb_pretty(audit.detail), 8000)`.as('detail'))
    .orderBy('audit.id', 'desc')
    .limit(query.limit);
  if (query.before !== null) select = select.where('audit.id', '<', query.before);
  if (query.actor !== null) select = select.where('audit.actor', '=', query.actor);
  if (query.action !== null) select = select.where('audit.action', 'like', `${query.action.replace(/[\\%_]/g, '\\$&')}%`);
  if (query.subjectKind !== null) select = select.where('audit.subject_kind', '=', query.subjectKind);
  if (query.subjectId !== null) select = select.where('audit.subject_id', '=', query.subjectId);
  return select.execute();
}

/** The chain's head and how many rows still wait to be chained. */
export async function readSealState(db: DatabaseOrTrx) {
  const head = await db
    .selectFrom('audit_seal')
    .select(['seq', 'audit_id', 'hash', 'sealed_at'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { n } = await db
    .selectFrom('audit_unsealed')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return { head: head ?? null, unsealed: n };
}
