// When nobody answers: what silence may approve, which is almost nothing. Pure.
import type { Micros } from '../../core/money.ts';
import type { RiskLevel } from '../../db/tables/states.ts';
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
