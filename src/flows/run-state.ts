// One claimed run in memory: the task, its goal, the turns and calls so far, and what may still be done.

import type { ChatMessage } from '../domain/brain/chat-model.ts';
import type { TaskFacts } from '../domain/brain/facts.ts';
import type { TaskKind } from '../domain/brain/plan.ts';
import { leftPrompt, TASK_SYSTEM, taskPrompt, toolResult } from '../domain/brain/prompts.ts';
import type { Goal } from '../domain/goals/goal-store.ts';
import { readSale } from '../domain/goals/sale.ts';
import type { Lease } from '../domain/tasks/run-store.ts';
import { type Claimed, type RunView, readRun } from '../domain/tasks/run-view-store.ts';
import type { Task } from '../domain/tasks/task-store.ts';
import type { Asked } from '../domain/tools/asked-call-store.ts';
import type { ToolCall, Turn } from '../domain/tools/call-store.ts';
import type { Deps } from './deps.ts';

export interface Run {
  task: Task;
  goal: Goal;
  lease: Lease;
  turns: Turn[];
  /** This attempt's calls, oldest first. */
  calls: ToolCall[];
  /** Calls of earlier attempts: refusals still count. */
  earlier: ToolCall[];
  inputs: RunView['inputs'];
  leftMicros: bigint;
  /** The requests that its approved calls were asked with. */
  asked: RunView['asked'];
  /** Whether a grant was in force when the run started; one given since counts from the next. */
  granted: boolean;
  signal: AbortSignal;
}

/** What a task's run is made of as its rows are now. */
export async function loadRun(deps: Deps, task: Task, signal: AbortSignal): Promise<Run> {
  return openRun({ task, view: await readRun(deps.db, task) }, signal);
}

export function openRun({ task, view }: Claimed, signal: AbortSignal): Run {
  const { goal, turns, calls, inputs, committedMicros, asked, granted } = view;
  return {
    task,
    goal,
    lease: { taskId: task.id, fence: task.fence },
    turns,
    calls: calls.filter((call) => call.attempt === task.attempt),
    earlier: calls.filter((call) => call.attempt !== task.attempt),
    inputs,
    leftMicros: goal.budget_micros - committedMicros,
    asked,
    granted,
    signal,
  };
}

/** The request of an approved call with all its calls as this run knows them; null when the run started before its yes. */
export function askedOf(run: Run, approvalId: number): Asked | null {
  const request = run.asked.find(({ approval }) => approval.id === approvalId);
  if (request === undefined) return null;
  const calls = [...run.earlier, ...run.calls].filter((call) => call.approval_id === approvalId);
  return { ...request, calls: calls.toSorted((left, right) => left.id - right.id) };
}

/** Whether the output of a tool of this name is text of strangers. */
export type Taints = (tool: string) => boolean;

const OPEN: readonly ToolCall['status'][] = ['proposed', 'waiting_approval', 'approved', 'executing'];

export const isOpen = (call: ToolCall): boolean => OPEN.includes(call.status);

/** Anything a stranger wrote that this run has read, its inputs and the goal's own words included. */
export function isTainted(run: Run, taints: Taints): boolean {
  return (
    run.goal.tainted ||
    // An experiment's name and words may be a stranger's, read long before.
    (run.task.policy_input as { tainted?: boolean } | null)?.tainted === true ||
    run.inputs.some((input) => input.tainted || taints(input.tool)) ||
    run.calls.some((call) => ANSWERED.includes(call.status) && taints(call.tool))
  );
}

/** A stranger's words may come with a failure too. */
const ANSWERED: readonly ToolCall['status'][] = ['done', 'failed', 'unknown'];

/** Our own id in a form every provider takes: nine letters and digits. */
const refOf = (call: ToolCall): string => `c${call.id.toString(36).padStart(8, '0')}`;

/** The conversation so far: stable system prompt, the task's facts, then each turn with the results of its calls. */
export function conversation(run: Run, taints: Taints): ChatMessage[] {
  const isOutside = (input: { tool: string; tainted: boolean }): boolean => input.tainted || taints(input.tool);
  const messages: ChatMessage[] = [
    { role: 'system', content: TASK_SYSTEM },
    {
      role: 'user',
      content: taskPrompt({
        facts: taskFactsOf(
          run,
          run.inputs.filter((input) => !isOutside(input)),
        ),
        outside: run.inputs.filter(isOutside).map(inputOf),
        title: run.task.title,
        why: run.task.why,
        expectedEvidence: run.task.expected_evidence,
        notes: run.goal.notes,
      }),
    },
  ];
  for (const turn of run.turns) {
    const calls = run.calls.filter((call) => call.turn_id === turn.id);
    messages.push({
      role: 'assistant',
      content: turn.text,
      toolCalls: calls.map((call) => ({
        id: refOf(call),
        name: call.tool,
        arguments: typeof call.arguments === 'string' ? '{}' : JSON.stringify(call.arguments),
      })),
    });
    for (const call of calls) {
      messages.push({
        role: 'tool',
        toolCallId: refOf(call),
        content: toolResult(
          call.id,
          call.status === 'done' ? { output: call.output } : { error: call.error ?? call.status },
          taints(call.tool),
        ),
      });
    }
    if (calls.length === 0) messages.push({ role: 'user', content: 'Words alone change nothing. Call a tool, or "finish".' });
  }
  // What changes from step to step stands at the end.
  if (SPENDS.has(run.task.kind)) messages.push({ role: 'user', content: leftPrompt(run.leftMicros) });
  return messages;
}

const SPENDS: ReadonlySet<string> = new Set<TaskKind>(['launch', 'refund']);

const inputOf = (input: Run['inputs'][number]): TaskFacts['inputs'][number] => ({
  taskKey: input.task_key,
  callId: input.id,
  tool: input.tool,
  output: input.output,
});

function taskFactsOf(run: Run, inputs: Run['inputs']): TaskFacts {
  const { goal, task } = run;
  return {
    ask: 'task',
    goal: goalFactsOf(goal),
    task: {
      id: task.id,
      key: task.key,
      kind: task.kind,
      title: task.title,
      attempt: task.attempt,
      expectedCostMicros: task.expected_cost_micros.toString(),
    },
    inputs: inputs.map(inputOf),
  };
}

/** What stays the same while the goal is worked on: the beginning of a prompt never changes, so that providers can keep it in their cache. */
export function goalFactsOf(goal: Goal): TaskFacts['goal'] {
  const sale = readSale(goal.request);
  return {
    id: goal.id,
    measure: goal.metric === null ? null : { metric: goal.metric, targetMicros: (goal.target_micros ?? 0n).toString() },
    means: goal.means,
    ...(sale === null ? {} : { sale }),
    budgetMicros: goal.budget_micros.toString(),
  };
}
