// Finds one answer: the model reads with tools, within limits of steps, time and money, and its words become the answer's card.
import { randomBytes } from 'node:crypto';
import { pageOf, type Reading, type ReadTool } from '../../chat/read-tool.ts';
import { canonicalJson, findUnstorable } from '../../core/canonical-json.ts';
import { AppError } from '../../core/errors.ts';
import { formatUsd } from '../../core/money.ts';
import type { ChatReply, RequestedCall, ToolSpec } from '../../domain/brain/chat-model.ts';
import type { ReadRecord } from '../../domain/conversations/answer-store.ts';
import { readReserved } from '../../domain/conversations/cost-store.ts';
import { callModel } from '../call-model.ts';
import type { Deps } from '../deps.ts';
import { AnswerDraft } from './answer-draft.ts';
import { type AnswerRun, messagesOf, openRun } from './answer-run.ts';
import { finishAnswer, type Outcome } from './finish-answer.ts';

const MOST_CALLS_A_STEP = 8;
const LONGEST_ARGUMENTS = 4_000;

/** @param signal aborted with `cancelled` or `stopping` */
export async function answerQuestion(
  deps: Deps,
  menu: ReadonlyMap<string, ReadTool>,
  answerId: number,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(longestMs(deps));
  const run = await openRun(deps, menu, answerId, AbortSignal.any([signal, limit]));
  if (run === null) return finishAnswer(deps, answerId, null, { status: 'failed', text: '', error: 'You have no role here any more.' });
  if (run.answer.cancelled_by !== null) return finishAnswer(deps, answerId, run, { status: 'cancelled', text: '', error: null });
  const draft = new AnswerDraft(deps, run);
  const outcome = await think(deps, run, draft).catch((error: unknown) => troubleOf(deps, run, error, { signal, limit, draft }));
  await draft.close();
  await finishAnswer(deps, answerId, run, outcome);
}

const longestMs = ({ config }: Deps): number => config.modes.chat.wallMs ?? config.limits.taskTimeoutMs;

async function think(deps: Deps, run: AnswerRun, draft: AnswerDraft): Promise<Outcome> {
  const { iterations, noProgress } = deps.config.modes.chat;
  for (let step = 1; step <= iterations && countIdle(run) < noProgress; step += 1) {
    run.signal.throwIfAborted();
    const over = await overCap(deps, run);
    if (over !== null) return over;
    const reply = await askModel(deps, run, draft);
    if (reply.toolCalls.length === 0) return outcomeOf(reply);
    await readAll(run, reply, draft);
  }
  return {
    status: 'failed',
    text: '',
    error: `I read ${run.records.length} times without coming to an answer, and stopped. Ask for less at a time.`,
  };
}

/** Steps at the end that brought nothing to read. */
const countIdle = ({ turns }: AnswerRun): number =>
  turns.length - 1 - turns.findLastIndex((turn) => turn.records.some((record) => record.ok));

function outcomeOf(reply: ChatReply): Outcome {
  if (reply.finish === 'refusal') return { status: 'failed', text: reply.text, error: 'The model refused to answer this.' };
  const cut = reply.finish === 'length' ? '\n\n(The answer was too long and is cut here.)' : '';
  return { status: 'done', text: reply.text + cut, error: null };
}

async function overCap(deps: Deps, run: AnswerRun): Promise<Outcome | null> {
  if (run.turns.length === 0 || deps.model.offers('chat').every((offer) => offer.practice)) return null;
  const used = await readReserved(deps.db, run.conversation.id, run.answer.created_at);
  const cap = deps.config.modes.chat.costMicros;
  if (used < cap) return null;
  return {
    status: 'failed',
    text: '',
    error: `This answer has cost ${formatUsd(used)}; one may cost ${formatUsd(cap)}. Ask for less at a time.`,
  };
}

async function askModel(deps: Deps, run: AnswerRun, draft: AnswerDraft): Promise<ChatReply> {
  const reply = await callModel(deps, {
    mode: 'chat',
    goalId: null,
    taskId: null,
    conversationId: run.conversation.id,
    agent: 'assistant',
    messages: messagesOf(run),
    tools: [...run.tools.values()].map(toSpec),
    schema: null,
    signal: run.signal,
    onTry: () => draft.begin(),
    onText: (delta) => draft.add(delta),
  });
  run.model = reply.model;
  run.inputTokens += reply.usage?.inputTokens ?? 0;
  run.outputTokens += reply.usage?.outputTokens ?? 0;
  return reply;
}

const toSpec = ({ name, description, parameters }: ReadTool): ToolSpec => ({ name, description, parameters });

/** One after the other: there are few, and rows are read fast. */
async function readAll(run: AnswerRun, reply: ChatReply, draft: AnswerDraft): Promise<void> {
  const calls = reply.toolCalls.slice(0, MOST_CALLS_A_STEP);
  const turn: AnswerRun['turns'][number] = { text: reply.text.slice(0, 8_000), calls, records: [] };
  for (const call of calls) {
    run.signal.throwIfAborted();
    draft.reading(run.tools.has(call.name) ? call.name : 'something');
    const record = await readOne(run, call);
    turn.records.push(record);
    run.records.push(record);
    if (record.outside) run.tainted = true;
  }
  run.turns.push(turn);
}

async function readOne(run: AnswerRun, call: RequestedCall): Promise<ReadRecord> {
  const id = run.records.length + 1;
  const refused = (error: string, input: Record<string, unknown> = {}): ReadRecord => ({
    ...{ id, tool: call.name.slice(0, 60), input, ok: false },
    ...{ output: null, error: error.slice(0, 1_000), link: null, outside: false },
  });
  const tool = run.tools.get(call.name);
  if (tool === undefined) return refused(`There is no tool "${call.name.slice(0, 60)}". You can only read and remember.`);
  const input = readArguments(call.arguments);
  if (typeof input === 'string') return refused(input);
  const known = run.records.find((record) => record.tool === tool.name && canonicalJson(record.input) === canonicalJson(input));
  if (known !== undefined) return refused(`This was read already, as ${known.id}. Answer with what you have.`, input);
  const reading = await tool.read(input, run.asker);
  return reading.ok ? recordOf(id, tool, input, reading) : { ...refused(reading.error, input), outside: tool.outside };
}

/** Buttons and charts are for people. */
function recordOf(id: number, tool: ReadTool, input: Record<string, unknown>, { card }: Extract<Reading, { ok: true }>): ReadRecord {
  const { title, text, fields, table } = card;
  const output = {
    title,
    ...(text === undefined ? {} : { text }),
    ...(fields === undefined ? {} : { fields }),
    ...(table === undefined ? {} : { table }),
  };
  return { id, tool: tool.name, input, ok: true, output, error: null, link: pageOf(tool.name, card), outside: tool.outside };
}

function readArguments(written: string): Record<string, unknown> | string {
  if (written.length > LONGEST_ARGUMENTS) return 'The arguments are too long.';
  try {
    const value: unknown = written.trim() === '' ? {} : JSON.parse(written);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'The arguments must be a JSON object.';
    return findUnstorable(value) ?? (value as Record<string, unknown>);
  } catch {
    return 'The arguments are no JSON.';
  }
}

/** Why there is no answer, in words for the person who asked. */
function troubleOf(
  deps: Deps,
  run: AnswerRun,
  error: unknown,
  { signal, limit, draft }: { signal: AbortSignal; limit: AbortSignal; draft: AnswerDraft },
): Outcome {
  const text = draft.text();
  if (signal.aborted) return { status: signal.reason === 'cancelled' ? 'cancelled' : 'interrupted', text, error: null };
  if (limit.aborted) return { status: 'failed', text, error: `It took longer than ${longestMs(deps) / 1000} s.` };
  if (error instanceof AppError) return { status: 'failed', text, error: error.reply };
  const ref = randomBytes(2).toString('hex');
  deps.log.error({ err: error, ref, answer: run.answer.id }, 'an answer broke');
  return { status: 'failed', text, error: `Something broke (ref ${ref}). It is in the log under this reference.` };
}
