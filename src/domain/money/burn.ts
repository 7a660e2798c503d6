// How fast money goes, and how long what may still be spent lasts at that rate. Pure.
import type { Micros } from '../../core/money.ts';
import type { ProfitAndLoss } from './ledger-store.ts';
import { costOfSales, profitOf } from './profit.ts';

export interface Burn {
  /** Whole days it was measured over; 0 when there are none. */
  days: number;
  /** Every cost, a day. */
  grossMicros: Micros;
  /** What a day costs beyond what it brings; below 0 it earns. */
  netMicros: Micros;
  /** What may still be spent, and what that is. */
  leftMicros: Micros;
  leftOf: string;
  /** `leftMicros` at the gross burn; null when nothing burns. */
  runwayDays: number | null;
}

/** @param days whole days in order, the last one yesterday; those before the first entry are no history. */
export function burnOf(days: readonly ProfitAndLoss[], left: { micros: Micros; of: string }): Burn {
  const first = days.findIndex((day) => day.journals > 0);
  const own = first === -1 ? [] : days.slice(first);
  const per = (of: (day: ProfitAndLoss) => Micros): Micros =>
    own.length === 0 ? 0n : own.reduce((sum, day) => sum + of(day), 0n) / BigInt(own.length);
  const grossMicros = per(costOfSales);
  return {
    days: own.length,
    grossMicros,
    netMicros: -per(profitOf),
    leftMicros: left.micros,
    leftOf: left.of,
    runwayDays: grossMicros > 0n ? Number((left.micros * 10n) / grossMicros) / 10 : null,
  };
}
