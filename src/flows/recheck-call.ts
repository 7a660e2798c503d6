// What is approved is what runs: just before a call begins it is worked out again and held against what somebody said yes to.
import { hashOf, type Json } from '../core/canonical-json.ts';
import { AppError, InvalidInput } from '../core/errors.ts';
import { inTransaction } from '../db/database.ts';
import { mustAsk } from '../domain/approvals/risk.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { type Asked, readAsked, reaskCall } from '../domain/tools/asked-call-store.ts';
import type { ToolCall } from '../domain/tools/call-store.ts';
import { effectWords, requestHash } from '../domain/tools/policy.ts';
import type { Quote, Tool, ToolContext } from '../domain/tools/tool.ts';
import { findActHistory } from './act-history.ts';
import type { Deps } from './deps.ts';
import { weighCall } from './judge-calls.ts';
import { askedOf, type Run } from './run-state.ts';
import { findUsedTools } from './used-tools.ts';

/** `changed`: it went back to be asked, as it is now; `unusable`: it can no longer be made at all. */
/** `approved`: the request it was approved with, null where none was needed or a grant covers it. */
export type Recheck = { kind: 'same'; approved: Asked | null } | { kind: 'changed' } | { kind: 'unusable'; why: string };

/** Calls that no rule made ask (reads, our own data) run as they were judged; every other must be covered by a yes. */
export async function recheckCall(deps: Deps, run: Run, call: ToolCall, tool: Tool, context: ToolContext): Promise<Recheck> {
  if (call.mode !== deps.mode || !tool.modes.includes(call.mode))
    return { kind: 'unusable', why: `a call of ${call.mode} mode is never made in ${deps.mode} mode` };
  if (!needsYes(call, tool)) return { kind: 'same', approved: null };
  let quote: Quote;
  try {
    quote = await tool.quote(readArguments(call, tool), context);
  } catch (error) {
    if (error instanceof InvalidInput || (error instanceof AppError && error.code === 'not_found'))
      return { kind: 'unusable', why: error.reply };
    throw error;
  }
  const facts = { amountMicros: quote.amountMicros, payee: quote.payee };
  const hash = requestHash({ tool: tool.name, version: tool.version, arguments: call.arguments, ...facts });
  const isSame =
    hash === call.request_hash && facts.amountMicros === call.amount_micros && facts.payee === call.payee && tellsTheSame(call, quote);
  if (isSame) {
    const approved = call.approval_id === null ? null : (askedOf(run, call.approval_id) ?? (await readAsked(deps.db, call.approval_id)));
    if (isCovered(call, approved, quote)) return { kind: 'same', approved };
  }
  const risk = weighCall(tool, quote, {
    leftMicros: run.leftMicros,
    tainted: call.tainted,
    usedTools: await findUsedTools(deps, call.mode, [call.tool]),
    history: await findActHistory(deps, call.mode, run.task.agent),
  });
  await inTransaction(deps.db, async (trx) => {
    await reaskCall(trx, call.id, {
      toolVersion: tool.version,
      requestHash: hash,
      ...facts,
      effect: effectWords(quote),
      riskScore: risk.score,
      riskLevel: risk.level,
      factors: risk.factors,
    });
    const detail = { was: call.request_hash, is: hash, approval: call.approval_id };
    await recordAudit(trx, [
      { mode: call.mode, actor: 'policy', action: 'call.changed', subjectKind: 'tool_call', subjectId: call.id, detail },
    ]);
  });
  // The others of its request find it gone, as in the rows.
  Object.assign(call, { status: 'waiting_approval', approval_id: null, grant_id: null });
  return { kind: 'changed' };
}

function needsYes(call: ToolCall, tool: Tool): boolean {
  if (tool.touches === 'money' || call.approval_id !== null || call.grant_id !== null) return true;
  return mustAsk({ score: call.risk_score, level: call.risk_level, factors: [] }, { ...tool, amountMicros: 0n });
}

/** The row may have been edited since it was judged; a changed schema may refuse it too. */
function readArguments(call: ToolCall, tool: Tool): Json {
  const parsed = tool.input.safeParse(call.arguments);
  if (!parsed.success) throw new InvalidInput(`the arguments of call ${call.id} can no longer be used`);
  return parsed.data as Json;
}

/** The sentence a person read says names and prices; a lowered request says the same and a little more. */
const tellsTheSame = (call: ToolCall, quote: Quote): boolean => (call.effect ?? '').startsWith(effectWords(quote));

/**
 * Somebody said yes to exactly this: an approval whose hash, in its row and in the audit trail of the decision, covers these very calls;
 * or a grant (counted when the call begins).
 */
function isCovered(call: ToolCall, asked: Asked | null, quote: Quote): boolean {
  if (call.status === 'proposed') return call.grant_id !== null && quote.review !== true;
  if (asked === null || asked.approval.status !== 'approved') return false;
  const hash = hashOf(asked.calls.map((one) => one.request_hash ?? ''));
  return asked.approval.request_hash === hash && asked.decidedHash === hash;
}
