// A plan before work starts: every task with its kind, cost, evidence and order.
import { formatUsd } from '../../core/money.ts';
import type { Approval } from '../../domain/approvals/approval-store.ts';
import type { Goal } from '../../domain/goals/goal-store.ts';
import type { Plan } from '../../domain/goals/plan-store.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { feasibilityField } from './goal-card.ts';

/** @param asked the request that waits for a yes; null when the plan starts at once. */
export function planCard(goal: Goal, plan: Plan, asked: Pick<Approval, 'id' | 'expires_at' | 'silence_approves_at'> | null): Card {
  const total = plan.tasks.reduce((sum, task) => sum + task.expectedCostUsd, 0);
  return {
    title: `Plan ${plan.revision} for goal ${goal.id}: ${plainLine(goal.title, 100)}`,
    tone: asked === null ? 'info' : 'ask',
    text: [
      escapeMarkdown(plan.summary, 800),
      `**Success:** ${escapeMarkdown(plan.success_measure, 400)}`,
      asked === null
        ? 'Starts at once: an approver gave the goal, and the plan stays within its budget. Each act that commits money still asks.'
        : `Approving the plan spends nothing: each act that commits money still asks. Denied, the goal ends. ${silenceWords(asked.silence_approves_at)}`,
    ].join('\n\n'),
    fields: [
      { label: 'Expected cost', value: `$${total.toFixed(2)} of ${formatUsd(goal.budget_micros)}` },
      ...feasibilityField(goal),
      { label: 'Model', value: plan.model },
      { label: 'Mode', value: goal.mode },
      ...(asked === null ? [] : [{ label: 'Decide by', value: asked.expires_at.toISOString() }]),
    ],
    table: {
      columns: ['Task', 'Kind', 'What', 'After', 'Cost', 'Evidence'],
      rows: plan.tasks.map((task) => [
        task.key,
        task.kind,
        `${plainLine(task.title, 100)}: ${plainLine(task.why, 160)}`,
        task.dependsOn.join(', '),
        `$${task.expectedCostUsd.toFixed(2)}`,
        plainLine(task.expectedEvidence, 120),
      ]),
    },
    ...(asked === null
      ? {}
      : {
          buttons: [
            { label: 'Approve plan', command: 'approve', args: { id: asked.id }, style: 'primary' as const },
            { label: 'Deny…', command: 'deny', args: { id: asked.id, reason: '' }, style: 'danger' as const },
            { label: 'Ask for changes…', command: 'change', args: { id: asked.id, note: '' }, style: 'plain' as const },
          ],
        }),
    ref: { kind: 'goal', id: goal.id },
  };
}

function silenceWords(approvesAt: Date | null): string {
  if (approvesAt === null) return 'If nobody decides in time, the goal ends too.';
  return `If nobody objects, it starts by itself at ${approvesAt.toISOString()}.`;
}
