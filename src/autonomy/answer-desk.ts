// The answers this process is writing: each with its way to be stopped. Whatever happens to one, it does not stay open.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadTool } from '../chat/read-tool.ts';
import { claimAnswer, listCancelled } from '../domain/conversations/answer-store.ts';
import { answerQuestion } from '../flows/ask/answer-question.ts';
import { finishAnswer } from '../flows/ask/finish-answer.ts';
import type { Deps } from '../flows/deps.ts';
import { within } from './held-task.ts';

const AT_ONCE = 32;
const RETRY_MS = 1_000;
const TRIES = 60;

export interface AnswerDesk {
  /** Takes an answer and returns; it is written beside. */
  take(answerId: number): Promise<void>;
  /** Aborts what was told to stop. */
  checkStops(): Promise<void>;
  /** What is being written is broken off, and says so. */
  stop(graceMs: number): Promise<void>;
}

export function createAnswerDesk(deps: Deps, reads: ReadonlyMap<string, ReadTool>): AnswerDesk {
  const open = new Map<number, { abort: AbortController; done: Promise<void> }>();
  const queue: number[] = [];
  let stopping = false;

  function begin(id: number): void {
    const abort = new AbortController();
    if (stopping) abort.abort('stopping');
    const done = write(id, abort.signal).finally(() => {
      open.delete(id);
      const next = queue.shift();
      if (next !== undefined) begin(next);
    });
    open.set(id, { abort, done });
  }

  async function write(id: number, signal: AbortSignal): Promise<void> {
    try {
      await answerQuestion(deps, reads, id, signal);
    } catch (error) {
      deps.log.error({ err: error, answer: id }, 'an answer could not be ended');
      await giveUp(id);
    }
  }

  /** The database was away: the answer is ended as soon as it is back. A process that stops leaves that to the others. */
  async function giveUp(id: number): Promise<void> {
    for (let tries = 0; tries < TRIES && !stopping; tries += 1) {
      await sleep(RETRY_MS);
      try {
        return await finishAnswer(deps, id, null, { status: 'interrupted', text: '', error: null });
      } catch (error) {
        deps.log.warn({ err: error, answer: id }, 'could not end an answer; trying again');
      }
    }
  }

  return {
    take: async (id) => {
      // Its job stays, for another process.
      if (stopping) throw new Error('this process is stopping');
      if ((await claimAnswer(deps.db, id, deps.processId)) === null) return;
      if (open.size < AT_ONCE) begin(id);
      else queue.push(id);
    },
    checkStops: async () => {
      if (open.size === 0) return;
      for (const id of await listCancelled(deps.db, deps.processId)) open.get(id)?.abort.abort('cancelled');
    },
    stop: async (graceMs) => {
      stopping = true;
      for (const { abort } of open.values()) abort.abort('stopping');
      await within(graceMs, Promise.all([...open.values()].map(({ done }) => done)));
    },
  };
}
