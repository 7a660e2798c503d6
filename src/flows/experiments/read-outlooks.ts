// What finished experiments say of an opportunity that has not been tried: the chance that it earns, and the lessons behind it.
import { betaShare } from '../../core/gamma-function.ts';
import type { Trx } from '../../db/database.ts';
import { breakEvenOf } from '../../domain/experiments/contract.ts';
import { type LessonUse, listEffects, listFinished, noteUses } from '../../domain/learning/lesson-store.ts';
import { learnEffects, predictConversion } from '../../domain/learning/lessons.ts';
import type { Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import type { Outlook } from '../../domain/opportunities/score.ts';
import type { Mode } from '../../domain/tools/tool.ts';

/** By opportunity; nothing where no lesson bears on it. */
export async function readOutlooks(trx: Trx, mode: Mode, open: readonly Opportunity[]): Promise<Map<number, Outlook>> {
  const outlooks = new Map<number, Outlook>();
  const finished = await listFinished(trx, mode);
  if (finished.length === 0) return outlooks;
  const learned = learnEffects(finished);
  const rows = await listEffects(trx, mode);
  const uses: LessonUse[] = [];
  for (const one of open) {
    if (one.price_micros === null || one.visitor_cost_micros === null) continue;
    const traits = { category: one.category, channel: one.channel, source: one.source, price: Number(one.price_micros) / 1e6 };
    const { mean, strength, because } = predictConversion(learned, traits);
    const used = because.flatMap(({ factor, level }) => rows.filter((row) => row.dimension === factor && row.value === level));
    if (used.length === 0) continue;
    const breakEven = breakEvenOf({
      priceMicros: one.price_micros,
      unitCostMicros: one.unit_cost_micros ?? 0n,
      visitorCostMicros: one.visitor_cost_micros,
    });
    const chance = breakEven >= 1 ? 0 : betaShare(1 - breakEven, (1 - mean) * strength, mean * strength);
    outlooks.set(one.id, { chance, note: used.map((row) => `lesson ${row.id}`).join(', ') });
    uses.push(
      ...used.map((row) => ({
        lessonId: row.id,
        decision: 'score' as const,
        subjectKind: 'opportunity',
        subjectId: one.id,
        detail: row.words,
      })),
    );
  }
  await noteUses(trx, uses);
  return outlooks;
}
