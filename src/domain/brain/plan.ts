// What a plan is, as the model must answer it and as the gate checks it.
import { z } from 'zod';

/** A task kind says which tools it may use and what evidence ends it (domain/tasks/evidence.ts). A kind without a rule can't be planned. */
export const TASK_KINDS = ['research', 'write', 'code', 'launch', 'measure', 'refund'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export const plannedTask = z.object({
  key: z.string().regex(/^[a-z][a-z0-9_]{0,29}$/),
  kind: z.enum(TASK_KINDS),
  title: z.string().min(3).max(120),
  why: z.string().min(3).max(400),
  dependsOn: z.array(z.string()).max(7),
  expectedCostUsd: z.number().min(0).max(1_000_000),
  expectedEvidence: z.string().min(3).max(300),
  priority: z.enum(['critical', 'high', 'medium', 'low']),
});

/** One flat object (no root union: several servers refuse those). `outcome` says which of the other fields count. */
export const planReply = z.object({
  outcome: z.enum(['plan', 'question', 'cannot']),
  /** For `question`: the one thing that must be known to measure success. */
  question: z.string().max(500).nullable(),
  /** For `cannot`: what this model can do instead. */
  reply: z.string().max(2000).nullable(),
  summary: z.string().max(600),
  successMeasure: z.string().max(300),
  tasks: z.array(plannedTask).max(8),
});

export type PlannedTask = z.infer<typeof plannedTask>;
export type PlanReply = z.infer<typeof planReply>;
export const PLAN_SCHEMA_NAME = 'goal_plan';

/**
 * What is wrong with a plan beyond its shape, in one sentence for the model; null when it can be shown to people.
 * @param budgetUsd what all tasks together may cost.
 * @param freeLaunch something can be launched without money (a payment link)
 */
export function checkPlan(reply: PlanReply, budgetUsd: number, freeLaunch = false): string | null {
  if (reply.outcome === 'question') return reply.question?.trim() ? null : 'outcome question needs a question';
  if (reply.outcome === 'cannot') return reply.reply?.trim() ? null : 'outcome cannot needs a reply';
  return checkTasks(reply.tasks, budgetUsd, freeLaunch);
}

function checkTasks(tasks: readonly PlannedTask[], budgetUsd: number, freeLaunch: boolean): string | null {
  if (tasks.length < 2) return 'a plan has 2 to 8 tasks';
  const keys = new Set(tasks.map((task) => task.key));
  if (keys.size !== tasks.length) return 'task keys must differ';
  for (const task of tasks) {
    const unknown = task.dependsOn.find((key) => !keys.has(key));
    if (unknown !== undefined) return `task ${task.key} depends on ${unknown}, which is not in the plan`;
  }
  if (hasCycle(tasks)) return 'the dependencies form a circle';
  const cost = tasks.reduce((sum, task) => sum + task.expectedCostUsd, 0);
  if (cost > budgetUsd + 1e-9) return `the tasks cost $${cost.toFixed(2)} together, the budget is $${budgetUsd.toFixed(2)}`;
  const launches = tasks.filter((task) => task.kind === 'launch');
  if (!freeLaunch && launches.some((task) => task.expectedCostUsd <= 0)) return 'a launch task needs an expected cost above 0';
  if (tasks.some((task) => task.kind === 'measure') && launches.length === 0) return 'a measure task needs a launch task to measure';
  return null;
}

function hasCycle(tasks: readonly PlannedTask[]): boolean {
  const open = new Map(tasks.map((task) => [task.key, new Set(task.dependsOn)]));
  while (open.size > 0) {
    const free = [...open].find(([, before]) => before.size === 0);
    if (free === undefined) return true;
    open.delete(free[0]);
    for (const before of open.values()) before.delete(free[0]);
  }
  return false;
}
