// Opportunities as rows. A status changes only from where it may; the first of two who move one wins.
import { type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { OpportunityStatus } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';
import { mayMove } from './opportunity.ts';

export type Opportunity = Selectable<Tables['opportunity']>;
export type Evidence = Selectable<Tables['opportunity_evidence']>;

const NOW = sql<Date>`clock_timestamp()`;
const ALL: readonly OpportunityStatus[] = ['open', 'taken', 'closed', 'refused', 'merged'];

export function findOpportunity(db: DatabaseOrTrx, mode: Mode, id: number): Promise<Opportunity | undefined> {
  return db.selectFrom('opportunity').selectAll().where('mode', '=', mode).where('id', '=', id).executeTakeFirst();
}

/** Best first; of those with the same score the older one. */
export function listOpportunities(
  db: DatabaseOrTrx,
  mode: Mode,
  { status, limit, offset = 0 }: { status: OpportunityStatus; limit: number; offset?: number },
): Promise<Opportunity[]> {
  return db
    .selectFrom('opportunity')
    .selectAll()
    .where('mode', '=', mode)
    .where('status', '=', status)
    .orderBy('score', (order) => order.desc().nullsLast())
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute();
}

/** Moves one where the rules let it. Undefined when it stands where it may not be moved from: somebody was first. */
export function moveOpportunity(
  db: DatabaseOrTrx,
  move: { mode: Mode; id: number; to: Exclude<OpportunityStatus, 'merged'>; reason: string | null },
): Promise<Opportunity | undefined> {
  return db
    .updateTable('opportunity')
    .set({ status: move.to, reason: move.reason, status_at: NOW, ...(move.to === 'taken' ? { taken_at: NOW } : {}) })
    .where('mode', '=', move.mode)
    .where('id', '=', move.id)
    .where(
      'status',
      'in',
      ALL.filter((from) => mayMove(from, move.to)),
    )
    .returningAll()
    .executeTakeFirst();
}

/** Where it was found, and where what was merged into it was found; oldest first. */
export function listEvidence(db: DatabaseOrTrx, id: number, limit: number): Promise<Evidence[]> {
  return db
    .selectFrom('opportunity_evidence')
    .selectAll()
    .where((where) =>
      where.or([
        where('opportunity_id', '=', id),
        where('opportunity_id', 'in', where.selectFrom('opportunity').select('id').where('merged_into', '=', id)),
      ]),
    )
    .orderBy('id')
    .limit(limit)
    .execute();
}
