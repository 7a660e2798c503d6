// The structured part of every prompt: one JSON block any model can read, and the only part the practice model reads.
// `<` is written as \u003c, so no text inside can close the fence.
import { z } from 'zod';

export const GOAL_METRICS = ['revenue', 'profit', 'document'] as const;

const goalFacts = z.object({
  id: z.number(),
  /** Null when the goal's words name no measurable outcome. */
  measure: z.object({ metric: z.enum(GOAL_METRICS), targetMicros: z.string() }).nullable(),
  /** `market`: the practice market or nothing else is named as the means; `other`: the goal names its own means. */
  means: z.enum(['market', 'other']),
  /** What the goal's words name to be sold through a payment link; absent when they name nothing of the kind. */
  sale: z.object({ name: z.string(), amount: z.string(), currency: z.string(), onPage: z.literal(true).optional() }).optional(),
  budgetMicros: z.string(),
});

export const planFacts = z.object({
  ask: z.literal('plan'),
  goal: goalFacts.extend({ leftMicros: z.string() }),
  taskKinds: z.array(z.string()),
  tools: z.array(z.string()),
  /** How often a person sent the plan back for changes; what they said stands in the notes. */
  revision: z.number(),
});

export const taskFacts = z.object({
  ask: z.literal('task'),
  goal: goalFacts,
  task: z.object({
    id: z.number(),
    key: z.string(),
    kind: z.string(),
    title: z.string(),
    attempt: z.number(),
    expectedCostMicros: z.string(),
  }),
  /** Results of the tasks this one depends on: their tool calls' recorded outputs, as far as no stranger had a hand in them. */
  inputs: z.array(z.object({ taskKey: z.string(), callId: z.number(), tool: z.string(), output: z.json() })),
});

export const askFacts = z.object({
  ask: z.literal('question'),
  /** What the question's words seem to want to read, by a parser of ours; null when they name nothing that can be read. */
  intent: z.object({ tool: z.string(), input: z.record(z.string(), z.union([z.string(), z.number()])) }).nullable(),
  /** The goal in whose thread it was asked. */
  goalId: z.number().nullable(),
  today: z.string(),
  mode: z.enum(['practice', 'live']),
});

export type AskFacts = z.infer<typeof askFacts>;
export type PlanFacts = z.infer<typeof planFacts>;
export type TaskFacts = z.infer<typeof taskFacts>;

const OPEN = '<facts>';
const CLOSE = '</facts>';

export function writeFacts(facts: PlanFacts | TaskFacts | AskFacts): string {
  return `${OPEN}\n${JSON.stringify(facts).replaceAll('<', '\\u003c')}\n${CLOSE}`;
}

/** The first fenced block of a prompt; null when there is none or it does not parse. */
export const readFacts = (prompt: string): PlanFacts | TaskFacts | null => readBlock(prompt, z.union([planFacts, taskFacts]));

/** The same for a question's prompt. */
export const readAskFacts = (prompt: string): AskFacts | null => readBlock(prompt, askFacts);

function readBlock<Facts>(prompt: string, schema: z.ZodType<Facts>): Facts | null {
  const start = prompt.indexOf(OPEN);
  const end = prompt.indexOf(CLOSE, start);
  if (start < 0 || end < 0) return null;
  try {
    return schema.parse(JSON.parse(prompt.slice(start + OPEN.length, end)));
  } catch {
    return null;
  }
}
