// What may be concluded of an experiment now: e-values for what cannot be undone and for "proven", the posterior for a cheap, reopenable close.
import { InvalidInput } from '../../core/errors.ts';
import { howSure } from './how-sure.ts';
import { type LogEvidence, logEvidence, type Matured } from './mixture.ts';

/** Chance of a wrong verdict over all looks, each side. */
const ALPHA = 0.05;
export const PROVEN = Math.log(1 / ALPHA);
/** Below this chance of earning an experiment is closed, until something changes. */
const CLOSE_BELOW = 0.05;
/** A closed one is opened again only well above the line, so that it does not flutter. */
const REOPEN_ABOVE = 0.15;
/** At the deadline, an experiment this likely to earn is kept though not proven. */
const KEEP_FROM = 0.8;

/** scale: proven to earn. kill: proven to lose. close: hardly any chance left, reopenable. reopen: closed, yet a chance again. go-on: not decided. */
export type Verdict = 'scale' | 'kill' | 'close' | 'reopen' | 'go-on';

/** The highest evidence so far, kept as a row between looks. Days are market days. */
export interface Standing {
  logScale: number;
  logKill: number;
  /** Since when it is proven; null until then. */
  scaleSince: number | null;
  killSince: number | null;
}

export interface JudgeInput {
  today: number;
  /** Orders of matured visitors. @see revenue */
  matured: Matured;
  /** Orders per visitor that pay for themselves, as the contract fixes it before the start. */
  breakEven: number;
  /** Evidence of bets on revenue, in the place of that of orders: where an order does not bring what the contract assumed. */
  revenue: LogEvidence | null;
  /** P(profitable) of the allocation's belief. */
  profitable: number;
  /** Null at the first look. */
  before: Standing | null;
  /** Whether it is closed at present. */
  closed: boolean;
}

export interface Judgement {
  verdict: Verdict;
  standing: Standing;
  now: LogEvidence;
  /** For cards: how sure, since when, what it would take. */
  howSure: string;
}

/** @throws InvalidInput for rates, counts or chances that cannot be */
export function judge(input: JudgeInput): Judgement {
  const { today, matured, breakEven, revenue, profitable, before, closed } = input;
  if (!(profitable >= 0 && profitable <= 1)) throw new InvalidInput(`A chance of ${profitable} is not between 0 and 1.`);
  const now = revenue ?? logEvidence(matured, breakEven);
  const standing = raise(before, now, today);
  return {
    verdict: decide(standing, profitable, closed, matured.visitors),
    standing,
    now,
    howSure: howSure({ standing, profitable, matured, breakEven, proven: PROVEN, byRevenue: revenue !== null }),
  };
}

/** The running maximum: by Ville's inequality, evidence once proven stays proven. */
function raise(before: Standing | null, now: LogEvidence, today: number): Standing {
  const logScale = Math.max(now.scale, before?.logScale ?? 0);
  const logKill = Math.max(now.kill, before?.logKill ?? 0);
  return {
    logScale,
    logKill,
    scaleSince: before?.scaleSince ?? (logScale >= PROVEN ? today : null),
    killSince: before?.killSince ?? (logKill >= PROVEN ? today : null),
  };
}

/** Proven both ways (a rate that changed): what was proven last counts. */
function decide({ scaleSince, killSince }: Standing, profitable: number, closed: boolean, visitors: number): Verdict {
  if (scaleSince !== null && (killSince === null || scaleSince > killSince)) return 'scale';
  if (killSince !== null) return 'kill';
  if (closed) return profitable > REOPEN_ABOVE ? 'reopen' : 'close';
  return visitors > 0 && profitable < CLOSE_BELOW ? 'close' : 'go-on';
}

/** How an experiment ends when its deadline has come: every verdict leads to one of the four ends. */
export function conclude(verdict: Verdict, profitable: number): 'scale' | 'keep' | 'kill' | 'inconclusive' {
  switch (verdict) {
    case 'scale':
      return 'scale';
    case 'kill':
    case 'close':
      return 'kill';
    case 'reopen':
    case 'go-on':
      return profitable >= KEEP_FROM ? 'keep' : 'inconclusive';
  }
}
