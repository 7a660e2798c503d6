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

/** The best of what came up while a scan ran. */
export function listFoundIn(
  db: DatabaseOrTrx,
  scan: { mode: Mode; created_at: Date; ended_at: Date | null },
  limit: number,
): Promise<Opportunity[]> {
  let select = db
    .selectFrom('opportunity')
    .selectAll()
    .where('mode', '=', scan.mode)
    .where('status', '=', 'open')
    .where('created_at', '>=', scan.created_at)
    .orderBy('score', (order) => order.desc().nullsLast())
    .orderBy('id')
    .limit(limit);
  if (scan.ended_at !== null) select = select.where('created_at', '<=', scan.ended_at);
  return select.execute();
}

export interface Conversion {
  /** Duplicates are no finds of their own. */
  found: number;
  open: number;
  refused: number;
  /** Ever tried. */
  taken: number;
  /** Tried to an end. */
  concluded: number;
  /** Of those, how many brought in more than they cost, by the last reading of each variant. */
  profitable: number;
}

/** How opportunities become profit, counted from the rows of opportunities and of the experiments on them. */
export async function countConversion(db: DatabaseOrTrx, mode: Mode): Promise<Conversion> {
  const { rows } = await sql<Conversion>`
    with tried as (select x.opportunity_id, coalesce(sum(r.profit), 0) as profit from experiment x
      left join lateral (select distinct on (r.variant_id) r.revenue_micros - r.refunded_micros - r.fees_micros - r.spend_micros as profit
        from experiment_reading r where r.experiment_id = x.id order by r.variant_id, r.day desc) r on true
      where x.mode = ${mode} and x.state = 'concluded' and x.opportunity_id is not null group by x.opportunity_id)
    select o.*, t.* from
      (select count(*)::int as found, count(*) filter (where status = 'open')::int as open, count(*) filter (where status = 'refused')::int as refused,
        count(*) filter (where taken_at is not null)::int as taken from opportunity where mode = ${mode} and status <> 'merged') o,
      (select count(*)::int as concluded, count(*) filter (where profit > 0)::int as profitable from tried) t`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('counting gave no row');
  return row;
}
