// What was done to undo an experiment: the acts of its rollback, with what became of them.
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface Undone {
  callId: number;
  tool: string;
  status: string;
  receipt: string | null;
}

export function listUndone(db: DatabaseOrTrx, experimentId: number): Promise<Undone[]> {
  return db
    .selectFrom('tool_call')
    .innerJoin('task', 'task.id', 'tool_call.task_id')
    .select(['tool_call.id as callId', 'tool_call.tool', 'tool_call.status', 'tool_call.receipt'])
    .where('task.experiment_id', '=', experimentId)
    .where('task.policy', '=', 'rollback')
    .where('tool_call.tool', '<>', 'finish')
    .orderBy('tool_call.id')
    .execute();
}
