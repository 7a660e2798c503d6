// A deliverable with its versions.
import type { DatabaseOrTrx } from '../../db/database.ts';

export function findDocumentRow(db: DatabaseOrTrx, id: number) {
  return db
    .selectFrom('document')
    .innerJoin('goal', 'goal.id', 'document.goal_id')
    .select([
      'document.id',
      'document.mode',
      'document.title',
      'document.goal_id',
      'document.task_id',
      'document.created_at',
      'goal.title as goal_title',
    ])
    .where('document.id', '=', id)
    .executeTakeFirst();
}

export function listVersions(db: DatabaseOrTrx, documentId: number) {
  return db
    .selectFrom('document_version')
    .select(['version', 'sha256', 'tool_call_id', 'created_at'])
    .where('document_id', '=', documentId)
    .orderBy('version', 'desc')
    .limit(100)
    .execute();
}

export function findVersion(db: DatabaseOrTrx, documentId: number, version: number) {
  return db
    .selectFrom('document_version')
    .select(['version', 'body', 'sha256', 'figures', 'tool_call_id', 'created_at'])
    .where('document_id', '=', documentId)
    .where('version', '=', version)
    .executeTakeFirst();
}
