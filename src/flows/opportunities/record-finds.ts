// Finds of a source become opportunities: known ones are seen again, duplicates merged, what breaks a rule refused, the rest open and scored.
import type { Trx } from '../../db/database.ts';
import type { OpportunitySource } from '../../db/tables/states.ts';
import {
  addEvidence,
  addOpportunities,
  closeUnlisted,
  listKnown,
  lockFinds,
  type NewOpportunity,
  noteSeen,
  readSeen,
} from '../../domain/opportunities/find-store.ts';
import { type Find, tellsApart } from '../../domain/opportunities/opportunity.ts';
import type { PartResult } from '../../domain/opportunities/scan-store.ts';
import { type Sorted, sortFinds } from '../../domain/opportunities/sort-finds.ts';
import type { Deps } from '../deps.ts';
import { scoreOpportunities } from './score-opportunities.ts';

const LEFT = 'it is no longer listed where it was found';

export interface Found {
  source: OpportunitySource;
  /** Who or what found it, for people. */
  by: string;
  scanId: number | null;
  finds: readonly Find[];
  /** Ids the source lists now; null where silence says nothing. */
  listed: readonly string[] | null;
}

export interface Recorded extends PartResult {
  /** Ids by the external ids of the finds. */
  ids: ReadonlyMap<string, number>;
}

/** Harmless when repeated: a find is known by its source's id of it. */
export async function recordFinds(deps: Pick<Deps, 'mode' | 'tools'>, trx: Trx, found: Found): Promise<Recorded> {
  const { mode } = deps;
  const { source, finds } = found;
  await lockFinds(trx, mode);
  const seen = await readSeen(
    trx,
    mode,
    source,
    finds.map((find) => find.externalId),
  );
  const isNew = finds.some((find) => !seen.has(find.externalId));
  const known = isNew && !tellsApart(source) ? await listKnown(trx, mode) : [];
  const sorted = sortFinds(source, finds, { seen, known });
  await noteSeen(trx, [...seen.values()], LEFT);
  if (found.listed !== null) await closeUnlisted(trx, { mode, source, listed: found.listed, reason: LEFT });
  const ids = new Map(seen);
  const add = async (rows: NewOpportunity[]): Promise<void> => {
    for (const [externalId, id] of await addOpportunities(trx, { mode, source, foundBy: found.by }, rows)) ids.set(externalId, id);
  };
  await add(sorted.flatMap(toOwnRow));
  // What these are merged into has its number now.
  await add(sorted.flatMap((one) => toMergedRow(one, ids)));
  await addEvidence(
    trx,
    found.scanId,
    sorted.flatMap(({ find }) => find.evidence.map((place) => ({ ...place, opportunityId: ids.get(find.externalId) ?? 0 }))),
  );
  await scoreOpportunities(deps, trx);
  const count = (kind: Sorted['kind']): number => sorted.filter((one) => one.kind === kind).length;
  return { found: sorted.length, fresh: count('fresh'), merged: count('merged'), refused: count('refused'), ids };
}

function toOwnRow(one: Sorted): NewOpportunity[] {
  const { find, key } = one;
  if (one.kind === 'fresh') return [{ find, key, status: 'open', reason: null, mergedInto: null }];
  return one.kind === 'refused' ? [{ find, key, status: 'refused', reason: one.breach.reason, mergedInto: null }] : [];
}

function toMergedRow(one: Sorted, ids: ReadonlyMap<string, number>): NewOpportunity[] {
  if (one.kind !== 'merged') return [];
  const mergedInto = 'id' in one.into ? one.into.id : (ids.get(one.into.externalId) ?? null);
  if (mergedInto === null) throw new Error(`what "${one.find.externalId}" is a duplicate of has no row`);
  const reason = `the same as opportunity ${mergedInto}`;
  return [{ find: one.find, key: one.key, status: 'merged', reason, mergedInto }];
}
