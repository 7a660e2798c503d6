// The audit trail as rows: written with the fact it records, then tied into one chain of hashes by a single sealer.
import { type RawBuilder, sql } from 'kysely';
import { canonicalJson, cleanJsonText } from '../../core/canonical-json.ts';
import { redactText } from '../../core/redact.ts';
import type { Along } from '../../db/along.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import { type AuditRow, chainHash, GENESIS } from './chain.ts';

export interface AuditEntry {
  mode: Mode;
  /** A platform id, an agent, or the part of the product that decided. */
  actor: string;
  /** `call.begun`, `plan.proposed`: what happened to the subject. */
  action: string;
  subjectKind: string;
  subjectId: number | null;
  /** Anything JSON can hold; bigints become digits. Secrets are cut out. */
  detail: unknown;
}

const toDetail = (detail: unknown): string => cleanJsonText(redactText(canonicalJson(detail)));

/** Writes entries in one statement; call it in the transaction of the fact itself. The database refuses to change them later. */
export async function recordAudit(db: DatabaseOrTrx, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => ({
    mode: entry.mode,
    actor: entry.actor,
    action: entry.action,
    subject_kind: entry.subjectKind,
    subject_id: entry.subjectId,
    detail: toDetail(entry.detail),
  }));
  await db.insertInto('audit').values(rows).execute();
}

/** The same along with another statement. @param entries whose subject is that statement's fact may say so instead of its id */
export function auditAlong(entries: readonly (Omit<AuditEntry, 'subjectId'> & { subjectId: number | 'fact' | null })[]): Along {
  const rows = entries.map(
    (entry) => sql`(${entry.mode}, ${entry.actor}, ${entry.action}, ${entry.subjectKind},
    ${entry.subjectId === 'fact' ? sql`fact.id` : sql`${entry.subjectId}::bigint`}, ${toDetail(entry.detail)}::jsonb)`,
  );
  return sql`insert into audit (mode, actor, action, subject_kind, subject_id, detail)
    select entry.* from fact cross join lateral (values ${sql.join(rows)}) as entry`;
}

export interface Head {
  seq: number;
  hash: string;
}

/** Where the chain ends now, and how many rows wait for their place in it. */
export async function readHead(db: DatabaseOrTrx): Promise<{ head: Head | null; unsealed: number }> {
  const { rows } = await sql<{ seq: number | null; hash: string | null; unsealed: number }>`
    select head.seq, head.hash, (select count(*)::int from audit_unsealed) as unsealed
    from (select 1) one left join (select seq, hash from audit_seal order by seq desc limit 1) head on true`.execute(db);
  const { seq = null, hash = null, unsealed = 0 } = rows[0] ?? {};
  return { head: seq === null || hash === null ? null : { seq, hash }, unsealed };
}

export interface Sealing {
  sealed: number;
  /** The end of the chain after this batch; null when nothing was sealed now. */
  head: Head | null;
  /** Another transaction is sealing at this moment. */
  busy: boolean;
}

/** Any number, the same in every process. */
const SEALER_LOCK = 7_246_530;

/** ISO text of a timestamptz in UTC to the microsecond, in quotes, whatever the session's settings. */
export const isoOf = (column: string): RawBuilder<string> => sql<string>`to_json(${sql.ref(column)} at time zone 'UTC')::text`;

/** Every column of `audit` as exact text, aliased `a`; jsonb and timestamps would lose digits as JavaScript values. */
export const ROW_COLUMNS = sql<AuditRow>`a.id::text as id, ${isoOf('a.at')} as at, a.mode, a.actor, a.action,
  a.subject_kind as "subjectKind", a.subject_id::text as "subjectId", a.detail::text as detail`;

type Waiting = AuditRow & { sealedAt: string; headSeq: string | null; headHash: string | null };

/**
 * Committed rows without a seal, oldest id first. A row whose transaction commits late is sealed later, behind higher ids.
 * The limits inside keep the planner on the indexes: without statistics it would read the whole trail for every batch.
 */
async function readWaiting(trx: Trx, limit: number): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select ${ROW_COLUMNS}, to_json(statement_timestamp() at time zone 'UTC')::text as "sealedAt", head.seq::text as "headSeq", head.hash as "headHash"
    from (select audit_id from audit_unsealed order by audit_id limit ${limit}) q
    cross join lateral (select * from audit where id = q.audit_id limit 1) a
    left join lateral (select seq from audit_seal where audit_id = q.audit_id limit 1) sealed on true
    left join (select seq, hash from audit_seal order by seq desc limit 1) head on true
    where sealed.seq is null
    order by q.audit_id`.execute(trx);
  return rows;
}

/**
 * Seals up to `limit` waiting rows behind the end of the chain. Call it in a READ COMMITTED transaction of its own:
 * the lock that keeps sealers apart ends with it. Three statements.
 */
export async function sealAudit(trx: Trx, limit: number): Promise<Sealing> {
  const { rows: locks } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${SEALER_LOCK}::bigint) as mine`.execute(trx);
  if (locks[0]?.mine !== true) return { sealed: 0, head: null, busy: true };
  // A statement of its own, so that its snapshot holds what the sealer before us committed.
  const waiting = await readWaiting(trx, limit);
  const first = waiting[0];
  if (first === undefined) return { sealed: 0, head: null, busy: false };
  let hash = first.headHash ?? GENESIS;
  let seq = BigInt(first.headSeq ?? 0);
  const seals = waiting.map((row) => {
    seq += 1n;
    hash = chainHash(hash, { seq: seq.toString(), sealedAt: row.sealedAt }, row);
    return { seq: seq.toString(), id: row.id, hash };
  });
  const ids = seals.map((seal) => seal.id);
  await sql`
    with gone as (delete from audit_unsealed where audit_id = any(${ids}::bigint[]))
    insert into audit_seal (seq, audit_id, hash, sealed_at)
    select *, (${first.sealedAt}::json #>> '{}')::timestamp at time zone 'UTC'
    from unnest(${seals.map((seal) => seal.seq)}::bigint[], ${ids}::bigint[], ${seals.map((seal) => seal.hash)}::text[])`.execute(trx);
  return { sealed: seals.length, head: { seq: Number(seq), hash }, busy: false };
}

/** The newest rows with their places in the chain; `seq` is null until sealed. */
export function listLatestAudit(db: DatabaseOrTrx, limit: number) {
  return db
    .selectFrom('audit')
    .leftJoin('audit_seal', 'audit_seal.audit_id', 'audit.id')
    .select(['audit.id', 'at', 'mode', 'actor', 'action', 'subject_kind', 'subject_id', 'seq'])
    .select(sql<string>`left(detail::text, 400)`.as('detail'))
    .orderBy('audit.id', 'desc')
    .limit(limit)
    .execute();
}
