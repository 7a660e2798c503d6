// Which assumption of an experiment failed, and by how much: what was taken for granted before the start against what was measured. Pure.

export type Assumption = 'conversion' | 'price' | 'cost' | 'delay' | 'refunds' | 'execution';

export interface Assumed {
  /** Orders per visitor. */
  conversion: number;
  /** Dollars of an order. */
  priceUsd: number;
  /** Dollars of a visitor. */
  costUsd: number;
  /** Days from a visit to its payment. */
  delayDays: number;
  refundShare: number;
  /** Share of the decided launches that were carried out. */
  executed: number;
}

/** Null is not measured: nothing is said of it. */
export type Measured = { [Key in keyof Assumed]: number | null };

export interface Gap {
  assumption: Assumption;
  assumed: number;
  measured: number;
  /** How much worse than assumed, as a factor: 2 is twice as bad. */
  worse: number;
}

/** Less than a quarter off is no failed assumption. */
const NOTICEABLE = 1.25;
/** Below this a share or a rate counts as this, so that nothing is infinitely worse. */
const LEAST = 0.002;

const FIELDS: readonly [Assumption, keyof Assumed, 'more is worse' | 'less is worse'][] = [
  ['conversion', 'conversion', 'less is worse'],
  ['price', 'priceUsd', 'less is worse'],
  ['cost', 'costUsd', 'more is worse'],
  ['delay', 'delayDays', 'more is worse'],
  ['refunds', 'refundShare', 'more is worse'],
  ['execution', 'executed', 'less is worse'],
];

/** The assumptions that failed, the worst first. */
export function findGaps(assumed: Assumed, measured: Measured): Gap[] {
  return FIELDS.flatMap(([assumption, key, direction]) => {
    const found = measured[key];
    if (found === null) return [];
    const [before, after] = [Math.max(LEAST, assumed[key]), Math.max(LEAST, found)];
    const worse = direction === 'less is worse' ? before / after : after / before;
    return worse < NOTICEABLE ? [] : [{ assumption, assumed: assumed[key], measured: found, worse }];
  }).toSorted((a, b) => b.worse - a.worse);
}

const SHARES: ReadonlySet<Assumption> = new Set(['conversion', 'refunds', 'execution']);

export function gapWords({ assumption, assumed, measured, worse }: Gap): string {
  const show = (value: number): string => {
    if (SHARES.has(assumption)) return `${(value * 100).toFixed(1)} %`;
    return assumption === 'delay' ? `${value.toFixed(1)} days` : `$${value.toFixed(2)}`;
  };
  return `${assumption} was taken to be ${show(assumed)} and was ${show(measured)}: ${worse.toFixed(1)} times worse`;
}
