// Reads the whole audit trail again and says, row by row, where it is not what was sealed.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { type Head, isoOf, ROW_COLUMNS } from './audit-store.ts';
import { type AuditRow, chainHash, GENESIS } from './chain.ts';

export interface AuditProblem {
  /** The place in the chain, or null for a row outside it. */
  seq: number | null;
  auditId: number | null;
  what: string;
}

export interface AuditReport {
  ok: boolean;
  /** Seals read. */
  sealed: number;
  /** Rows that still wait for their seal: the tail nobody vouches for yet. */
  unsealed: number;
  oldestUnsealed: Date | null;
  head: Head | null;
  /** The first 1,000. */
  problems: AuditProblem[];
  problemCount: number;
}

export interface VerifyOptions {
  /** Called after each batch with the seals read so far. */
  onProgress?: (sealed: number) => void;
  /**
   * Heads noted outside the database. Only they betray a chain that was cut short or rewritten from some row to the end,
   * which inside the database looks like any other chain.
   */
  anchors?: readonly Head[];
}

const BATCH = 5_000;
const MOST_PROBLEMS = 1_000;

/** Where reading stands: what the next row must follow. */
interface Walk {
  sealed: number;
  seq: bigint;
  /** The stored hash before, and what it should have been: an edited hash is charged to its own row only. */
  previous: readonly string[];
  /** After a gap nothing can be said about the next row. */
  afterGap: boolean;
  problems: AuditProblem[];
  problemCount: number;
  anchors: Map<number, string>;
}

type SealRow = Partial<AuditRow> & { seq: string; sealedId: string; hash: string; sealedAt: string };

function note(walk: Walk, seq: string | null, auditId: string | null, what: string): void {
  walk.problemCount += 1;
  if (walk.problems.length >= MOST_PROBLEMS) return;
  walk.problems.push({ seq: seq === null ? null : Number(seq), auditId: auditId === null ? null : Number(auditId), what });
}

const isWhole = (row: SealRow): row is SealRow & AuditRow => row.id !== null && row.id !== undefined;

function checkPlace(walk: Walk, row: SealRow): void {
  const expected = walk.seq + 1n;
  const found = BigInt(row.seq);
  if (found > expected) {
    const missing = found - expected;
    note(walk, expected.toString(), null, missing === 1n ? 'the seal is missing' : `${missing} seals are missing from here on`);
    walk.afterGap = true;
  } else if (found < expected) note(walk, row.seq, row.sealedId, 'the seal stands outside the chain');
  walk.seq = found;
}

function checkHash(walk: Walk, row: SealRow): void {
  if (!isWhole(row)) {
    note(walk, row.seq, row.sealedId, 'the row was deleted');
    walk.previous = [row.hash];
    return;
  }
  const hashes = walk.previous.map((previous) => chainHash(previous, row, row));
  if (!walk.afterGap && !hashes.includes(row.hash)) note(walk, row.seq, row.sealedId, 'the row, its place or its seal was changed');
  walk.previous = hashes.includes(row.hash) || walk.afterGap ? [row.hash] : [row.hash, ...hashes.slice(0, 1)];
}

function checkAnchor(walk: Walk, row: SealRow): void {
  const anchor = walk.anchors.get(Number(row.seq));
  if (anchor === undefined) return;
  walk.anchors.delete(Number(row.seq));
  if (anchor !== row.hash) note(walk, row.seq, row.sealedId, 'the chain up to here is not the one noted outside: it was rewritten');
}

function step(walk: Walk, row: SealRow): void {
  walk.sealed += 1;
  checkPlace(walk, row);
  checkHash(walk, row);
  checkAnchor(walk, row);
  walk.afterGap = false;
}

async function readSeals(db: DatabaseOrTrx, after: string): Promise<SealRow[]> {
  const { rows } = await sql<SealRow>`
    select s.seq::text as seq, s.audit_id::text as "sealedId", s.hash, ${isoOf('s.sealed_at')} as "sealedAt", ${ROW_COLUMNS}
    from (select * from audit_seal where seq > ${after}::bigint order by seq limit ${BATCH}) s
    left join lateral (select * from audit where id = s.audit_id limit 1) a on true
    order by s.seq`.execute(db);
  return rows;
}

/** Rows outside the chain, in one snapshot: a row is either sealed or in the queue, and never both. */
async function readStrays(db: DatabaseOrTrx): Promise<{ id: string; what: string }[]> {
  const { rows } = await sql<{ id: string; what: string }>`
    select a.id::text as id, 'the row was inserted without a seal, or its seal was deleted' as what from audit a
    where not exists (select from audit_seal s where s.audit_id = a.id) and not exists (select from audit_unsealed u where u.audit_id = a.id)
    union all
    select u.audit_id::text, 'the row was deleted before it was sealed' from audit_unsealed u
    where not exists (select from audit a where a.id = u.audit_id) and not exists (select from audit_seal s where s.audit_id = u.audit_id)
    union all
    select u.audit_id::text, 'the row waits for a seal that it has' from audit_unsealed u join audit_seal s on s.audit_id = u.audit_id
    limit ${MOST_PROBLEMS}`.execute(db);
  return rows;
}

async function readTail(db: DatabaseOrTrx): Promise<{ unsealed: number; oldest: Date | null }> {
  const { rows } = await sql<{ unsealed: number; oldest: Date | null }>`
    select count(*) as unsealed, min(a.at) filter (where isfinite(a.at)) as oldest from audit_unsealed u join audit a on a.id = u.audit_id`.execute(
    db,
  );
  return rows[0] ?? { unsealed: 0, oldest: null };
}

/** Names every edit, deletion, reorder, gap and unsealed insertion. Reads in batches, so memory stays flat; writes nothing. */
export async function verifyAudit(db: DatabaseOrTrx, options: VerifyOptions = {}): Promise<AuditReport> {
  const anchors = new Map((options.anchors ?? []).map((anchor) => [anchor.seq, anchor.hash]));
  const walk: Walk = { sealed: 0, seq: 0n, previous: [GENESIS], afterGap: false, problems: [], problemCount: 0, anchors };
  let head: Head | null = null;
  let next = readSeals(db, '-9223372036854775808');
  for (let batch = await next; batch.length > 0; batch = await next) {
    const last = batch.at(-1) as SealRow;
    // The database reads on while this batch is hashed.
    next = batch.length < BATCH ? Promise.resolve([]) : readSeals(db, last.seq);
    for (const row of batch) step(walk, row);
    head = { seq: Number(last.seq), hash: last.hash };
    options.onProgress?.(walk.sealed);
  }
  for (const seq of walk.anchors.keys()) note(walk, String(seq), null, 'the chain ends before a place noted outside: it was cut short');
  for (const stray of await readStrays(db)) note(walk, null, stray.id, stray.what);
  const tail = await readTail(db);
  const { sealed, problems, problemCount } = walk;
  return { ok: problemCount === 0, sealed, unsealed: tail.unsealed, oldestUnsealed: tail.oldest, head, problems, problemCount };
}
