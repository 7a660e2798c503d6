// What lessons of our own finished experiments say of an opportunity: the chance that it pays, and which lessons that rests on.
import { betaShare } from '../../core/gamma-function.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { listEffects, listFinished } from '../../domain/learning/lesson-store.ts';
import { learnEffects, predictConversion } from '../../domain/learning/lessons.ts';
import { dollarsOf } from '../../domain/opportunities/find-store.ts';
import type { Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import { breakEvenRate, type Outlook } from '../../domain/opportunities/score.ts';
import type { Mode } from '../../domain/tools/tool.ts';

/** Null for what no lesson bears on: the prior of the score stands. */
export type OutlookOf = (one: Opportunity) => Outlook | null;

export async function readOutlook(db: DatabaseOrTrx, mode: Mode): Promise<OutlookOf> {
  const finished = await listFinished(db, mode);
  if (finished.length === 0) return () => null;
  const learned = learnEffects(finished);
  const rows = await listEffects(db, mode);
  return (one) => {
    const price = dollarsOf(one.price_micros);
    const prices = { priceUsd: price, unitCostUsd: dollarsOf(one.unit_cost_micros), visitorCostUsd: dollarsOf(one.visitor_cost_micros) };
    const rate = breakEvenRate(prices);
    if (price === null || rate === null) return null;
    const traits = { category: one.category, channel: one.channel, source: one.source, price };
    const { mean, strength, because } = predictConversion(learned, traits);
    const used = because.flatMap(({ factor, level }) => rows.filter((row) => row.dimension === factor && row.value === level));
    if (used.length === 0) return null;
    const chance = rate >= 1 ? 0 : 1 - betaShare(rate, mean * strength, (1 - mean) * strength);
    return { chance, note: used.map((row) => `lesson ${row.id} (${row.words})`).join('; ') };
  };
}
