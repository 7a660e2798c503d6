// Finds become rows, and scores are written: few statements whatever the number. One writer at a time, so that no duplicate slips in between.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { EvidenceOrigin, OpportunitySource, OpportunityStatus } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';
import type { Find, FoundAt } from './opportunity.ts';
import type { Opportunity } from './opportunity-store.ts';
import type { Score } from './score.ts';
import type { Known } from './sort-finds.ts';

/** 'jugo': the two-number key space of advisory locks. */
const LOCK = 1_785_948_015;
/** Older ones are no longer compared with. */
const MOST_KNOWN = 2_000;
const MOST_SCORED = 1_000;

/** Until the transaction ends. */
export async function lockFinds(trx: Trx, mode: Mode): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK}, ${mode === 'live' ? 2 : 1})`.execute(trx);
}

export async function readSeen(
  db: DatabaseOrTrx,
  mode: Mode,
  source: OpportunitySource,
  externalIds: readonly string[],
): Promise<Map<string, number>> {
  if (externalIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('opportunity')
    .select(['id', 'external_id'])
    .where('mode', '=', mode)
    .where('source', '=', source)
    .where('external_id', 'in', externalIds)
    .execute();
  return new Map(rows.map((row) => [row.external_id, row.id]));
}

/** What a duplicate is merged into: also what was refused, so that it does not come back under another name. */
export function listKnown(db: DatabaseOrTrx, mode: Mode): Promise<Known[]> {
  return db
    .selectFrom('opportunity')
    .select(['id', 'name_key'])
    .where('mode', '=', mode)
    .where('status', 'in', ['open', 'taken', 'refused'])
    .orderBy('id', 'desc')
    .limit(MOST_KNOWN)
    .execute();
}

export interface NewOpportunity {
  find: Find;
  key: string;
  status: OpportunityStatus;
  reason: string | null;
  mergedInto: number | null;
}

/** @returns ids by external ids */
export async function addOpportunities(
  db: DatabaseOrTrx,
  of: { mode: Mode; source: OpportunitySource; foundBy: string },
  rows: readonly NewOpportunity[],
): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  const added = await db
    .insertInto('opportunity')
    .values(
      rows.map(({ find, key, status, reason, mergedInto }) => ({
        mode: of.mode,
        source: of.source,
        external_id: find.externalId,
        name: find.name,
        name_key: key,
        ...columnsOf(find),
        tainted: find.tainted,
        found_by: of.foundBy,
        status,
        reason,
        merged_into: mergedInto,
        score_parts: '[]',
      })),
    )
    .returning(['id', 'external_id'])
    .execute();
  return new Map(added.map((row) => [row.external_id, row.id]));
}

const columnsOf = (find: Find) => ({
  sells: find.sells,
  buyer: find.buyer,
  category: find.category,
  channel: find.channel,
  price_micros: find.priceMicros,
  unit_cost_micros: find.unitCostMicros,
  visitor_cost_micros: find.visitorCostMicros,
  capital_micros: find.capitalMicros,
  capacity_per_day: find.capacityPerDay,
  days_to_first_dollar: find.daysToFirstDollar,
  effort_hours: find.effortHours,
  automation: find.automation,
  scalability: find.scalability,
  risk: find.risk,
  capabilities: JSON.stringify(find.capabilities),
});

/** Seen again; what has left its list and came back is open again. */
export async function noteSeen(db: DatabaseOrTrx, ids: readonly number[], left: string): Promise<void> {
  if (ids.length === 0) return;
  await sql`update opportunity set seen_at = clock_timestamp(),
      status_at = case when status = 'closed' and reason = ${left} then clock_timestamp() else status_at end,
      reason = case when status = 'closed' and reason = ${left} then null else reason end,
      status = case when status = 'closed' and reason = ${left} then 'open' else status end
    where id in (${sql.join(ids)})`.execute(db);
}

/** What a source no longer lists and nobody has taken. */
export async function closeUnlisted(
  db: DatabaseOrTrx,
  of: { mode: Mode; source: OpportunitySource; listed: readonly string[]; reason: string },
): Promise<void> {
  let update = db
    .updateTable('opportunity')
    .set({ status: 'closed', reason: of.reason, status_at: sql<Date>`clock_timestamp()` })
    .where('mode', '=', of.mode)
    .where('source', '=', of.source)
    .where('status', '=', 'open');
  if (of.listed.length > 0) update = update.where('external_id', 'not in', of.listed);
  await update.execute();
}

export async function addEvidence(
  db: DatabaseOrTrx,
  scanId: number | null,
  places: readonly (FoundAt & { opportunityId: number })[],
): Promise<void> {
  if (places.length === 0) return;
  await db
    .insertInto('opportunity_evidence')
    .values(
      places.map((place) => ({
        opportunity_id: place.opportunityId,
        kind: place.kind,
        origin: place.origin,
        sha256: place.sha256,
        excerpt: place.excerpt,
        scan_id: scanId,
        tool_call_id: place.toolCallId,
      })),
    )
    .onConflict((conflict) => conflict.columns(['opportunity_id', 'origin', 'sha256']).doNothing())
    .execute();
}

/** Open ones with the kinds of place they were found at, each place once however often it was read. */
export async function listToScore(db: DatabaseOrTrx, mode: Mode): Promise<(Opportunity & { places: EvidenceOrigin[] })[]> {
  const { rows } = await sql<Opportunity & { places: EvidenceOrigin[] }>`
    select o.*, coalesce((select json_agg(p.kind) from (select distinct e.kind, e.origin from opportunity_evidence e
      where e.opportunity_id = o.id or e.opportunity_id in (select m.id from opportunity m where m.merged_into = o.id)) p), '[]') as places
    from opportunity o where o.mode = ${mode} and o.status = 'open' order by o.id desc limit ${MOST_SCORED}`.execute(db);
  return rows;
}

export async function writeScores(db: DatabaseOrTrx, scores: readonly (Score & { id: number })[]): Promise<void> {
  if (scores.length === 0) return;
  await sql`update opportunity o set score = s.score, score_parts = s.parts, scored_at = clock_timestamp()
    from jsonb_to_recordset(${JSON.stringify(scores)}::jsonb) as s(id bigint, score double precision, parts jsonb)
    where o.id = s.id and (o.score, o.score_parts) is distinct from (s.score, s.parts)`.execute(db);
}

export const dollarsOf = (micros: Micros | null): number | null => (micros === null ? null : Number(micros) / 1e6);
