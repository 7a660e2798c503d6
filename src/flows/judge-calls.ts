// From what a model asked for to rows with a verdict: parse, quote, weigh, and say what may run, what asks and what is refused.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Json, storableText } from '../core/canonical-json.ts';
import { AppError, InvalidInput } from '../core/errors.ts';
import { redactText } from '../core/redact.ts';
import { findGrant } from '../domain/approvals/grant-store.ts';
import { mustAsk, type Risk, weighRisk } from '../domain/approvals/risk.ts';
import type { RequestedCall } from '../domain/brain/chat-model.ts';
import { servesKind, type WorkKind } from '../domain/tasks/evidence.ts';
import { MAX_CALLS_PER_TURN } from '../domain/tasks/stop-rule.ts';
import type { Task } from '../domain/tasks/task-store.ts';
import { readArguments, strictly } from '../domain/tools/call-arguments.ts';
import type { NewCall, ToolCall } from '../domain/tools/call-store.ts';
import { effectWords, requestHash } from '../domain/tools/policy.ts';
import { findStrangeAddress, OWN_ADDRESS } from '../domain/tools/strange-address.ts';
import type { Quote, Tool, ToolContext } from '../domain/tools/tool.ts';
import { controlTool } from './control-tools.ts';
import type { Deps } from './deps.ts';

export interface JudgedCall extends NewCall {
  asks: boolean;
}

export interface Situation {
  task: Task;
  /** What the goal may still commit. */
  leftMicros: bigint;
  /** This attempt has read text of strangers: everything after it is tainted. */
  tainted: boolean;
  /** Strangers' words stand in its list of tools: an owner let them in, so they taint no act, but no address made after them leaves. */
  foreignWords: boolean;
  usedTools: ReadonlySet<string>;
  /** Whether an address stands in what people said or tools brought in this run. */
  isKnown: (address: string) => boolean;
  /** How acts of the task's agent ended so far, by kind of act. */
  history?: (act: string) => { done: number; failed: number };
  /** A standing grant is in force; whether it covers a call is looked up. */
  granted: boolean;
  pastCalls: readonly ToolCall[];
  signal: AbortSignal;
}

/** Judges one turn's calls in order. Nothing runs here. */
export async function judgeCalls(deps: Deps, situation: Situation, requested: readonly RequestedCall[]): Promise<JudgedCall[]> {
  const judged: JudgedCall[] = [];
  let left = situation.leftMicros;
  for (const [index, call] of requested.slice(0, MAX_CALLS_PER_TURN).entries()) {
    const verdict = await judgeCall(deps, { ...situation, leftMicros: left }, { ...call, id: String(index) });
    if (verdict.status === 'proposed') left -= verdict.amountMicros;
    judged.push(verdict);
  }
  const beyond = requested.length - MAX_CALLS_PER_TURN;
  if (beyond > 0) judged.push(refuseRest(requested[MAX_CALLS_PER_TURN], beyond, situation.tainted));
  return judged;
}

/** One row for all that was not even looked at: the model and the task's page are told. */
function refuseRest(first: RequestedCall | undefined, count: number, tainted: boolean): JudgedCall {
  const blank = blankCall({ id: 'rest', name: first?.name ?? '', arguments: '' }, tainted);
  return invalid(blank, { leftOut: count }, `${count} calls of this turn were left out: one turn has at most ${MAX_CALLS_PER_TURN}`);
}

async function judgeCall(deps: Deps, situation: Situation, requested: RequestedCall): Promise<JudgedCall> {
  const base = blankCall(requested, situation.tainted);
  const read = readArguments(requested.arguments);
  const { kept } = read;
  if (!read.ok) return invalid(base, kept, read.why);
  const control = controlTool(requested.name);
  if (control !== null) {
    const parsed = control.input.safeParse(read.value);
    if (!parsed.success) return invalid({ ...base, act: 'read' }, kept, z.prettifyError(parsed.error).slice(0, 800));
    return { ...base, act: 'read', arguments: parsed.data as Json, status: 'proposed', riskScore: 0, riskLevel: 'low' };
  }
  const tool = deps.tools.get(requested.name);
  if (tool === undefined || !servesKind(tool, situation.task.kind as WorkKind) || !tool.modes.includes(situation.task.mode)) {
    return invalid(base, kept, `there is no tool "${base.tool.slice(0, 60)}" for this task`);
  }
  const closed = tool.closed?.();
  if (typeof closed === 'string') return refuse({ ...base, arguments: kept }, closed);
  if (read.hadSecret) return invalid(base, kept, 'the arguments hold what looks like a secret; tools never take one');
  const parsed = strictly(tool.input).safeParse(read.value);
  if (!parsed.success) return invalid(base, kept, z.prettifyError(parsed.error).slice(0, 800));
  return judgeTool(
    deps,
    situation,
    { ...base, toolVersion: tool.version, act: tool.act, touches: tool.touches, arguments: parsed.data as Json },
    tool,
  );
}

/** Denied or left to expire, and no person has asked for another try since. A request for changes is no refusal. */
function wasRefused(past: ToolCall, retriedAt: Date | null): boolean {
  if (past.status !== 'denied' && past.status !== 'expired') return false;
  if ((past.error ?? '').includes('changesRequested')) return false;
  return retriedAt === null || past.created_at > retriedAt;
}

async function judgeTool(deps: Deps, situation: Situation, call: JudgedCall, tool: Tool): Promise<JudgedCall> {
  const refusedBefore = situation.pastCalls.find((past) => past.tool === tool.name && wasRefused(past, situation.task.retried_at));
  if (refusedBefore !== undefined && tool.touches !== 'nothing') {
    return refuse(call, `call ${refusedBefore.id} of the same tool was ${refusedBefore.status}; there is no other way to the same effect`);
  }
  let quote: Quote;
  try {
    quote = await tool.quote(call.arguments, quoteContext(deps, situation));
  } catch (error) {
    if (error instanceof InvalidInput) return invalid(call, call.arguments, error.reply);
    if (error instanceof AppError) return refuse(call, error.reply);
    throw error;
  }
  const risk = weighCall(tool, quote, situation);
  const quoted: JudgedCall = {
    ...call,
    amountMicros: quote.amountMicros,
    payee: quote.payee,
    effect: effectWords(quote),
    requestHash: requestHash({
      tool: tool.name,
      version: tool.version,
      arguments: call.arguments,
      amountMicros: quote.amountMicros,
      payee: quote.payee,
    }),
    riskScore: risk.score,
    riskLevel: risk.level,
    factors: risk.factors,
    status: 'proposed',
  };
  const strange =
    (situation.tainted || situation.foreignWords) && tool.taints ? findStrangeAddress(call.arguments, situation.isKnown) : null;
  if (strange !== null) return refuse(quoted, OWN_ADDRESS);
  if (!needsPerson(situation, tool, quote, risk)) return quoted;
  const grant =
    situation.tainted || !situation.granted || quote.review === true
      ? undefined
      : await findGrant(deps.db, {
          mode: situation.task.mode,
          tool,
          payee: quote.payee,
          amountMicros: quote.amountMicros,
          goalId: situation.task.goal_id,
          byPolicy: situation.task.policy !== null,
          arguments: call.arguments,
        });
  return grant === undefined ? { ...quoted, asks: true } : { ...quoted, grantId: grant.id };
}

function needsPerson({ tainted }: Situation, tool: Tool, { amountMicros, review }: Quote, risk: Risk): boolean {
  const { act, reversible, reach } = tool;
  return review === true || (tainted && tool.asksWhenTainted === true) || mustAsk(risk, { act, reversible, amountMicros, reach });
}

export function weighCall(tool: Tool, quote: Quote, situation: Pick<Situation, 'leftMicros' | 'tainted' | 'usedTools' | 'history'>): Risk {
  return weighRisk({
    act: tool.act,
    reversible: tool.reversible,
    amountMicros: quote.amountMicros,
    // What is given back was never in a budget.
    budgetLeftMicros: tool.act === 'refund' && situation.leftMicros < quote.amountMicros ? quote.amountMicros : situation.leftMicros,
    reach: tool.reach,
    touches: tool.touches,
    deletesData: tool.act === 'delete_data',
    credentials: tool.credentials,
    production: tool.production,
    tainted: situation.tainted,
    novel: !situation.usedTools.has(tool.name),
    ...(situation.history === undefined || tool.touches === 'nothing' ? {} : { history: situation.history(tool.act) }),
  });
}

function quoteContext(deps: Deps, situation: Situation): ToolContext {
  return {
    mode: situation.task.mode,
    goalId: situation.task.goal_id,
    taskId: situation.task.id,
    toolCallId: 0,
    idempotencyKey: '',
    now: deps.clock.now,
    signal: situation.signal,
  };
}

function blankCall(requested: RequestedCall, tainted: boolean): JudgedCall {
  return {
    callRef: requested.id,
    tool: storableText(redactText(requested.name)).slice(0, 100),
    toolVersion: '',
    act: 'unclassified',
    touches: 'nothing',
    arguments: {},
    requestHash: null,
    amountMicros: 0n,
    payee: null,
    effect: null,
    tainted,
    riskScore: 1,
    riskLevel: 'critical',
    factors: [],
    status: 'invalid',
    idempotencyKey: randomUUID(),
    error: null,
    grantId: null,
    asks: false,
  };
}

const invalid = (call: JudgedCall, input: Json, why: string): JudgedCall => ({ ...call, arguments: input, status: 'invalid', error: why });
const refuse = (call: JudgedCall, why: string): JudgedCall => ({ ...call, status: 'refused', error: why });
