// What a task says it did, held against the records of its tools before anybody reads it.
import type { Json } from '../core/canonical-json.ts';
import { prepareEvidence } from '../domain/grounding/check-claim.ts';
import { type Gated, gateText } from '../domain/grounding/gate.ts';
import type { CitedReceipt } from '../domain/promises/claims.ts';
import type { ToolCall } from '../domain/tools/call-store.ts';
import { CODE_TOOL } from '../domain/tools/policy.ts';
import type { FinishInput } from './control-tools.ts';
import type { Run } from './run-state.ts';

/** @param receipts that the summary cites, as they are in the database. Evidence is what this task's tools and the tasks before it returned; what people said in the goal may be repeated as theirs. */
export function groundSummary(run: Run, { outcome, summary }: FinishInput, receipts: readonly CitedReceipt[]): Gated {
  const all = [...run.earlier, ...run.calls];
  const own = all.filter(({ status, output }) => status === 'done' && output !== null).filter(({ tool }) => tool !== CODE_TOOL);
  // Why nothing was done is read from failures, and from nothing else.
  const failures = outcome === 'done' ? [] : all.filter(({ error }) => error !== null);
  const calls = [
    { tool: 'tool_calls', input: null, output: countCalls(all) },
    { tool: 'receipts', input: null, output: receipts.map(({ id, kind, orderId }) => ({ receiptId: id, kind, orderId })) },
    ...run.inputs.filter(({ tool }) => tool !== CODE_TOOL).map(({ tool, output }) => ({ tool, input: null, output })),
    ...own.map(({ tool, arguments: input, output }) => ({ tool, input, output })),
    ...failures.map(({ tool, error }) => ({ tool, input: null, output: { failure: error } })),
  ];
  const said = [run.goal.request, run.goal.title, run.task.title, ...run.goal.notes.map(({ text }) => text)].join('\n');
  return gateText(summary, prepareEvidence(calls, said));
}

/** How many calls of each tool there were, and how many of them succeeded. */
function countCalls(calls: readonly ToolCall[]): Json {
  return [...Map.groupBy(calls, ({ tool }) => tool)].map(([tool, made]) => ({
    tool,
    made: made.length,
    succeeded: made.filter(({ status }) => status === 'done').length,
  }));
}
