// What a task may become. Waiting is a status in a row, never a promise somebody holds.
import { defineLifecycle } from '../../core/lifecycle.ts';
import type { TaskStatus } from '../../db/tables.ts';

export const taskLifecycle = defineLifecycle<TaskStatus>('task', {
  pending: ['running', 'cancelled'],
  // What it depends on ended: well, it may start; badly, it never can.
  blocked: ['pending', 'failed', 'cancelled'],
  // Woken by its time or event; a deadline that passes fails it.
  waiting: ['pending', 'failed', 'cancelled'],
  // Whatever was decided, the loop picks it up again and the agent is told.
  waiting_approval: ['pending', 'failed', 'cancelled'],
  // Back to pending: a retry, or handed back at shutdown or by recovery.
  running: ['done', 'failed', 'dead', 'waiting', 'waiting_approval', 'pending', 'cancelled'],
  done: [],
  // /retry
  failed: ['pending'],
  dead: ['pending'],
  cancelled: [],
});
