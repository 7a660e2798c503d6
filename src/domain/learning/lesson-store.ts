// Lessons as rows, what they were learnt from, and every decision that read one.
import { type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { LessonDecision } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';
import type { FinishedExperiment } from './experience.ts';
import type { TriedOpportunity } from './part-weights.ts';

export type LessonRow = Selectable<Tables['lesson']>;

/** Concluded experiments as the learner reads them, oldest first. One that had no visitor teaches nothing. */
export async function listFinished(db: DatabaseOrTrx, mode: Mode): Promise<FinishedExperiment[]> {
  const { rows } = await sql<FinishedExperiment>`
    select e.id::text as id, e.category, e.channel, e.source, (select min(v.price_micros) from experiment_variant v where v.experiment_id = e.id)::float8 / 1000000 as price,
      (e.verdict_detail -> 'matured' ->> 'visitors')::float8 as visitors, (e.verdict_detail -> 'matured' ->> 'orders')::float8 as orders
    from experiment e where e.mode = ${mode} and e.state = 'concluded' and (e.verdict_detail -> 'matured' ->> 'visitors')::float8 > 0
    order by e.ended_at, e.id`.execute(db);
  return rows;
}

/** Concluded experiments with the parts of the score that they were chosen by, oldest first; those from before parts were kept are left out. */
export async function listTried(db: DatabaseOrTrx, mode: Mode): Promise<TriedOpportunity[]> {
  const { rows } = await sql<TriedOpportunity>`
    select e.expected -> 'parts' as parts, (e.verdict_detail ->> 'profitMicros')::bigint > 0 as paid
    from experiment e where e.mode = ${mode} and e.state = 'concluded' and e.expected ? 'parts' and (e.verdict_detail -> 'matured' ->> 'visitors')::float8 > 0
    order by e.ended_at, e.id`.execute(db);
  return rows;
}

export interface NewLesson {
  kind: 'effect' | 'failure' | 'pattern';
  dimension: string;
  value: string;
  measure: string;
  effect: number;
  spread: number;
  support: number;
  confidence: number;
  words: string;
  experimentId: number | null;
}

/** What is believed of the same thing is made surer in its place; a failure is kept once for its experiment. */
export async function keepLessons(trx: Trx, mode: Mode, lessons: readonly NewLesson[]): Promise<void> {
  if (lessons.length === 0) return;
  const rows = sql.join(
    lessons.map(
      (one) =>
        sql`(${mode}, ${one.kind}, ${one.dimension}, ${one.value}, ${one.measure}, ${one.effect}::float8, ${one.spread}::float8, ${one.support}::int, ${one.confidence}::float8, ${one.words}, ${one.experimentId}::bigint)`,
    ),
  );
  const failures = lessons.every(({ kind }) => kind === 'failure');
  const conflict = failures
    ? sql`on conflict do nothing`
    : sql`on conflict (mode, kind, dimension, value, measure) where retired_at is null and kind <> 'failure' do update set effect = excluded.effect, spread = excluded.spread,
        support = excluded.support, confidence = excluded.confidence, words = excluded.words, updated_at = clock_timestamp()`;
  await sql`insert into lesson (mode, kind, dimension, value, measure, effect, spread, support, confidence, words, experiment_id) values ${rows} ${conflict}`.execute(
    trx,
  );
}

/** It moves nothing from now on, and stays readable. */
export async function retireLessons(
  trx: Trx,
  mode: Mode,
  which: readonly { kind?: 'pattern'; dimension: string; value: string }[],
  reason: string,
): Promise<void> {
  for (const { kind = 'effect', dimension, value } of which) {
    await trx
      .updateTable('lesson')
      .set({ retired_at: sql<Date>`clock_timestamp()`, retired_reason: reason })
      .where('mode', '=', mode)
      .where('kind', '=', kind)
      .where('dimension', '=', dimension)
      .where('value', '=', value)
      .where('retired_at', 'is', null)
      .execute();
  }
}

/** What holds now, the surest first. */
export function listLessons(db: DatabaseOrTrx, mode: Mode, limit: number): Promise<LessonRow[]> {
  return db
    .selectFrom('lesson')
    .selectAll()
    .where('mode', '=', mode)
    .orderBy(sql`retired_at is not null`)
    .orderBy(sql`kind = 'failure'`)
    .orderBy('confidence', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Effects in force, by what they are about. */
export async function listEffects(db: DatabaseOrTrx, mode: Mode): Promise<LessonRow[]> {
  return db
    .selectFrom('lesson')
    .selectAll()
    .where('mode', '=', mode)
    .where('kind', '=', 'effect')
    .where('retired_at', 'is', null)
    .execute();
}

/** Patterns in force under a dimension. */
export async function listPatterns(db: DatabaseOrTrx, mode: Mode, dimension: string): Promise<LessonRow[]> {
  return db
    .selectFrom('lesson')
    .selectAll()
    .where('mode', '=', mode)
    .where('kind', '=', 'pattern')
    .where('dimension', '=', dimension)
    .where('retired_at', 'is', null)
    .orderBy('id')
    .execute();
}

export interface LessonUse {
  lessonId: number;
  decision: LessonDecision;
  subjectKind: string;
  subjectId: number;
  detail: string;
}

/** Once for each lesson and decision. */
export async function noteUses(trx: Trx, uses: readonly LessonUse[]): Promise<void> {
  if (uses.length === 0) return;
  await trx
    .insertInto('lesson_use')
    .values(
      uses.map((use) => ({
        lesson_id: use.lessonId,
        decision: use.decision,
        subject_kind: use.subjectKind,
        subject_id: use.subjectId,
        detail: use.detail,
      })),
    )
    .onConflict((conflict) => conflict.columns(['lesson_id', 'decision', 'subject_kind', 'subject_id']).doNothing())
    .execute();
}

/** The lessons that were read for a subject, each once. */
export function listUsed(db: DatabaseOrTrx, subjectKind: string, subjectId: number): Promise<(LessonRow & { detail: string })[]> {
  return db
    .selectFrom('lesson_use')
    .innerJoin('lesson', 'lesson.id', 'lesson_use.lesson_id')
    .selectAll('lesson')
    .select('lesson_use.detail')
    .distinctOn('lesson.id')
    .where('lesson_use.subject_kind', '=', subjectKind)
    .where('lesson_use.subject_id', '=', subjectId)
    .orderBy('lesson.id')
    .orderBy('lesson_use.id')
    .execute();
}

/** How often the lessons that were read for a decision were right about it. */
export async function scoreUses(trx: Trx, scores: readonly { lessonId: number; missed: boolean }[]): Promise<void> {
  if (scores.length === 0) return;
  const rows = sql.join(scores.map(({ lessonId, missed }) => sql`(${lessonId}::bigint, ${missed ? 1 : 0}::int)`));
  await sql`update lesson set predicted = lesson.predicted + 1, missed = lesson.missed + s.missed from (values ${rows}) as s (id, missed) where lesson.id = s.id`.execute(
    trx,
  );
}

/** Those in force that were wrong more often than right over at least `least` predictions. */
export async function listWrong(trx: Trx, mode: Mode, least: number): Promise<LessonRow[]> {
  return trx
    .selectFrom('lesson')
    .selectAll()
    .where('mode', '=', mode)
    .where('kind', '=', 'effect')
    .where('retired_at', 'is', null)
    .where('predicted', '>=', least)
    .where(sql<boolean>`missed * 2 > predicted`)
    .execute();
}

export interface LearningFigures {
  /** Share of the newest proposals (at most 20) whose choice or prior a lesson moved; null before there are any. */
  learningRate: number | null;
  /** Share of all opportunities that became an experiment which ran. */
  opportunityConversion: number | null;
  /** Share of concluded experiments that brought more than they cost. */
  successShare: number | null;
}

export async function readLearningFigures(db: DatabaseOrTrx, mode: Mode): Promise<LearningFigures> {
  const { rows } = await sql<{ rate: number | null; conversion: number | null; success: number | null }>`
    select (select avg(case when exists (select 1 from lesson_use u where u.subject_kind = 'experiment' and u.subject_id = newest.id) then 1 else 0 end)::float8
        from (select id from experiment where mode = ${mode} order by id desc limit 20) newest) as rate,
      (select count(*) filter (where exists (select 1 from experiment e where e.opportunity_id = o.id and e.started_day is not null))::float8 / nullif(count(*), 0)
        from opportunity o where o.mode = ${mode} and o.status <> 'merged') as conversion,
      (select avg(case when (verdict_detail ->> 'profitMicros')::bigint > 0 then 1 else 0 end)::float8 from experiment where mode = ${mode} and state = 'concluded') as success`.execute(
    db,
  );
  const row = rows[0];
  return { learningRate: row?.rate ?? null, opportunityConversion: row?.conversion ?? null, successShare: row?.success ?? null };
}
