// What a playbook knows when it decides its next step, and the few things a step can be.
import type { TaskFacts } from '../../domain/brain/facts.ts';

/** One tool call of an earlier turn with what came back; `output` null means it failed or has no readable result. */
export interface PastCall {
  name: string;
  input: Record<string, unknown>;
  callId: number | null;
  output: Record<string, unknown> | null;
  error: string;
  /** A person wants it done differently rather than not at all. */
  changesRequested: boolean;
}

/** The calls of one assistant message. */
export type Turn = PastCall[];

export interface Situation {
  facts: TaskFacts;
  tools: ReadonlySet<string>;
  turns: Turn[];
}

export interface Answer {
  text: string;
  calls: PlannedCall[];
}

interface PlannedCall {
  name: string;
  input: Record<string, unknown>;
}

export function say(text: string): Answer {
  return { text, calls: [] };
}

export function callTools(name: string, inputs: Record<string, unknown>[]): Answer {
  return { text: '', calls: inputs.map((input) => ({ name, input })) };
}

/** Ends the task; in words when it was already ended or there is no such tool, so that no caller is asked twice. */
export function finish({ tools, turns }: Situation, outcome: 'done' | 'nothing_done', summary: string): Answer {
  const isRepeat = turns.flat().some((call) => call.name === 'finish');
  return tools.has('finish') && !isRepeat ? callTools('finish', [{ outcome, summary }]) : say(summary);
}

export function callsOf(turns: Turn[], name: string): PastCall[] {
  return turns.flat().filter((call) => call.name === name);
}

/** Why the last call of a tool failed, for a summary. */
export function lastError(turns: Turn[], name: string): string {
  return (
    callsOf(turns, name)
      .findLast((call) => call.output === null)
      ?.error.slice(0, 300) || 'no reason given'
  );
}

/** In words, since every figure in a document must have a source. */
export function inWords(count: number): string {
  return ['no', 'one', 'two', 'three'][count] ?? 'several';
}
