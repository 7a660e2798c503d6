// Deliverables: a document is a title within a goal, its versions are append-only.
import { sql } from 'kysely';
import { sha256 } from '../../core/canonical-json.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import type { Figure } from './figures.ts';

export interface NewVersion {
  mode: Mode;
  goalId: number;
  taskId: number;
  toolCallId: number;
  title: string;
  body: string;
  figures: readonly Figure[];
}

export async function addDocumentVersion(
  db: DatabaseOrTrx,
  draft: NewVersion,
): Promise<{ documentId: number; version: number; sha256: string }> {
  const document = await db
    .insertInto('document')
    .values({ mode: draft.mode, goal_id: draft.goalId, task_id: draft.taskId, title: draft.title })
    .onConflict((conflict) => conflict.columns(['goal_id', 'title']).doUpdateSet({ task_id: draft.taskId }))
    .returning('id')
    .executeTakeFirstOrThrow();
  const hash = sha256(draft.body);
  const version = await db
    .insertInto('document_version')
    .values({
      document_id: document.id,
      version: sql<number>`(select coalesce(max(version), 0) + 1 from document_version where document_id = ${document.id})`,
      body: draft.body,
      sha256: hash,
      figures: JSON.stringify(draft.figures),
      tool_call_id: draft.toolCallId,
    })
    .returning('version')
    .executeTakeFirstOrThrow();
  return { documentId: document.id, version: version.version, sha256: hash };
}

export async function hasDocument(db: DatabaseOrTrx, mode: Mode, id: number): Promise<boolean> {
  return (await db.selectFrom('document').select('id').where('id', '=', id).where('mode', '=', mode).executeTakeFirst()) !== undefined;
}

/** The newest documents, of one goal or of all. */
export function listDocuments(db: DatabaseOrTrx, wanted: { mode: Mode; goalId: number | null; limit: number }) {
  let select = db
    .selectFrom('document')
    .select(['id', 'title', 'goal_id', 'created_at'])
    .where('mode', '=', wanted.mode)
    .orderBy('id', 'desc')
    .limit(wanted.limit);
  if (wanted.goalId !== null) select = select.where('goal_id', '=', wanted.goalId);
  return select.execute();
}

/** A document with its newest text. */
export function findDocument(db: DatabaseOrTrx, mode: Mode, id: number) {
  return db
    .selectFrom('document')
    .innerJoin('document_version', 'document_version.document_id', 'document.id')
    .select(['document.id', 'document.title', 'document.goal_id', 'document_version.version', 'document_version.body'])
    .where('document.id', '=', id)
    .where('document.mode', '=', mode)
    .orderBy('document_version.version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export function listDocumentsOfGoal(db: DatabaseOrTrx, goalId: number): Promise<{ id: number; title: string }[]> {
  return db.selectFrom('document').select(['id', 'title']).where('goal_id', '=', goalId).orderBy('id').execute();
}
