// status: what it is doing, and why it is idle when it is.
import { z } from 'zod';
import type { Button } from '../src/chat/card.ts';
import { defineCommand } from '../src/chat/command.ts';
import { escapeMarkdown, plainLine } from '../src/chat/escape.ts';
import { listUnreachable, type Unreachable } from '../src/chat/place-store.ts';
import { exampleButtons } from '../src/chat/views/draft-card.ts';
import { taskWords } from '../src/chat/views/goal-card.ts';
import { isPromiseOverdue, orderLine, promiseLine } from '../src/chat/views/promise-words.ts';
import { standingLine } from '../src/chat/views/standing-words.ts';
import { countOrders } from '../src/domain/orders/order-store.ts';
import { countPromises } from '../src/domain/promises/promise-store.ts';
import { type Control, readControl } from '../src/domain/tasks/control-store.ts';
import { listNoteworthy, readStatus, type Status } from '../src/domain/tasks/status-store.ts';
import type { Deps } from '../src/flows/deps.ts';
import { readStandingBudget } from '../src/flows/standing-budget.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'what it is doing, and why it is idle',
  role: 'viewer',
  input: z.object({}),
  examples: ['status'],
  reads: { fields: [], outside: true },
  run: async ({ deps }) => {
    const [now, control, tasks, closed, orders, promises, standing] = await Promise.all([
      readStatus(deps.db, deps.mode),
      readControl(deps.db),
      listNoteworthy(deps.db, deps.mode),
      listUnreachable(deps.db),
      countOrders(deps.db),
      countPromises(deps.db),
      readStandingBudget(deps, deps.db),
    ]);
    const stuck = tasks.filter((task) => task.status === 'dead' || task.status === 'failed');
    const buttons: Button[] = [
      ...(control.pausedAt === null ? [] : [{ label: 'Resume', command: 'resume', args: {}, style: 'primary' as const }]),
      ...(now.approvals > 0
        ? [{ label: `${now.approvals} waiting for approval`, command: 'approvals', args: {}, style: 'primary' as const }]
        : []),
      ...stuck
        .slice(0, 3)
        .map((task) => ({ label: `Retry task ${task.id}`, command: 'retry', args: { task: task.id }, style: 'plain' as const })),
      ...(now.goals === 0 ? exampleButtons() : []),
    ];
    return {
      title: control.pausedAt !== null ? 'Paused' : (now.tasks.running ?? 0) > 0 ? `Working on ${now.tasks.running}` : 'Idle',
      tone: control.pausedAt !== null || stuck.length > 0 || closed.length > 0 || isPromiseOverdue(promises, deps.mode) ? 'bad' : 'info',
      text: [whyIdle(deps, now, control), ...closed.map(unreachableLine)].filter((line) => line !== '').join('\n\n'),
      fields: [
        { label: 'Mode', value: deps.mode },
        { label: 'Open goals', value: String(now.goals) },
        {
          label: 'Tasks',
          value:
            Object.entries(now.tasks)
              .map(([name, count]) => `${count} ${name.replace('_', ' ')}`)
              .join(', ') || 'none open',
        },
        { label: 'Started in the last hour', value: `${now.startedLastHour} of ${deps.config.limits.tasksPerHour}` },
        {
          label: 'Model',
          value: `${deps.model
            .offers('execute')
            .map((offer) => (offer.practice ? 'practice playbooks (no language model)' : offer.model))
            .join(', ')}: ${deps.model.health()}`,
        },
        ...serverFields(deps),
        { label: 'Orders', value: orderLine(orders, deps.mode) },
        { label: 'Promises to customers', value: promiseLine(promises, deps.mode) },
        { label: 'Standing budget', value: standingLine(standing) },
        { label: 'Processes', value: String(now.processes) },
        ...(deps.mode === 'practice' ? [{ label: 'Market day', value: `${now.marketDay}, ${now.launches} launches running` }] : []),
      ],
      ...(tasks.length === 0
        ? {}
        : {
            table: {
              columns: ['Task', 'Goal', 'What', 'State'],
              rows: tasks.map((task) => [String(task.id), String(task.goal_id), plainLine(task.title, 80), taskWords(task)]),
            },
          }),
      ...(buttons.length === 0 ? {} : { buttons }),
    };
  },
});

/** Only where there are servers of others, or something is off. */
function serverFields(deps: Deps): { label: string; value: string }[] {
  const servers = deps.toolServers.states();
  const off = deps.tools.get('query_data')?.closed?.() ?? null;
  const queries = off === null ? [] : [{ label: 'Data queries', value: `off: ${plainLine(off, 160)}` }];
  if (servers.length === 0) return queries;
  return [
    ...queries,
    { label: 'Tool servers', value: servers.map(({ server, state, found }) => plainLine(`${server} ${state}: ${found}`, 160)).join('; ') },
  ];
}

const unreachableLine = (closed: Unreachable): string =>
  `**${closed.platform} ${plainLine(closed.place, 40)} cannot be written to** since ${closed.unreachable_since.toISOString()}: ${escapeMarkdown(closed.why)}`;

function whyIdle(deps: Deps, now: Status, control: Control): string {
  if (control.pausedAt !== null) {
    const reason = control.reason === null ? '' : `: ${escapeMarkdown(control.reason)}`;
    return `Paused by ${escapeMarkdown(control.pausedBy ?? '?')} at ${control.pausedAt.toISOString()}${reason}. Nothing runs until resume.`;
  }
  const unknown =
    now.unknownCalls === 0 ? '' : `**${now.unknownCalls} calls have an unknown outcome** and wait for a person to look at the far side.`;
  return [unknown, idleReason(deps, now)].filter((line) => line !== '').join('\n\n');
}

/** The first thing that keeps it from working; empty while it works. */
function idleReason(deps: Deps, now: Status): string {
  const reasons: [boolean, string][] = [
    [(now.tasks.running ?? 0) > 0, ''],
    [now.goals === 0, 'Idle, because there is no open goal. Give one:'],
    [now.approvals > 0, `Idle, because ${now.approvals} request${now.approvals === 1 ? ' waits' : 's wait'} for a person.`],
    [now.startedLastHour >= deps.config.limits.tasksPerHour, 'Idle, because the limit of tasks per hour is reached.'],
    [(now.tasks.waiting ?? 0) > 0, 'Idle, because everything open waits for time, an order or a reply.'],
    [(now.tasks.dead ?? 0) + (now.tasks.failed ?? 0) > 0, 'Idle, because what is left has failed; retry it or cancel its goal.'],
  ];
  return reasons.find(([holds]) => holds)?.[1] ?? '';
}
