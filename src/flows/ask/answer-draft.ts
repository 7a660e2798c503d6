// An answer while it is being written: its whole sentences are shown, at most once a second, in the message that will hold the answer.
import { inTransaction } from '../../db/database.ts';
import { type Answer, keepDraft } from '../../domain/conversations/answer-store.ts';
import type { Conversation } from '../../domain/conversations/conversation-store.ts';
import { wholeSentences } from '../../domain/grounding/sentences.ts';
import type { Deps } from '../deps.ts';
import type { AnswerRun } from './answer-run.ts';
import type { AnswerGate } from './ground-answer.ts';
import { drawAnswer, postAnswer } from './show-answer.ts';

/** A quick answer is one card, not two. */
const FIRST_AFTER_MS = 700;
const PAUSE_MS = 1_000;

export class AnswerDraft {
  readonly #deps: Deps;
  readonly #answer: Answer;
  readonly #conversation: Conversation;
  readonly #gate: AnswerGate;
  #text = '';
  #reading: string | undefined;
  #shown = '';
  #nextAt = performance.now() + FIRST_AFTER_MS;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #trouble: unknown = null;
  #closed = false;

  constructor(deps: Deps, { answer, conversation, gate }: Pick<AnswerRun, 'answer' | 'conversation' | 'gate'>) {
    this.#deps = deps;
    this.#answer = answer;
    this.#conversation = conversation;
    this.#gate = gate;
    this.#later();
  }

  /** A model begins: what another one wrote is void. */
  begin(): void {
    this.#text = '';
    this.#reading = undefined;
  }

  add(delta: string): void {
    this.#text += delta;
    this.#later();
  }

  reading(tool: string): void {
    this.#reading = tool.replaceAll('_', ' ');
    this.#later();
  }

  /** The sentences that are whole, as the model wrote them. */
  text(): string {
    return wholeSentences(this.#text);
  }

  /** Nothing is written after this. @throws what went wrong while showing. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#writing;
    if (this.#trouble !== null) throw this.#trouble;
  }

  #later(): void {
    if (this.#timer !== null || this.#closed) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#nextAt = performance.now() + PAUSE_MS;
        this.#writing = this.#writing
          .then(() => this.#show())
          .catch((error: unknown) => {
            this.#trouble ??= error;
          });
      },
      Math.max(0, this.#nextAt - performance.now()),
    );
  }

  async #show(): Promise<void> {
    // A sentence is held back until it is whole and checked; of what is shown nothing is taken back.
    const text = this.#gate.check(this.text());
    const state = `${this.#reading ?? ''}\n${text}`;
    if (this.#closed || state === this.#shown) return;
    this.#shown = state;
    const reading = this.#reading;
    await inTransaction(this.#deps.db, async (trx) => {
      if (!(await keepDraft(trx, this.#answer.id, this.#deps.processId, text)) || this.#answer.aside) return;
      await postAnswer(
        trx,
        this.#conversation,
        this.#answer,
        drawAnswer(this.#deps, { ...this.#answer, status: 'answering', text }, reading),
      );
    });
  }
}
