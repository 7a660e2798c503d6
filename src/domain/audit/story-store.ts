// Audit rows about some subjects, oldest first: what /why tells.
import { sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface AuditEntry {
  at: Date;
  actor: string;
  action: string;
  detail: Json;
}

/** The latest `limit` entries about any of the subjects, in the order they happened. */
export async function listAudit(
  db: DatabaseOrTrx,
  subjects: readonly { kind: string; id: number }[],
  limit: number,
): Promise<AuditEntry[]> {
  const result = await sql<AuditEntry>`
    select a.at, a.actor, a.action, a.detail from audit a
    join jsonb_to_recordset(${JSON.stringify(subjects)}::jsonb) as s(kind text, id bigint) on a.subject_kind = s.kind and a.subject_id = s.id
    order by a.id desc limit ${limit}`.execute(db);
  return result.rows.toReversed();
}
