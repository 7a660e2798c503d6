// The fractional knapsack over one day's budget: best return per dollar first, and cash before anything that would lose.

export interface Option {
  /** Dollars back per dollar spent; 1 breaks even. */
  return: number;
  /** The most that can be spent on it. */
  most: number;
}

/** What each option gets; what is not given stays cash. Options that do not earn more than they cost get nothing. O(n log n). */
export function fillBudget(options: readonly Option[], budget: number): number[] {
  const given = options.map(() => 0);
  const order = [...options.keys()].filter((index) => (options[index]?.return ?? 0) > 1);
  order.sort((a, b) => (options[b]?.return ?? 0) - (options[a]?.return ?? 0));
  let left = budget;
  for (const index of order) {
    const part = Math.min(left, options[index]?.most ?? 0);
    given[index] = part;
    left -= part;
  }
  return given;
}
