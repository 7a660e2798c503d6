// Which opportunities are tried next, and what is believed of their conversion before anybody has visited them: by their score, by what
// lessons foretell, and by what their own earlier experiments measured.
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { ConversionPrior } from '../../domain/allocation/arm.ts';
import { FIRST_PRIOR } from '../../domain/allocation/prior.ts';
import { breakEvenOf } from '../../domain/experiments/contract.ts';
import { type Ends, listOwnEnds, type OwnEnd } from '../../domain/experiments/history-store.ts';
import { EXPLORE_EVERY } from '../../domain/experiments/portfolio.ts';
import { type LessonRow, listEffects, listFinished } from '../../domain/learning/lesson-store.ts';
import { type Lessons, learnEffects, predictConversion } from '../../domain/learning/lessons.ts';
import type { Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';

export interface Choice {
  opportunity: Opportunity;
  prior: ConversionPrior;
  /** Dollars back per dollar, at the prior's mean. */
  expectedReturn: number;
  /** What moved the choice beside the score, in words. */
  because: string;
  lessonIds: number[];
}

/** What an experiment of its own says weighs like so many visitors at most: things change. */
const MOST_OWN_STRENGTH = 200;

/** Best first; every so often what has been tried least comes first, whatever is believed of it. */
export async function rankOpportunities(db: DatabaseOrTrx, mode: Mode, found: readonly Opportunity[], ends: Ends): Promise<Choice[]> {
  if (found.length === 0) return [];
  const finished = await listFinished(db, mode);
  const learned = finished.length === 0 ? null : learnEffects(finished);
  const rows = learned === null ? [] : await listEffects(db, mode);
  const own = new Map(
    (
      await listOwnEnds(
        db,
        found.map(({ id }) => id),
      )
    ).map((end) => [end.opportunityId, end]),
  );
  const choices = found.map((opportunity) => choiceOf(opportunity, learned, rows, own.get(opportunity.id)));
  choices.sort((a, b) => worth(b) - worth(a) || a.opportunity.id - b.opportunity.id);
  return ends.all % EXPLORE_EVERY === EXPLORE_EVERY - 1 ? leastTriedFirst(choices, finished) : choices;
}

const worth = ({ opportunity, expectedReturn }: Choice): number => ((opportunity.score ?? 0) / 100) * expectedReturn;

function choiceOf(opportunity: Opportunity, learned: Lessons | null, rows: readonly LessonRow[], own: OwnEnd | undefined): Choice {
  const breakEven = breakEvenOf({
    priceMicros: opportunity.price_micros ?? 0n,
    unitCostMicros: opportunity.unit_cost_micros ?? 0n,
    visitorCostMicros: opportunity.visitor_cost_micros ?? 0n,
  });
  const believed = (mean: number, strength: number, because: string, lessonIds: number[]): Choice => ({
    opportunity,
    prior: { mean, strength },
    expectedReturn: mean / breakEven,
    because,
    lessonIds,
  });
  if (own !== undefined)
    return believed(
      own.mean,
      Math.min(MOST_OWN_STRENGTH, own.visitors + FIRST_PRIOR.strength),
      `its own experiment ${own.experimentId} ended with ${own.verdict}`,
      [],
    );
  if (learned === null) return believed(FIRST_PRIOR.mean, FIRST_PRIOR.strength, '', []);
  const { mean, strength, because } = predictConversion(learned, {
    category: opportunity.category,
    channel: opportunity.channel,
    source: opportunity.source,
    price: Number(opportunity.price_micros ?? 0n) / 1e6,
  });
  const used = because.flatMap(({ factor, level }) => rows.filter((row) => row.dimension === factor && row.value === level));
  const words = used.map((row) => `lesson ${row.id} (${row.words})`).join('; ');
  return believed(
    mean,
    strength,
    words,
    used.map(({ id }) => id),
  );
}

function leastTriedFirst(choices: readonly Choice[], finished: readonly { category: string }[]): Choice[] {
  const tried = (category: string): number => finished.filter((one) => one.category === category).length;
  const least = Math.min(...choices.map(({ opportunity }) => tried(opportunity.category)));
  const first = choices.find(({ opportunity }) => tried(opportunity.category) === least);
  if (first === undefined || first === choices[0]) return [...choices];
  const why = `its category is the least tried${first.because === '' ? '' : `; ${first.because}`}`;
  return [{ ...first, because: why }, ...choices.filter((choice) => choice !== first)];
}
