// Policy tasks that are no longer wanted end, and their requests with them.
import type { Trx } from '../../db/database.ts';
import { cancelPending } from '../../domain/approvals/approval-store.ts';
import { cancelTasks } from '../../domain/tasks/task-store.ts';
import { tellStops } from '../../domain/tasks/wake-store.ts';
import { decideCalls } from '../../domain/tools/asked-call-store.ts';
import { showApproval } from '../show.ts';

export async function withdrawRequests(trx: Trx, taskIds: readonly number[], reason: string): Promise<void> {
  for (const taskId of taskIds) {
    for (const approval of await cancelPending(trx, { taskId }, reason)) {
      await decideCalls(trx, approval.id, { status: 'cancelled', error: reason });
      await showApproval(trx, approval);
    }
    await cancelTasks(trx, { taskId }, reason);
  }
  if (taskIds.length > 0) await tellStops(trx);
}
