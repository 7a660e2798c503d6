// Asks the model for the next step and keeps its turn: the calls with their verdicts, and, when something asks, the request with them.
import { z } from 'zod';
import { postMessages } from '../chat/outbox-store.ts';
import { redactText } from '../core/redact.ts';
import type { DatabaseOrTrx, Trx } from '../db/database.ts';
import { inTransaction } from '../db/database.ts';
import type { ChatReply, ToolSpec } from '../domain/brain/chat-model.ts';
import { modeOfKind } from '../domain/brain/modes.ts';
import { riskAlong } from '../domain/decisions/decision-store.ts';
import { servesKind, type WorkKind } from '../domain/tasks/evidence.ts';
import { awaitApproval } from '../domain/tasks/run-store.ts';
import type { Task } from '../domain/tasks/task-store.ts';
import { addTurn, finishCall, type NewTurn } from '../domain/tools/call-store.ts';
import type { Tool } from '../domain/tools/tool.ts';
import { findActHistory } from './act-history.ts';
import { askApproval } from './ask-approval.ts';
import { askAndSleep } from './ask-asleep.ts';
import { callModel } from './call-model.ts';
import { controlSpecs, controlTool } from './control-tools.ts';
import type { Deps } from './deps.ts';
import { type JudgedCall, judgeCalls } from './judge-calls.ts';
import { writePolicyTurn } from './policy-turn.ts';
import { conversation, isTainted, type Run, standsIn, type Taints } from './run-state.ts';
import { drawGoal, showGoal } from './show.ts';
import { findUsedTools } from './used-tools.ts';

const LONGEST_TURN = 50_000;

/** @returns false when the run is suspended or its lease is lost. */
export async function think(deps: Deps, run: Run): Promise<boolean> {
  const reply = run.task.policy === null ? await askModel(deps, run) : await writePolicyTurn(deps, run, run.task.policy);
  noteRecovery(deps, run);
  const judged = await judge(deps, run, reply);
  if (!judged.some((call) => call.asks)) return keepTurn(deps.db, deps, run, reply, judged);
  // Where the whole turn asks, the request, its card and the sleeping task are one transaction with it.
  const onlyAsks = judged.every((call) => call.asks || call.status !== 'proposed');
  if (judged.every((call) => call.asks) && (await askAndSleep(deps, run, turnOf(run, reply), judged))) return false;
  return inTransaction(deps.db, async (trx) => {
    if (!(await keepTurn(trx, deps, run, reply, judged))) return false;
    return onlyAsks ? suspend(deps, trx, run) : true;
  });
}

async function askModel(deps: Deps, run: Run): Promise<ChatReply> {
  await deps.toolServers.refresh();
  return callModel(deps, {
    mode: modeOfKind(run.task.kind),
    goalId: run.goal.id,
    taskId: run.task.id,
    agent: run.task.agent,
    messages: conversation(run, taintsOf(deps)),
    tools: toolSpecs(deps, run.task),
    schema: null,
    signal: run.signal,
  });
}

/** What broke the run off before has been got over. */
function noteRecovery(deps: Deps, run: Run): void {
  const { failure_kind: kind } = run.task;
  if (kind !== null) deps.metrics.brain.overcome(kind, true);
  run.task = { ...run.task, failure_kind: null };
}

async function judge(deps: Deps, run: Run, reply: ChatReply): Promise<JudgedCall[]> {
  const touching = reply.toolCalls.map((call) => call.name).filter((name) => (deps.tools.get(name)?.touches ?? 'nothing') !== 'nothing');
  const situation = {
    task: run.task,
    leftMicros: run.leftMicros,
    tainted: isTainted(run, taintsOf(deps)),
    foreignWords: toolsOf(deps, run.task).some((tool) => tool.foreign === true),
    usedTools: touching.length > 0 ? await findUsedTools(deps, run.task.mode, touching) : new Set(deps.tools.keys()),
    isKnown: (address: string) => standsIn(run, address),
    ...(touching.length > 0 ? { history: await findActHistory(deps, run.task.mode, run.task.agent) } : {}),
    granted: run.granted,
    pastCalls: [...run.earlier, ...run.calls],
    signal: run.signal,
  };
  return judgeCalls(deps, situation, reply.toolCalls);
}

const turnOf = (run: Run, reply: ChatReply): NewTurn => ({
  mode: run.task.mode,
  goalId: run.goal.id,
  taskId: run.task.id,
  fence: run.lease.fence,
  attempt: run.task.attempt,
  seq: run.turns.length + 1,
  text: redactText(reply.text.slice(0, LONGEST_TURN)),
  model: reply.model,
  inputTokens: reply.usage?.inputTokens ?? null,
  outputTokens: reply.usage?.outputTokens ?? null,
});

async function keepTurn(db: DatabaseOrTrx, deps: Deps, run: Run, reply: ChatReply, judged: readonly JudgedCall[]): Promise<boolean> {
  const turn = turnOf(run, reply);
  const rows = judged.map(({ asks, ...call }) => (asks ? { ...call, status: 'waiting_approval' as const } : call));
  const touching = rows.some((call) => call.touches !== 'nothing' && call.status !== 'invalid');
  const added = await addTurn(db, turn, rows, touching ? [riskAlong('asked')] : []);
  if (added === null) return false;
  run.turns.push({
    id: added[0]?.turn_id ?? -turn.seq,
    goal_id: turn.goalId,
    task_id: turn.taskId,
    attempt: turn.attempt,
    seq: turn.seq,
    text: turn.text,
    model: turn.model,
    input_tokens: turn.inputTokens,
    output_tokens: turn.outputTokens,
    stop_reason: null,
    created_at: deps.clock.now(),
  });
  run.calls.push(...added);
  return true;
}

/** Asks for what waits without a request, and puts the task to sleep. True when the run goes on, because asking was impossible. */
export async function suspend(deps: Deps, trx: Trx, run: Run): Promise<boolean> {
  const unasked = run.calls.filter((call) => call.status === 'waiting_approval' && call.approval_id === null);
  if (unasked.length > 0) {
    const asked = await askApproval(deps, trx, run, unasked);
    if (asked.kind === 'impossible') {
      for (const call of unasked) {
        const refused = { status: 'refused' as const, error: asked.why };
        await finishCall(trx, {
          ...refused,
          id: call.id,
          taskId: call.task_id,
          fence: run.lease.fence,
          output: null,
          receipt: null,
          spentMicros: null,
          evidence: [],
        });
        Object.assign(call, refused);
      }
      return true;
    }
    await postMessages(trx, [asked.post, await drawGoal(trx, run.goal.id)]);
    return false;
  }
  await awaitApproval(trx, run.lease);
  await showGoal(trx, run.goal.id);
  return false;
}

/** What a tool brought that is here no more (its server was taken out) stays what it was: nobody knows that it is harmless. */
const taintsOf =
  (deps: Deps): Taints =>
  (name) =>
    controlTool(name) === null && (deps.tools.get(name)?.taints ?? true);

const toolSpecs = (deps: Deps, task: Task): ToolSpec[] => [...toolsOf(deps, task).map(specOf), ...controlSpecs()];

/** What the task may use just now. */
const toolsOf = (deps: Deps, task: Task): Tool[] =>
  [...deps.tools.values()].filter(
    (tool) => servesKind(tool, task.kind as WorkKind) && tool.modes.includes(task.mode) && (tool.closed?.() ?? null) === null,
  );

const specs = new WeakMap<Tool, ToolSpec>();

/** Working out a schema costs more than the rest of a step, and it never changes. */
function specOf(tool: Tool): ToolSpec {
  const known = specs.get(tool);
  if (known !== undefined) return known;
  const parameters = tool.parameters ?? (z.toJSONSchema(tool.input, { io: 'input' }) as Record<string, unknown>);
  const spec = { name: tool.name, description: tool.description, parameters };
  specs.set(tool, spec);
  return spec;
}
