// Always-valid evidence for any bounded revenue per visitor: a gambler who bets on (or against) visitors bringing more than they cost.
// Capital is an e-value (Waudby-Smith & Ramdas, JRSS-B 2023): it reaches 1/α without cause with a chance of at most α.
import { InvalidInput } from '../../core/errors.ts';
import type { LogEvidence } from './mixture.ts';

const STAKES = 16;
/** The boldest stake, as a share of what could be lost at once. */
const BOLDEST = 0.5;

/** Log-capital of each stake, on either side; a row keeps it between looks. */
export interface Bets {
  scale: readonly number[];
  kill: readonly number[];
}

export interface BetTerms {
  /** Dollars a visitor costs. */
  cost: number;
  /** Dollars above which revenue of one visitor is not counted; above the cost. */
  most: number;
}

/** What matured visitors brought: how many came, and the net dollars of each that ordered. */
export interface Takings {
  visitors: number;
  nets: readonly number[];
}

const NO_BETS: Bets = { scale: Array<number>(STAKES).fill(0), kill: Array<number>(STAKES).fill(0) };

/** Geometric from the boldest down by half powers of two. */
const stakes = (limit: number): number[] => Array.from({ length: STAKES }, (_, index) => limit * BOLDEST * 2 ** (-index / 2));

/** @param before null at the first look @throws InvalidInput for terms or takings that cannot be */
export function placeBets(before: Bets | null, { visitors, nets }: Takings, { cost, most }: BetTerms): Bets {
  if (!(cost > 0 && most > cost)) throw new InvalidInput(`Revenue capped at ${most} dollars cannot pay a visitor of ${cost} dollars.`);
  if (!Number.isInteger(visitors) || visitors < nets.length)
    throw new InvalidInput(`${nets.length} orders of ${visitors} visitors cannot be.`);
  if (!nets.every((net) => net >= 0)) throw new InvalidInput('Revenue of a visitor cannot be below 0.');
  const idle = visitors - nets.length;
  const add = (log: number, stake: number, sign: 1 | -1): number =>
    nets.reduce((sum, net) => sum + Math.log1p(sign * stake * (Math.min(net, most) - cost)), log + idle * Math.log1p(-sign * stake * cost));
  const [forIt, against] = [stakes(1 / cost), stakes(1 / (most - cost))];
  const { scale, kill } = before ?? NO_BETS;
  return {
    scale: forIt.map((stake, index) => add(scale[index] ?? 0, stake, 1)),
    kill: against.map((stake, index) => add(kill[index] ?? 0, stake, -1)),
  };
}

/** ln of the mean capital over the stakes. */
export function logCapital({ scale, kill }: Bets): LogEvidence {
  const mean = (logs: readonly number[]): number => {
    const top = Math.max(...logs);
    return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
  };
  return { scale: mean(scale), kill: mean(kill) };
}
