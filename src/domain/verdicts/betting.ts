// Always-valid evidence for any bounded revenue per visitor: a gambler who bets on (or against) visitors bringing more than they cost.
// Capital is an e-value (Waudby-Smith & Ramdas, JRSS-B 2023): it reaches 1/α without cause with a chance of at most α.
import { InvalidInput } from '../../core/errors.ts';
import type { LogEvidence } from './mixture.ts';

const STAKES = 16;
/** The boldest stake, as a share of what could be lost at once. */
const BOLDEST = 0.5;

export interface BetTerms {
  /** Dollars a visitor costs. */
  cost: number;
  /** Dollars above which the net of one visitor is not counted; above the cost, and fixed before the first look. */
  most: number;
  /** Dollars that one visitor can cost beside that, at worst: what an order that came back has cost in fees and delivery. */
  worst: number;
}

/** What matured visitors brought: how many came (parts of visitors where delays are corrected for), and the net dollars of each that ordered. */
export interface Takings {
  visitors: number;
  nets: readonly number[];
}

/** The capital of each stake from the orders so far, as logarithms; visitors without an order are taken off when it is looked at. */
export interface Bets {
  terms: BetTerms;
  scale: readonly number[];
  kill: readonly number[];
}

/** Geometric from the boldest down by half powers of two. */
const stakes = (limit: number): number[] => Array.from({ length: STAKES }, (_, index) => limit * BOLDEST * 2 ** (-index / 2));
const forIt = ({ cost, worst }: BetTerms): number[] => stakes(1 / (cost + worst));
const against = ({ cost, most }: BetTerms): number[] => stakes(1 / (most - cost));

/** Before anybody has come. @throws InvalidInput for terms that cannot be */
export function openBets(terms: BetTerms): Bets {
  const { cost, most, worst } = terms;
  if (!(cost > 0 && most > cost && worst >= 0))
    throw new InvalidInput(`Revenue between -${worst} and ${most} dollars cannot be held against a visitor of ${cost} dollars.`);
  return { terms, scale: forIt(terms).map(() => 0), kill: against(terms).map(() => 0) };
}

/** @param net dollars that one visitor's order brought */
export function addOrder({ terms, scale, kill }: Bets, net: number): Bets {
  const gain = Math.min(Math.max(net, -terms.worst), terms.most) - terms.cost;
  return {
    terms,
    scale: forIt(terms).map((stake, index) => (scale[index] ?? 0) + Math.log1p(stake * gain)),
    kill: against(terms).map((stake, index) => (kill[index] ?? 0) + Math.log1p(-stake * gain)),
  };
}

/** ln of the mean capital over the stakes, on either side. @param idle visitors who did not order */
export function lookAtBets({ terms, scale, kill }: Bets, idle: number): LogEvidence {
  return {
    scale: logMean(forIt(terms).map((stake, index) => (scale[index] ?? 0) + idle * Math.log1p(-stake * terms.cost))),
    kill: logMean(against(terms).map((stake, index) => (kill[index] ?? 0) + idle * Math.log1p(stake * terms.cost))),
  };
}

/** All at once. @throws InvalidInput for terms or takings that cannot be */
export function logRevenueEvidence({ visitors, nets }: Takings, terms: BetTerms): LogEvidence {
  if (!(visitors >= nets.length && Number.isFinite(visitors)))
    throw new InvalidInput(`${nets.length} orders of ${visitors} visitors cannot be.`);
  return lookAtBets(nets.reduce(addOrder, openBets(terms)), visitors - nets.length);
}

function logMean(logs: readonly number[]): number {
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
}
