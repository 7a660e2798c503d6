// One question to the model: reserve, ask, settle, book. Fallbacks follow the primary; every real call is live money, in practice mode too.
import { randomUUID } from 'node:crypto';
import { capWords, limitName } from '../chat/views/cap-card.ts';
import { LimitExceeded, Upstream } from '../core/errors.ts';
import { formatUsd } from '../core/money.ts';
import { redactText } from '../core/redact.ts';
import { inTransaction } from '../db/database.ts';
import { ModelCallFailure } from '../domain/brain/call-failure.ts';
import type { ChatMessage, ChatReply, ModelOffer, ToolSpec } from '../domain/brain/chat-model.ts';
import type { ModelMode } from '../domain/brain/modes.ts';
import { readCapSettings } from '../domain/money/cap-store.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { bookJournal } from '../domain/money/ledger-store.ts';
import { costOf, estimateCost } from '../domain/money/model-price.ts';
import { markSent, type ReservationAnswer, release, reserve, settle } from '../domain/money/reservation-store.ts';
import { bookUnanswered } from './book-unanswered.ts';
import type { Deps } from './deps.ts';
import { tellCapStop } from './tell-caps.ts';

const MAX_OUTPUT_TOKENS = 4096;
/** A provider that asks for a longer pause is left; the task waits as a row instead. */
const LONGEST_PAUSE_MS = 5_000;

export interface Question {
  mode: ModelMode;
  goalId: number | null;
  taskId: number | null;
  /** The conversation an answer belongs to; its cost is told there. */
  conversationId?: number;
  agent: string;
  messages: ChatMessage[];
  tools: ToolSpec[];
  schema: { name: string; jsonSchema: Record<string, unknown> } | null;
  signal: AbortSignal;
  /** Each piece of text as it comes; `onTry` tells that a model begins, again or another one. */
  onText?: (delta: string) => void;
  onTry?: () => void;
}

/**
 * @throws Upstream when neither the primary nor a fallback answered; LimitExceeded when a cap refuses the reservation.
 */
export async function callModel(deps: Deps, question: Question): Promise<ChatReply> {
  let failure: unknown = null;
  for (const offer of deps.model.offers(question.mode)) {
    try {
      return await askOnce(deps, question, offer);
    } catch (error) {
      if (!(error instanceof Upstream) || question.signal.aborted) throw error;
      failure = error;
      const pause = error.retryAfterMs;
      if (error.retryable && pause !== null && pause <= LONGEST_PAUSE_MS) {
        await sleep(pause, question.signal);
        const again = await askOnce(deps, question, offer).catch((second: unknown) => {
          failure = second;
          return null;
        });
        if (again !== null) return again;
      }
    }
  }
  throw orNoModel(failure);
}

const orNoModel = (failure: unknown): unknown => failure ?? new Upstream('No model is configured.', { retryable: false });

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

async function askOnce(deps: Deps, question: Question, offer: ModelOffer): Promise<ChatReply> {
  const request = {
    mode: question.mode,
    messages: question.messages.map(withoutSecrets),
    tools: question.tools,
    schema: question.schema,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    signal: question.signal,
    ...(question.onText === undefined ? {} : { onText: question.onText }),
  };
  question.onTry?.();
  if (offer.practice) return measured(deps, question, await deps.model.chat(offer, request));
  const estimate = isFree(offer) ? 0n : estimateCost(offer, countCharacters(question), MAX_OUTPUT_TOKENS);
  refuseBeyond(deps, question, offer, estimate);
  const reservationId = estimate === 0n ? null : await reserveCall(deps, question, estimate, offer.model);
  let reply: ChatReply;
  try {
    if (reservationId !== null) await markSent(deps.db, reservationId, question.conversationId ?? null);
    reply = await deps.model.chat(offer, request);
  } catch (error) {
    if (reservationId !== null && cannotCost(error)) await release(deps.db, reservationId);
    // It left and brought nothing back: the provider may bill it, so it is owed at the reserved amount until somebody knows better.
    else if (reservationId !== null && error instanceof Upstream)
      await bookUnanswered(deps, reservationId, { model: offer.model, agent: question.agent });
    throw error;
  }
  await bookCall(deps, question, { offer, reply, reservationId, estimate });
  return measured(deps, question, reply);
}

function measured({ metrics }: Deps, { mode }: Question, reply: ChatReply): ChatReply {
  const { usage } = reply;
  if (usage !== null) metrics.brain.step(mode, { input: usage.inputTokens, output: usage.outputTokens, cached: usage.cachedTokens ?? 0 });
  return reply;
}

/** Our own keys, and whatever else looks like one, stay here, however they came into a prompt. */
const withoutSecrets = <Message extends ChatMessage>(message: Message): Message => ({ ...message, content: redactText(message.content) });

/** Somebody wrote out that it costs nothing. */
const isFree = ({ price }: ModelOffer): boolean => price?.inputMicros === 0n && price.outputMicros === 0n;

const countCharacters = ({ messages, tools, schema }: Question): number =>
  JSON.stringify(messages).length + JSON.stringify(tools).length + JSON.stringify(schema).length;

/** Never sent, or refused before any work: nothing can be billed. */
const cannotCost = (error: unknown): boolean =>
  error instanceof Upstream && error.cause instanceof ModelCallFailure && !error.cause.mayCost;

/** A task's calls are summed by the reservation; elsewhere each call is held against the limit of its mode. */
function refuseBeyond(deps: Deps, question: Question, { model }: ModelOffer, estimate: bigint): void {
  const limit = deps.config.modes[question.mode].costMicros;
  if (question.taskId !== null || estimate <= limit) return;
  throw new LimitExceeded(
    `A call of ${model} could cost ${formatUsd(estimate)}; one to ${question.mode} may cost ${formatUsd(limit)} (limits.costUsd in JUG_MODELS).`,
  );
}

async function reserveCall(deps: Deps, question: Question, estimate: bigint, model: string): Promise<number> {
  const settings = new Map((await readCapSettings(deps.db, 'live')).map((row) => [row.period as string, row.limit_micros]));
  const answer = await reserve(deps.db, {
    mode: 'live',
    kind: 'model',
    goalId: question.goalId,
    taskId: question.taskId,
    toolCallId: null,
    amountMicros: estimate,
    status: 'held',
    caps: {
      ...periodCaps('live', deps.config.limits, settings),
      goalMicros: null,
      taskMicros: question.taskId === null ? null : deps.config.modes[question.mode].costMicros,
    },
    spender: { agent: question.agent, tool: null, model },
  });
  if (answer.kind === 'reserved') return answer.id;
  await tellStop(deps, question, answer, estimate);
  throw new LimitExceeded(
    `The ${limitName(answer.cap, answer.name)} for live money is reached: ${formatUsd(answer.usedMicros)} of ${formatUsd(answer.limitMicros)} used, this model call could cost ${formatUsd(estimate)}. /budget shows the caps; the environment sets their ceilings.`,
  );
}

/** Who asked a question reads of it in the answer's place. */
async function tellStop(
  deps: Deps,
  { goalId, taskId }: Question,
  refused: Extract<ReservationAnswer, { kind: 'refused' }>,
  estimate: bigint,
): Promise<void> {
  if (goalId === null) return;
  const what = taskId === null ? `planning goal ${goalId}` : `task ${taskId}`;
  const stopped = { key: `model:${taskId ?? `goal ${goalId}`}`, what, goalId, taskId };
  await tellCapStop(deps.db, { ...stopped, mode: 'live', cap: refused.cap, name: refused.name, why: capWords(refused, estimate) });
}

/** Says what would make the next booking exact. */
function assumedWords({ model, price }: ModelOffer): string {
  return price === null
    ? `${model}, at an assumed price; add it to prices in JUG_MODELS: ${JSON.stringify(model)}:{"input":…,"output":…}`
    : `${model}, at the reserved amount: the provider reported no usage`;
}

async function bookCall(
  deps: Deps,
  question: Question,
  call: { offer: ModelOffer; reply: ChatReply; reservationId: number | null; estimate: bigint },
): Promise<void> {
  const cost = costOf(call.offer, call.reply.usage, call.estimate);
  const { inputTokens = 0, outputTokens = 0 } = call.reply.usage ?? {};
  deps.metrics.modelCall(call.offer.model, inputTokens, outputTokens, Number(cost.micros) / 1e6);
  if (cost.micros === 0n && call.reservationId === null) return;
  await inTransaction(deps.db, async (trx) => {
    if (call.reservationId !== null) await settle(trx, call.reservationId, cost.micros);
    if (cost.micros === 0n) return;
    await bookJournal(trx, {
      mode: 'live',
      source: 'model',
      externalId: call.reservationId === null ? randomUUID() : `reservation:${call.reservationId}`,
      kind: 'model_cost',
      memo: cost.assumed ? assumedWords(call.offer) : call.offer.model,
      occurredAt: deps.clock.now(),
      goalId: question.goalId,
      taskId: question.taskId,
      conversationId: question.conversationId ?? null,
      toolCallId: null,
      launchId: null,
      agent: question.agent,
      model: call.offer.model,
      assumed: cost.assumed,
      currency: 'USD',
      postings: [
        { account: 'model_cost', amountMicros: cost.micros },
        { account: 'model_payable', amountMicros: -cost.micros },
      ],
    });
  });
}
