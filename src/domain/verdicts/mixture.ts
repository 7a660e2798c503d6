// Evidence that stays valid however often one looks: one-sided Beta-mixture e-values for a conversion rate against its break-even.
// Ville's inequality: over all looks together, the chance that an e-value ever reaches 1/α without cause is at most α.
import { InvalidInput } from '../../core/errors.ts';
import { logBeta, logBetaShare } from '../../core/gamma-function.ts';

/** Matured visitors only: those old enough that their orders have been seen, and the orders of exactly these. */
export interface Matured {
  visitors: number;
  orders: number;
}

/** Natural logarithms of the two e-values. */
export interface LogEvidence {
  /** Against "the rate is at most break-even". */
  scale: number;
  /** Against "the rate is at least break-even". */
  kill: number;
}

/**
 * ln E = ln B(a+s, b+n−s) − ln B(a, b) − s ln p0 − (n−s) ln(1−p0) + ln[P(H1 | a+s, b+n−s) / P(H1 | a, b)], H1 = p > p0 to scale and p < p0 to kill:
 * the likelihood averaged over a Beta cut off at break-even, over the likelihood at break-even (Robbins 1970; Johari, Pekelis & Walsh 2022).
 * The Beta's mean is break-even itself, so nothing depends on how large rates are.
 * @throws InvalidInput when orders are no part of visitors or break-even is no rate
 */
export function logEvidence({ visitors, orders }: Matured, breakEven: number): LogEvidence {
  if (!(breakEven > 0 && breakEven < 1)) throw new InvalidInput(`A break-even of ${breakEven} orders per visitor is not between 0 and 1.`);
  if (!(orders >= 0 && visitors >= orders && Number.isFinite(visitors)))
    throw new InvalidInput(`${orders} orders of ${visitors} visitors cannot be.`);
  const likelihood = orders * Math.log(breakEven) + (visitors - orders) * Math.log1p(-breakEven);
  const side = (weight: number, logShare: (a: number, b: number) => number): number => {
    const [a, b] = [weight, weight / breakEven - weight];
    const [a2, b2] = [a + orders, b + visitors - orders];
    return logBeta(a2, b2) - logBeta(a, b) - likelihood + logShare(a2, b2) - logShare(a, b);
  };
  return {
    scale: side(SCALE_WEIGHT, (a, b) => logBetaShare(1 - breakEven, b, a)),
    kill: side(KILL_WEIGHT, (a, b) => logBetaShare(breakEven, a, b)),
  };
}

/** Orders that the mixture weighs like: the more, the nearer to break-even it looks. */
const SCALE_WEIGHT = 1;
const KILL_WEIGHT = 2;
