// task: one task with its calls and evidence.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { escapeMarkdown, plainLine } from '../src/chat/escape.ts';
import { idField } from '../src/chat/fields.ts';
import { taskWords } from '../src/chat/views/goal-card.ts';
import { NotFound } from '../src/core/errors.ts';
import { formatUsd } from '../src/core/money.ts';
import { findTask } from '../src/domain/tasks/task-store.ts';
import { listCalls, listEvidence } from '../src/domain/tools/call-store.ts';

export const task = defineCommand({
  name: 'task',
  summary: 'show a task with its calls and evidence',
  role: 'viewer',
  input: z.object({ id: idField('a task') }),
  positional: 'id',
  examples: ['task 12'],
  reads: { fields: ['id'], outside: true },
  run: async ({ input, deps }) => {
    const found = await findTask(deps.db, input.id);
    if (found === undefined) throw new NotFound(`There is no task ${input.id}.`);
    const calls = await listCalls(deps.db, found.id);
    const evidence = await listEvidence(deps.db, found.id);
    const stuck = ['dead', 'failed', 'cancelled'].includes(found.status);
    return {
      title: `Task ${found.id}: ${plainLine(found.title)}`,
      tone: found.status === 'done' ? 'good' : stuck ? 'bad' : 'info',
      text: [
        `**${taskWords(found)}**`,
        escapeMarkdown(found.why),
        found.summary === null ? '' : `What the agent says: ${escapeMarkdown(found.summary)}`,
        evidence.length === 0
          ? 'No evidence yet.'
          : `Evidence:\n${evidence.map((row) => `- ${row.kind.replace('_', ' ')}: ${escapeMarkdown(row.source, 120)}, call ${row.tool_call_id}, sha256 ${row.sha256.slice(0, 12)}`).join('\n')}`,
        `[All of it](/tasks/${found.id})`,
      ]
        .filter((line) => line !== '')
        .join('\n\n'),
      fields: [
        { label: 'Goal', value: String(found.goal_id) },
        { label: 'Kind', value: found.kind },
        { label: 'Risk when planned', value: `${found.risk_level} (${found.risk_score.toFixed(2)})` },
        { label: 'Expected cost', value: formatUsd(found.expected_cost_micros) },
        { label: 'Attempt', value: `${found.attempt} of ${found.max_attempts}` },
      ],
      ...(calls.length === 0
        ? {}
        : {
            table: {
              columns: ['Call', 'Tool', 'Risk', 'Amount', 'State'],
              rows: calls
                .slice(-20)
                .map((call) => [
                  String(call.id),
                  plainLine(call.tool, 40),
                  call.risk_level,
                  formatUsd(call.amount_micros),
                  call.error === null ? call.status : `${call.status}: ${plainLine(call.error, 120)}`,
                ]),
            },
          }),
      ...(stuck ? { buttons: [{ label: 'Retry', command: 'retry', args: { task: found.id }, style: 'primary' as const }] } : {}),
      ref: { kind: 'task', id: found.id },
    };
  },
});
