// Why an arm got what it got: named reasons with a sentence for its card. They explain; they decide nothing.
import type { Belief } from './reading.ts';

export type ReasonName =
  | 'best-return'
  | 'earns'
  | 'explore'
  | 'at-capacity'
  | 'at-limit'
  | 'orders-under-way'
  | 'rate-changed'
  | 'loses'
  | 'others-better';

export interface Reason {
  name: ReasonName;
  sentence: string;
}

export interface Outcome {
  belief: Belief;
  visitors: number;
  /** Whether it got all it could take. */
  full: boolean;
  /** Whether what it can take is its own limit of money, below its capacity. */
  limited: boolean;
  /** How many draws chose it. */
  chosen: number;
  /** The best expected return among arms that got something. */
  best: number;
}

const CERTAIN = 0.9;
const STILL_OUT = 0.25;

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
const dollars = (value: number): string => `$${value.toFixed(2)}`;

export function reasonsOf({ belief, visitors, full, limited, chosen, best }: Outcome): Reason[] {
  const reasons: Reason[] = [];
  const add = (name: ReasonName, sentence: string): number => reasons.push({ name, sentence });
  const back = `${dollars(belief.returnPerDollar)} back per dollar expected`;
  if (visitors > 0 && belief.returnPerDollar <= 1)
    add('explore', `${back}, yet a ${percent(belief.profitable)} chance that it earns: worth a look`);
  else if (visitors > 0) add(belief.returnPerDollar >= best ? 'best-return' : 'earns', back);
  else if (chosen > 0 || belief.returnPerDollar > 1) add('others-better', `${back}: others bring more for the same dollar`);
  else add('loses', `${back}, a ${percent(belief.profitable)} chance that it earns: no draw chose it`);
  if (full) add(limited ? 'at-limit' : 'at-capacity', limited ? 'all that its limit leaves' : 'all the visitors it can take in a day');
  if (belief.changed > CERTAIN)
    add('rate-changed', `its conversion has changed (${percent(belief.changed)} sure): visitors before count less`);
  const underWay = belief.visitors - belief.effectiveVisitors;
  if (underWay > STILL_OUT * belief.visitors)
    add('orders-under-way', `orders of about ${Math.round(underWay)} of its ${belief.visitors} visitors cannot have been seen yet`);
  return reasons;
}
