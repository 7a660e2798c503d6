// Experiments as rows: kept with their variants, found, listed, and those that are late.
import { type Selectable, sql } from 'kysely';
import { hashOf, type Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { RiskClass } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';
import type { Contract } from './contract.ts';
import { addStep } from './experiment-steps-store.ts';
import { OPEN_STATES, type StateDeadline } from './lifecycle.ts';

export type Experiment = Selectable<Tables['experiment']>;
export type Variant = Selectable<Tables['experiment_variant']>;
export type Step = Selectable<Tables['experiment_step']>;

const NOW = sql<Date>`clock_timestamp()`;

export interface NewExperiment {
  mode: Mode;
  goalId: number;
  opportunityId: number | null;
  name: string;
  source: string;
  category: string;
  channel: string;
  riskClass: RiskClass;
  contract: Contract;
  maxLossMicros: Micros;
  expected: Json;
  createdBy: string;
  reason: string;
  deadline: StateDeadline;
  day: number;
}

/** Whoever proposes or decides holds it, so that no two fill the same place. */
export async function lockPortfolio(trx: Trx, mode: Mode): Promise<void> {
  await sql`select pg_advisory_xact_lock(7712, ${mode === 'live' ? 2 : 1})`.execute(trx);
}

/** A draft with its variants and its first step. */
export async function addExperiment(trx: Trx, draft: NewExperiment): Promise<Experiment> {
  const row = await trx
    .insertInto('experiment')
    .values({
      mode: draft.mode,
      goal_id: draft.goalId,
      opportunity_id: draft.opportunityId,
      name: draft.name,
      source: draft.source,
      category: draft.category,
      channel: draft.channel,
      risk_class: draft.riskClass,
      contract: JSON.stringify(draft.contract),
      contract_hash: hashOf(draft.contract),
      max_loss_micros: draft.maxLossMicros,
      budget_micros: draft.maxLossMicros,
      expected: JSON.stringify(draft.expected),
      state_deadline: draft.deadline.at,
      state_deadline_day: draft.deadline.day,
      created_by: draft.createdBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await addStep(trx, {
    experimentId: row.id,
    from: null,
    to: 'draft',
    event: 'draft',
    reason: draft.reason,
    by: draft.createdBy,
    day: draft.day,
  });
  await trx
    .insertInto('experiment_variant')
    .values(
      draft.contract.variants.map((variant) => ({
        mode: draft.mode,
        experiment_id: row.id,
        name: variant.name,
        price_micros: toMicros(variant.priceUsd),
        visitor_cost_micros: toMicros(variant.visitorCostUsd),
        capacity_per_day: variant.capacityPerDay,
        channel: variant.channel,
        offer_id: variant.offerId,
        page_slug: variant.pageSlug ?? null,
        page_variant: variant.pageSlug === undefined ? null : (variant.pageVariant ?? 'a'),
      })),
    )
    .execute();
  return row;
}

const toMicros = (dollars: number): Micros => BigInt(Math.round(dollars * 100)) * 10_000n;

export function findExperiment(db: DatabaseOrTrx, mode: Mode, id: number): Promise<Experiment | undefined> {
  return db.selectFrom('experiment').selectAll().where('mode', '=', mode).where('id', '=', id).executeTakeFirst();
}

/** The same, locked until the transaction ends. */
export function lockExperiment(trx: Trx, id: number): Promise<Experiment | undefined> {
  return trx.selectFrom('experiment').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

/** Those that are not over, oldest first. */
export function listOpen(db: DatabaseOrTrx, mode: Mode): Promise<Experiment[]> {
  return db
    .selectFrom('experiment')
    .selectAll()
    .where('mode', '=', mode)
    .where('state', 'in', [...OPEN_STATES])
    .orderBy('id')
    .execute();
}

export function listExperiments(db: DatabaseOrTrx, mode: Mode, limit: number): Promise<Experiment[]> {
  return db.selectFrom('experiment').selectAll().where('mode', '=', mode).orderBy('id', 'desc').limit(limit).execute();
}

export function listVariants(db: DatabaseOrTrx, experimentIds: readonly number[]): Promise<Variant[]> {
  return db
    .selectFrom('experiment_variant')
    .selectAll()
    .where('experiment_id', 'in', [...experimentIds, -1])
    .orderBy('id')
    .execute();
}

/** They get no money and no visitors from now on; their figures stay. @returns the names of those that were open */
export async function stopVariants(trx: Trx, ids: readonly number[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await trx
    .updateTable('experiment_variant')
    .set({ status: 'stopped' })
    .where('id', 'in', [...ids])
    .where('status', '=', 'open')
    .returning('name')
    .execute();
  return rows.map(({ name }) => name);
}

export function listSteps(db: DatabaseOrTrx, experimentId: number): Promise<Step[]> {
  return db.selectFrom('experiment_step').selectAll().where('experiment_id', '=', experimentId).orderBy('seq').execute();
}

/** Those whose state has lasted longer than it may, and of whom nobody was told. */
export const lateExperiments = (db: DatabaseOrTrx, mode: Mode) =>
  db
    .selectFrom('experiment')
    .selectAll()
    .where('mode', '=', mode)
    .where('state', 'in', [...OPEN_STATES])
    .where('alerted_at', 'is', null)
    .where(
      sql<boolean>`(state_deadline < statement_timestamp() or (mode = 'practice' and state_deadline_day < (select market_day + 1 from spend_gate gate where gate.mode = experiment.mode)))`,
    );

export const listLate = (db: DatabaseOrTrx, mode: Mode): Promise<Experiment[]> =>
  lateExperiments(db, mode).orderBy('id').limit(20).execute();

/** False when somebody else tells. */
export async function noteAlert(trx: Trx, id: number): Promise<boolean> {
  const row = await trx
    .updateTable('experiment')
    .set({ alerted_at: NOW })
    .where('id', '=', id)
    .where('alerted_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
