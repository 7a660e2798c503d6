// One call to one model: reserve, ask, settle, book. Every real call is live money, in practice mode too.
import { capWords, limitName } from '../chat/views/cap-card.ts';
import { LimitExceeded, Upstream } from '../core/errors.ts';
import { formatUsd } from '../core/money.ts';
import { redactText } from '../core/redact.ts';
import { ModelCallFailure } from '../domain/brain/call-failure.ts';
import type { ChatMessage, ChatReply, ModelOffer, ToolSpec } from '../domain/brain/chat-model.ts';
import type { ModelMode } from '../domain/brain/modes.ts';
import { readCapSettings } from '../domain/money/cap-store.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { estimateCost } from '../domain/money/model-price.ts';
import { markSent, type ReservationAnswer, release, reserve } from '../domain/money/reservation-store.ts';
import { bookCall, type Switched } from './book-model-call.ts';
import { bookUnanswered } from './book-unanswered.ts';
import type { Deps } from './deps.ts';
import { tellCapStop } from './tell-caps.ts';

const MAX_OUTPUT_TOKENS = 4096;

/** Whom a call is booked on, and by whose limits. */
export interface Charged {
  mode: ModelMode;
  goalId: number | null;
  taskId: number | null;
  /** The conversation an answer belongs to; its cost is told there. */
  conversationId?: number;
  agent: string;
  signal: AbortSignal;
}

export interface Question extends Charged {
  messages: ChatMessage[];
  tools: ToolSpec[];
  schema: { name: string; jsonSchema: Record<string, unknown> } | null;
  /** Each piece of text as it comes; `onTry` tells that a model begins, again or another one. */
  onText?: (delta: string) => void;
  onTry?: () => void;
}

/** @throws what the model throws; LimitExceeded when a cap refuses the reservation. */
export async function askModel(deps: Deps, question: Question, offer: ModelOffer, after: readonly Switched[]): Promise<ChatReply> {
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
  const estimate = estimateOf(offer, countCharacters(question), MAX_OUTPUT_TOKENS);
  return measured(deps, question, await chargeCall(deps, question, { offer, estimate, after }, () => deps.model.chat(offer, request)));
}

/** Micro-dollars to reserve; 0 only where somebody wrote out that it costs nothing. */
export const estimateOf = (offer: ModelOffer, characters: number, outputTokens: number): bigint =>
  isFree(offer) ? 0n : estimateCost(offer, characters, outputTokens);

/** Makes one call to a real model: reserved before, settled and booked after. @throws what `call` throws; LimitExceeded when a cap refuses it */
export async function chargeCall<Reply extends Pick<ChatReply, 'usage'>>(
  deps: Deps,
  question: Charged,
  { offer, estimate, after }: { offer: ModelOffer; estimate: bigint; after: readonly Switched[] },
  call: () => Promise<Reply>,
): Promise<Reply> {
  refuseBeyond(deps, question, offer, estimate);
  const reservationId = estimate === 0n ? null : await reserveCall(deps, question, estimate, offer.model);
  let reply: Reply;
  try {
    if (reservationId !== null) await markSent(deps.db, reservationId, question.conversationId ?? null);
    reply = await call();
  } catch (error) {
    if (reservationId !== null && cannotCost(error)) await release(deps.db, reservationId);
    // It left and brought nothing back: the provider may bill it, so it is owed at the reserved amount until somebody knows better.
    else if (reservationId !== null && error instanceof Upstream)
      await bookUnanswered(deps, reservationId, { model: offer.model, agent: question.agent });
    throw error;
  }
  await bookCall(deps, question, { offer, reply, reservationId, estimate, after });
  return reply;
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
function refuseBeyond(deps: Deps, question: Charged, { model }: ModelOffer, estimate: bigint): void {
  const limit = deps.config.modes[question.mode].costMicros;
  if (question.taskId !== null || estimate <= limit) return;
  throw new LimitExceeded(
    `A call of ${model} could cost ${formatUsd(estimate)}; one to ${question.mode} may cost ${formatUsd(limit)} (limits.costUsd in JUG_MODELS).`,
  );
}

async function reserveCall(deps: Deps, question: Charged, estimate: bigint, model: string): Promise<number> {
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
  { goalId, taskId }: Charged,
  refused: Extract<ReservationAnswer, { kind: 'refused' }>,
  estimate: bigint,
): Promise<void> {
  if (goalId === null) return;
  const what = taskId === null ? `planning goal ${goalId}` : `task ${taskId}`;
  const stopped = { key: `model:${taskId ?? `goal ${goalId}`}`, what, goalId, taskId };
  await tellCapStop(deps.db, { ...stopped, mode: 'live', cap: refused.cap, name: refused.name, why: capWords(refused, estimate) });
}
