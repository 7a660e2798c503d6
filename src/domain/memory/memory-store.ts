// What is remembered: each fact with its kind, its source row, whom it is for, and whether a stranger had a hand in it. Forgetting keeps the row.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import { storableText } from '../../core/canonical-json.ts';
import { redactText } from '../../core/redact.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Fact = Omit<Selectable<Tables['memory_fact']>, 'search'>;

export interface NewFact {
  mode: Mode;
  kind: 'told' | 'assumed';
  scope: Fact['scope'];
  goalId: number | null;
  person: string | null;
  text: string;
  source: { kind: string; id: number };
  toldBy: string;
  tainted: boolean;
}

const clean = (text: string): string => storableText(redactText(text)).slice(0, 2000);
const COLUMNS = [
  'id',
  'mode',
  'kind',
  'scope',
  'goal_id',
  'person',
  'text',
  'source_kind',
  'source_id',
  'told_by',
  'tainted',
  'created_at',
  'forgotten_at',
  'forgotten_by',
] as const;

export async function addFact(db: DatabaseOrTrx, fact: NewFact): Promise<Fact> {
  return db
    .insertInto('memory_fact')
    .values({
      mode: fact.mode,
      kind: fact.kind,
      scope: fact.scope,
      goal_id: fact.scope === 'goal' ? fact.goalId : null,
      person: fact.scope === 'person' ? fact.person : null,
      text: clean(fact.text),
      source_kind: fact.source.kind,
      source_id: fact.source.id,
      told_by: fact.toldBy,
      tainted: fact.tainted,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
}

/** What was measured of a row of ours. Measured again it is the same fact with its new words, and new words are remembered even where the old were forgotten. */
export async function keepMeasured(
  db: DatabaseOrTrx,
  fact: { mode: Mode; goalId: number | null; text: string; source: { kind: string; id: number } },
): Promise<void> {
  await sql`insert into memory_fact (mode, kind, scope, goal_id, text, source_kind, source_id, told_by, tainted)
    values (${fact.mode}, 'measured', ${fact.goalId === null ? 'team' : 'goal'}, ${fact.goalId}, ${clean(fact.text)}, ${fact.source.kind}, ${fact.source.id}, 'the books', false)
    on conflict (source_kind, source_id) where kind = 'measured' do update set text = excluded.text, forgotten_at = null, forgotten_by = null
    where memory_fact.text <> excluded.text`.execute(db);
}

export interface Reader {
  mode: Mode;
  person: string;
}

/** One's own, and what is for everybody; of one mode. */
export const visibleTo = ({ mode, person }: Reader): RawBuilder<boolean> =>
  sql<boolean>`mode = ${mode} and (scope <> 'person' or person = ${person})`;

/** Every word must be in it; `any`: one is enough. Words that name nothing ("the", "of") find nothing. */
export const queryOf = (about: string, match: 'all' | 'any'): RawBuilder<string> =>
  match === 'all' ? sql`plainto_tsquery('english', ${about})` : sql`replace(plainto_tsquery('english', ${about})::text, '&', '|')::tsquery`;

/** What is known about something, what fits best first; about nothing in particular: the newest. @param measuredOnly what may be quoted in a decision or a report */
export async function recall(
  db: DatabaseOrTrx,
  reader: Reader,
  wanted: { about: string; match: 'all' | 'any'; limit: number; measuredOnly?: boolean },
): Promise<Fact[]> {
  const query = queryOf(wanted.about, wanted.match);
  let select = db
    .selectFrom('memory_fact')
    .select(COLUMNS)
    .where('forgotten_at', 'is', null)
    .where(visibleTo(reader))
    .orderBy(wanted.about === '' ? sql`id` : sql`ts_rank_cd(search, ${query})`, 'desc')
    .orderBy('id', 'desc')
    .limit(wanted.limit);
  if (wanted.about !== '') select = select.where(sql<boolean>`search @@ ${query}`);
  if (wanted.measuredOnly === true) select = select.where('kind', '=', 'measured');
  return select.execute();
}

export async function findFact(db: DatabaseOrTrx, reader: Reader, id: number): Promise<Fact | undefined> {
  return db.selectFrom('memory_fact').select(COLUMNS).where('id', '=', id).where(visibleTo(reader)).executeTakeFirst();
}

/** @returns those that were forgotten by this. */
export async function forgetFacts(db: DatabaseOrTrx, ids: readonly number[], by: string): Promise<number[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .updateTable('memory_fact')
    .set({ forgotten_at: sql<Date>`clock_timestamp()`, forgotten_by: by })
    .where('id', 'in', [...ids])
    .where('forgotten_at', 'is', null)
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

export async function keepFact(db: DatabaseOrTrx, id: number): Promise<boolean> {
  const row = await db
    .updateTable('memory_fact')
    .set({ forgotten_at: null, forgotten_by: null })
    .where('id', '=', id)
    .where('forgotten_at', 'is not', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
