// why: the story of a goal, a task or a request, told from the audit trail and its rows.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { escapeMarkdown, plainLine } from '../src/chat/escape.ts';
import { idField } from '../src/chat/fields.ts';
import { InvalidInput, NotFound } from '../src/core/errors.ts';
import { findApproval } from '../src/domain/approvals/approval-store.ts';
import { listAudit } from '../src/domain/audit/story-store.ts';
import { listCalls } from '../src/domain/tools/call-store.ts';
import type { Deps } from '../src/flows/deps.ts';

export const why = defineCommand({
  name: 'why',
  summary: 'explain what was decided about a goal, task or request',
  role: 'viewer',
  input: z.object({ goal: idField('a goal').optional(), task: idField('a task').optional(), approval: idField('a request').optional() }),
  examples: ['why goal:3', 'why task:12', 'why approval:17'],
  reads: { fields: ['goal', 'task', 'approval'], outside: true },
  run: async ({ input, caller, deps }) => {
    const subject = pick(input, caller.goalId);
    const entries = await listAudit(deps.db, await subjectsOf(deps, subject), 40);
    if (entries.length === 0) throw new NotFound(`Nothing was decided about ${subject.kind} ${subject.id} yet.`);
    return {
      title: `Why: ${subject.kind} ${subject.id}`,
      tone: 'info',
      text: entries
        .map(
          (entry) =>
            `- ${entry.at.toISOString().slice(0, 19).replace('T', ' ')} **${plainLine(entry.action)}** by ${escapeMarkdown(entry.actor, 80)}${detailWords(entry.detail)}`,
        )
        .join('\n'),
      ref: { kind: subject.kind, id: subject.id },
    };
  },
});

type Subject = { kind: 'goal' | 'task' | 'approval'; id: number };

function pick(
  input: { goal?: number | undefined; task?: number | undefined; approval?: number | undefined },
  thread: number | null,
): Subject {
  if (input.approval !== undefined) return { kind: 'approval', id: input.approval };
  if (input.task !== undefined) return { kind: 'task', id: input.task };
  const goal = input.goal ?? thread;
  if (goal === null) throw new InvalidInput('Say about what: why goal:3, why task:12 or why approval:17', { goal: 'is missing' });
  return { kind: 'goal', id: goal };
}

/** A task's story holds its calls, a request's the calls it covers. */
async function subjectsOf(deps: Deps, subject: Subject): Promise<{ kind: string; id: number }[]> {
  if (subject.kind === 'task') {
    const calls = await listCalls(deps.db, subject.id);
    const approvals = [...new Set(calls.map((call) => call.approval_id).filter((id) => id !== null))];
    return [subject, ...calls.map((call) => ({ kind: 'tool_call', id: call.id })), ...approvals.map((id) => ({ kind: 'approval', id }))];
  }
  if (subject.kind === 'approval') {
    const approval = await findApproval(deps.db, subject.id);
    const calls =
      approval?.task_id == null ? [] : (await listCalls(deps.db, approval.task_id)).filter((call) => call.approval_id === subject.id);
    return [subject, ...calls.map((call) => ({ kind: 'tool_call', id: call.id }))];
  }
  return [subject];
}

function detailWords(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const parts = Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return parts.length === 0 ? '' : `: ${escapeMarkdown(parts.join(', '), 400)}`;
}
