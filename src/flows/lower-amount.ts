// A person approves less: the calls are rewritten for the smaller amounts, quoted and hashed again. Amounts only go down.

import { hashOf, type Json } from '../core/canonical-json.ts';
import { InvalidInput } from '../core/errors.ts';
import { formatUsd, type Micros } from '../core/money.ts';
import type { Trx } from '../db/database.ts';
import { setRequestHash } from '../domain/approvals/approval-store.ts';
import { listCallsOfApproval, requoteCall } from '../domain/tools/asked-call-store.ts';
import type { ToolCall } from '../domain/tools/call-store.ts';
import { requestHash } from '../domain/tools/policy.ts';
import type { Deps } from './deps.ts';

/** Spreads the smaller total over the calls in proportion, in whole cents, never more than the total. No outside call is made here. @returns the hash of the request as it was approved. */
export async function lowerCalls(
  deps: Deps,
  trx: Trx,
  approvalId: number,
  calls: readonly ToolCall[],
  total: Micros,
  asked: Micros,
): Promise<string> {
  for (const call of calls) {
    const tool = deps.tools.get(call.tool);
    const share = ((call.amount_micros * total) / asked / 10_000n) * 10_000n;
    const input = tool?.withAmount?.(call.arguments, share) ?? null;
    if (tool === undefined || input === null)
      throw new InvalidInput(`Call ${call.id} (${call.tool}) cannot be made for ${formatUsd(share)}.`);
    const changed = { arguments: input as Json, amountMicros: share, payee: call.payee };
    await requoteCall(trx, {
      id: call.id,
      ...changed,
      requestHash: requestHash({ tool: tool.name, version: tool.version, ...changed }),
      effect: `${call.effect ?? call.tool} Lowered from ${formatUsd(call.amount_micros)} to ${formatUsd(share)}.`,
      status: 'waiting_approval',
    });
  }
  // What was approved is the lowered request; its hash is what execution compares with.
  const now = await listCallsOfApproval(trx, approvalId);
  const hash = hashOf(now.map((call) => call.request_hash));
  await setRequestHash(trx, approvalId, hash);
  return hash;
}
