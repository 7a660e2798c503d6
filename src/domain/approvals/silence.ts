// When nobody answers: what silence may approve (almost nothing), and when a request reminds, expires or approves itself.
// Pure; the deciding update compares these times with the database's clock.
import type { Micros } from '../../core/money.ts';
import type { RiskLevel } from '../../db/tables.ts';
import type { Reach } from '../tools/tool.ts';

export interface SilenceInput {
  /** As stored with the request, computed on the server. */
  level: RiskLevel | (string & {}) | null;
  reversible: boolean | null;
  /** What leaves when this is approved; a plan moves nothing. */
  amountMicros: Micros | null;
  reach: Reach | (string & {}) | null;
  kind: 'plan' | 'act';
}

/** True only for low risk that can be undone, moves no money and reaches nobody. Anything unknown is false. */
export function maySilenceApprove({ level, reversible, amountMicros, reach, kind }: SilenceInput): boolean {
  return level === 'low' && reversible === true && amountMicros === 0n && reach === 'nobody' && (kind === 'plan' || kind === 'act');
}

export interface ApprovalTimes {
  expiresAt: Date;
  /** Half-time. */
  firstReminderAt: Date;
  /** One hour before expiry; null where that is not later than half-time. */
  lastReminderAt: Date | null;
  /** Null where silence means no. */
  silenceApprovesAt: Date | null;
}

const LAST_CALL_MS = 3_600_000;

/**
 * @param expiryMs milliseconds until the request expires, above 0.
 * @param silenceMs milliseconds until silence approves; 0 turns it off.
 * @throws RangeError when expiryMs is no such number.
 */
export function approvalTimes(input: { createdAt: Date; expiryMs: number; silenceMs: number; eligible: boolean }): ApprovalTimes {
  const { expiryMs, silenceMs } = input;
  if (!(expiryMs > 0) || !Number.isFinite(expiryMs))
    throw new RangeError(`an approval needs a positive expiry in milliseconds, got ${expiryMs}`);
  const created = input.createdAt.getTime();
  const at = (ms: number) => new Date(created + ms);
  // A request that would expire first expires: silence never beats the end.
  const approves = input.eligible === true && silenceMs > 0 && silenceMs < expiryMs;
  return {
    expiresAt: at(expiryMs),
    firstReminderAt: at(expiryMs / 2),
    lastReminderAt: expiryMs - LAST_CALL_MS > expiryMs / 2 ? at(expiryMs - LAST_CALL_MS) : null,
    silenceApprovesAt: approves ? at(silenceMs) : null,
  };
}
