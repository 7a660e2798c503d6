// How likely one arm brings more per dollar than another: both beliefs held against each other, rate by rate. Pure.
import { RATES } from './belief.ts';
import type { Reading } from './reading.ts';

/** P(one > other), ties divided; exact on the grid of rates. */
export function chanceBetter(one: Reading, other: Reading): number {
  const [mine, theirs] = [one, other].map(({ posterior, returnPerRate }) =>
    RATES.reduce<{ worth: number; weight: number }[]>((all, rate, index) => {
      all.push({ worth: rate * returnPerRate, weight: posterior.weights[index] ?? 0 });
      return all;
    }, []),
  );
  let chance = 0;
  for (const { worth, weight } of mine ?? [])
    for (const than of theirs ?? []) chance += weight * than.weight * (worth > than.worth ? 1 : worth === than.worth ? 0.5 : 0);
  return chance;
}
