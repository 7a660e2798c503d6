// A goal's one live card: what it is, where it stands, what its tasks do.
import { formatUsd } from '../../core/money.ts';
import type { Goal } from '../../domain/goals/goal-store.ts';
import type { Task } from '../../domain/tasks/task-store.ts';
import type { Button, Card, Tone } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

const GOAL_WORDS: Record<Goal['status'], { text: string; tone: Tone }> = {
  draft: { text: 'a draft; nothing runs before Start', tone: 'ask' },
  planning: { text: 'drafting the plan', tone: 'info' },
  question: { text: 'waits for your answer', tone: 'ask' },
  plan_review: { text: 'the plan waits for a yes', tone: 'ask' },
  running: { text: 'at work', tone: 'info' },
  done: { text: 'done', tone: 'good' },
  failed: { text: 'failed', tone: 'bad' },
  cancelled: { text: 'cancelled', tone: 'muted' },
};

export function taskWords(task: Pick<Task, 'status' | 'wait_for' | 'wait_market_day' | 'error' | 'stop_reason'>): string {
  switch (task.status) {
    case 'pending':
      return task.error === null ? 'ready' : `tries again after: ${plainLine(task.error, 80)}`;
    case 'blocked':
      return 'waits for an earlier task';
    case 'waiting':
      if (task.wait_for === 'go_ahead') return 'held until a person says go';
      return task.wait_for === 'market_day'
        ? `waits for market day ${task.wait_market_day}`
        : `waits for ${task.wait_for === 'time' ? 'time to pass' : `a ${task.wait_for}`}`;
    case 'waiting_approval':
      return 'waits for approval';
    case 'running':
      return 'running';
    case 'done':
      return 'done';
    case 'failed':
    case 'dead':
      return `${task.status}: ${plainLine(task.stop_reason ?? task.error ?? 'no reason kept', 300)}`;
    case 'cancelled':
      return `cancelled: ${plainLine(task.stop_reason ?? '', 80)}`;
  }
}

export function goalCard(goal: Goal, tasks: readonly Task[], committedMicros: bigint): Card {
  const words = GOAL_WORDS[goal.status];
  const done = tasks.filter((task) => task.status === 'done').length;
  const stuck = tasks.find((task) => task.status === 'failed' || task.status === 'dead');
  const buttons: Button[] = [];
  if (goal.held_at !== null && goal.status === 'running')
    buttons.push({ label: 'Continue', command: 'resume', args: { goal: goal.id }, style: 'primary' });
  if (goal.status === 'question') buttons.push({ label: 'Answer…', command: 'goal', args: { id: goal.id, text: '' }, style: 'primary' });
  if (stuck !== undefined && goal.status !== 'cancelled')
    buttons.push({ label: `Retry task ${stuck.id}`, command: 'retry', args: { task: stuck.id }, style: 'primary' });
  if (!['done', 'failed', 'cancelled'].includes(goal.status)) {
    buttons.push({
      label: 'Cancel',
      command: 'cancel',
      args: { goal: goal.id },
      style: 'danger',
      confirm: `Stop everything on goal ${goal.id}?`,
    });
  }
  return {
    title: `Goal ${goal.id}: ${plainLine(goal.title, 120)}`,
    tone: words.tone,
    text: [
      goal.held_at !== null && goal.status === 'running' ? `**held**: ${escapeMarkdown(goal.hold_reason ?? '')}` : `**${words.text}**`,
      goal.question === null ? '' : escapeMarkdown(goal.question),
      goal.stop_reason === null ? '' : escapeMarkdown(goal.stop_reason),
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: [
      { label: 'Mode', value: goal.mode },
      { label: 'Success', value: measureWords(goal) },
      {
        label: 'Budget',
        value:
          goal.budget_micros === 0n
            ? '$0 (reads and writes only)'
            : `${formatUsd(goal.budget_micros)}, ${formatUsd(committedMicros)} committed`,
      },
      ...feasibilityField(goal),
      ...(goal.deadline === null ? [] : [{ label: 'Deadline', value: goal.deadline.toISOString().slice(0, 16).replace('T', ' ') }]),
    ],
    ...(tasks.length === 0
      ? {}
      : {
          progress: { done, total: tasks.length },
          table: {
            columns: ['Task', 'What', 'State'],
            rows: tasks.map((task) => [String(task.id), plainLine(task.title, 80), taskWords(task)]),
          },
        }),
    ...(buttons.length === 0 ? {} : { buttons }),
    ref: { kind: 'goal', id: goal.id },
  };
}

/** `proceed, 82 % sure; complexity medium`, and what stands in the way. */
export function feasibilityField({ feasibility }: Pick<Goal, 'feasibility'>): { label: string; value: string }[] {
  if (feasibility === null) return [];
  const { decision, confidence, complexity, missing, blockers, unblock } = feasibility;
  const against = [...missing.map((kind) => `no tool for ${kind}`), ...blockers];
  const parts = [
    `${decision.replace('_', ' ')}, ${Math.round(confidence * 100)} % sure; complexity ${complexity}`,
    ...(against.length === 0 ? [] : [against.join(', ')]),
    ...(unblock.length === 0 ? [] : [`what would help: ${unblock.join('; ')}`]),
  ];
  return [{ label: 'Feasibility', value: plainLine(parts.join('; '), 400) }];
}

export function measureWords(goal: Pick<Goal, 'metric' | 'target_micros'>): string {
  if (goal.metric === null) return 'not measurable yet';
  if (goal.metric === 'document') return 'a document delivered';
  return `${formatUsd(goal.target_micros ?? 0n)} of ${goal.metric}`;
}
