// One question to the models of its mode, healed as far as it can be at once: a short pause is honoured, another model steps in, less is sent.
// What needs longer is thrown, and the work waits as a row.
import { Upstream } from '../core/errors.ts';
import { ModelCallFailure } from '../domain/brain/call-failure.ts';
import type { ChatReply, ModelOffer } from '../domain/brain/chat-model.ts';
import { type FailureKind, failureToGoBy, isOfAccount, kindOfFailure, type Treatment, treatCall } from '../domain/brain/failure.ts';
import { shrinkContext } from '../domain/brain/shrink.ts';
import { askModel, type Question } from './ask-model.ts';
import type { Switched } from './book-model-call.ts';
import type { Deps } from './deps.ts';

/** What has failed so far in this piece of work. */
interface Course {
  question: Question;
  failures: { error: unknown; kind: FailureKind }[];
  switched: Switched[];
  degraded: boolean;
}

/**
 * @throws Upstream when no model answered: of their failures the one that says when to come back; LimitExceeded when a cap refuses the reservation.
 */
export async function callModel(deps: Deps, question: Question): Promise<ChatReply> {
  const course: Course = { question, failures: [], switched: [], degraded: false };
  const offers = deps.model.offers(question.mode);
  for (const [at, offer] of offers.entries()) {
    const reply = await tryModel(deps, course, offer, at < offers.length - 1);
    if (reply === 'give up') break;
    if (reply === 'switch') continue;
    for (const { kind } of course.failures) deps.metrics.brain.overcome(kind, true);
    return reply;
  }
  throw failureToGoBy(course.failures.map(({ error }) => error)) ?? new Upstream('No model is configured.', { retryable: false });
}

async function tryModel(deps: Deps, course: Course, offer: ModelOffer, hasNext: boolean): Promise<ChatReply | 'switch' | 'give up'> {
  for (let waited = 0; ; waited += 1) {
    const answer = await askOnce(deps, course, offer);
    if (!(answer instanceof Upstream)) return answer;
    const treatment = treat(course, answer, { waited, hasNext });
    note(deps, course, answer, treatment);
    switch (treatment.do) {
      case 'wait':
        await sleep(treatment.ms, course.question.signal);
        break;
      case 'degrade':
        degrade(course);
        break;
      case 'switch':
        if (!isResting(answer)) course.switched.push({ model: offer.model, why: answer.reply });
        return 'switch';
      case 'give_up':
        return 'give up';
    }
  }
}

/** A cap is no failure of a model, and what we broke off ourselves is none either: those are thrown. */
async function askOnce(deps: Deps, { question, switched }: Course, offer: ModelOffer): Promise<ChatReply | Upstream> {
  try {
    return await askModel(deps, question, offer, switched);
  } catch (error) {
    if (error instanceof Upstream && !question.signal.aborted) return error;
    throw error;
  }
}

function treat(course: Course, error: Upstream, { waited, hasNext }: { waited: number; hasNext: boolean }): Treatment {
  return treatCall({
    kind: kindOfFailure(error),
    ofAccount: isOfAccount(error),
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
    tooLong: error.cause instanceof ModelCallFailure && error.cause.tooLong,
    waited,
    degraded: course.degraded,
    canDegrade: shrinkContext(course.question.messages) !== null,
    hasNext,
  });
}

function note(deps: Deps, course: Course, error: Upstream, treatment: Treatment): void {
  const kind = kindOfFailure(error);
  course.failures.push({ error, kind });
  deps.metrics.brain.failed(kind, treatment.do);
}

function degrade(course: Course): void {
  course.degraded = true;
  course.question = { ...course.question, messages: shrinkContext(course.question.messages) ?? course.question.messages };
}

/** It was not even asked: that was decided, and written down, when it failed. */
const isResting = (error: Upstream): boolean => error.cause instanceof ModelCallFailure && error.cause.kind === 'breaker_open';

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
