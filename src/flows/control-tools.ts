// The two calls that steer a task itself: `wait` puts it to sleep, `finish` ends it. They touch nothing else.
import { z } from 'zod';
import type { ToolSpec } from '../domain/brain/chat-model.ts';

export const waitInput = z.object({
  days: z.number().int().min(1).max(14).optional().describe('market days to wait'),
  minutes: z.number().min(1).max(10_080).optional().describe('minutes of wall clock to wait'),
  forOrder: z.boolean().optional().describe('wake at the next paid order of this goal'),
  forReply: z.boolean().optional().describe('wake when a person says something in the thread of this goal'),
  why: z.string().max(300),
});
export const finishInput = z.object({
  outcome: z.enum(['done', 'nothing_done']),
  summary: z.string().max(1000),
});

export type WaitInput = z.output<typeof waitInput>;
export type FinishInput = z.output<typeof finishInput>;

const CONTROL = {
  wait: {
    input: waitInput,
    description: 'Sleep until something outside has happened. Costs nothing. Its result comes when the time is there.',
  },
  finish: { input: finishInput, description: 'End the task: done (with evidence) or nothing_done (with the reason).' },
} as const;

export function controlTool(name: string): { input: z.ZodObject } | null {
  return name === 'wait' || name === 'finish' ? CONTROL[name] : null;
}

const SPECS: readonly ToolSpec[] = Object.entries(CONTROL).map(([name, tool]) => ({
  name,
  description: tool.description,
  parameters: z.toJSONSchema(tool.input, { io: 'input' }) as Record<string, unknown>,
}));

export const controlSpecs = (): readonly ToolSpec[] => SPECS;
