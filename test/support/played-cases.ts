// A story whose model is scripted over real HTTP, many cases at once: the goal's words and its tasks' titles carry `case:NAME`, one function answers each request.
import { type PlanFacts, readFacts, type TaskFacts } from '../../src/domain/brain/facts.ts';
import type { PlannedTask } from '../../src/domain/brain/plan.ts';
import { type ModelDouble, startModelDouble } from './model-double.ts';
import type { ScriptedReply } from './model-double-replies.ts';
import { type Story, type StoryOptions, startStory } from './story.ts';

export interface Asked {
  facts: PlanFacts | TaskFacts;
  /** The words behind `case:` in the goal or in the task's title. */
  name: string;
  /** Answers this model gave before in this conversation. */
  turn: number;
  /** What the calls of those answers brought, in order. */
  results: string[];
  model: string;
  /** The whole prompt, for a look at what reached the model. */
  messages: { role: string; content: string | null }[];
}

export type Script = (asked: Asked) => ScriptedReply | Promise<ScriptedReply>;

export const BRAIN = {
  plan: { primary: 'm' },
  execute: { primary: 'm', fallbacks: ['m2'] },
  prices: { m: { input: 1, output: 2 }, m2: { input: 1, output: 2 } },
};

export function brainEnv(double: ModelDouble, models: object = BRAIN): Record<string, string> {
  return { OPENAI_API_KEY: double.apiKey, OPENAI_BASE_URL: double.baseUrl, JUG_MODELS: JSON.stringify(models) };
}

interface WireRequest {
  // biome-ignore lint/suspicious/noExplicitAny: the double records bodies of any shape.
  body: any;
}

/** Reads a recorded request as the script sees it. */
export function readAsked({ body }: WireRequest): Asked {
  const messages = body.messages as Asked['messages'];
  const user = messages[1]?.content ?? '';
  const facts = readFacts(user);
  if (facts === null) throw new Error(`a prompt without facts: ${user.slice(0, 200)}`);
  return {
    facts,
    name: /case:([\w-]+)/.exec(user)?.[1] ?? '',
    turn: messages.filter((message) => message.role === 'assistant').length,
    results: messages.filter((message) => message.role === 'tool').map((message) => message.content ?? ''),
    model: body.model as string,
    messages,
  };
}

export const call = (name: string, input: object | string = {}): ScriptedReply => ({ toolCalls: [{ name, arguments: input }] });
export const finish = (outcome: 'done' | 'nothing_done' = 'done', summary = 'It is over.'): ScriptedReply =>
  call('finish', { outcome, summary });

type Sketch = Pick<PlannedTask, 'key' | 'kind'> & Partial<PlannedTask>;

/** A plan's task from its few telling parts; its title carries the case. */
export function sketchTask(name: string, sketch: Sketch): PlannedTask {
  return {
    title: `Play case:${name}`,
    why: 'The test wants to see it.',
    dependsOn: [],
    expectedCostUsd: sketch.kind === 'launch' ? 20 : 0,
    expectedEvidence: 'What the kind demands.',
    priority: 'medium',
    ...sketch,
  };
}

/** A plan as the model would answer it. */
export function planText(tasks: readonly PlannedTask[]): string {
  return JSON.stringify({
    outcome: 'plan',
    question: null,
    reply: null,
    summary: 'A plan of the test.',
    successMeasure: 'The test says so.',
    tasks,
  });
}

export const planReply = (tasks: readonly PlannedTask[]): ScriptedReply => ({ text: planText(tasks) });

export interface ScriptedStory {
  story: Story;
  double: ModelDouble;
  stop(): Promise<void>;
}

/** @param script answers every request for which the test enqueued nothing on the double. */
export async function startScriptedStory(script: Script, options: StoryOptions & { models?: object } = {}): Promise<ScriptedStory> {
  const double = await startModelDouble();
  double.otherwise((request) => script(readAsked(request)));
  try {
    const story = await startStory({
      ...options,
      env: { JUG_MAX_TASKS_PER_HOUR: '10000', ...brainEnv(double, options.models), ...options.env },
    });
    return {
      story,
      double,
      stop: async () => {
        await story.stop();
        await double.stop();
      },
    };
  } catch (error) {
    await double.stop();
    throw error;
  }
}

/** Gives the goal of a case, as an approver who also has the money for it; returns its number. */
export async function giveCase(story: Story, name: string): Promise<number> {
  const { card } = await story.say('goal', { text: `Earn $5 with a budget of $60 case:${name}` });
  return card.ref?.id ?? 0;
}
