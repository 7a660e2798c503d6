// The words of a verdict: how sure, since when, and about how many more visitors it would take.
import { logEvidence, type Matured } from './mixture.ts';

/** More than this is no plan. */
const OUT_OF_REACH = 200_000;

export interface Sureness {
  standing: { logScale: number; logKill: number; scaleSince: number | null; killSince: number | null };
  profitable: number;
  matured: Matured;
  breakEven: number;
  /** ln of the e-value that proves. */
  proven: number;
  /** The evidence is of bets on revenue: what it would take is not foreseen from orders. */
  byRevenue: boolean;
}

/** About two sentences, for a card. */
export function howSure({ standing, profitable, matured, breakEven, proven, byRevenue }: Sureness): string {
  const { scaleSince, killSince, logScale, logKill } = standing;
  const chance = `${percent(profitable)} likely to earn`;
  const looks = 'wrong at most 5 times in 100, however often one looks';
  if (scaleSince !== null && (killSince === null || scaleSince > killSince))
    return `Proven to earn since day ${scaleSince} (${looks}); now ${chance}.`;
  if (killSince !== null) return `Proven to lose since day ${killSince} (${looks}); now ${chance}.`;
  const best = `Not proven: ${chance}, evidence ${odds(logScale)} of ${odds(proven)} that it earns and ${odds(logKill)} that it loses.`;
  if (byRevenue) return `${best} Orders bring different amounts, so each visitor's revenue is what counts.`;
  if (matured.visitors === 0) return best;
  const more = visitorsToProof(matured, breakEven, proven);
  const rate = percent(matured.orders / matured.visitors);
  if (more === null) return `${best} At ${rate} so near to break-even (${percent(breakEven)}) it may never be proven.`;
  return `${best} If it stays at ${rate}, about ${more.toLocaleString('en-US')} more visitors would prove it.`;
}

/** Further visitors at the rate seen so far until one side is proven; null when that is out of reach. */
export function visitorsToProof({ visitors, orders }: Matured, breakEven: number, proven: number): number | null {
  const rate = orders / visitors;
  const reached = (more: number): boolean => {
    const { scale, kill } = logEvidence({ visitors: visitors + more, orders: orders + more * rate }, breakEven);
    return Math.max(scale, kill) >= proven;
  };
  if (!(visitors > 0) || !reached(OUT_OF_REACH)) return null;
  let [low, high] = [0, OUT_OF_REACH];
  while (high - low > Math.max(1, high / 50)) {
    const middle = Math.floor((low + high) / 2);
    if (reached(middle)) high = middle;
    else low = middle;
  }
  return Number(high.toPrecision(2));
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
const odds = (log: number): string => Number(Math.exp(Math.min(log, 20)).toPrecision(2)).toLocaleString('en-US');
