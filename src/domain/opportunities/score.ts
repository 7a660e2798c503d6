// How good an opportunity looks, 0 to 100, as named and weighted parts that say why. Pure; whoever calls brings weights and what was learned.
import type { ScorePart } from '../../db/tables/opportunity-tables.ts';
import type { EvidenceOrigin, Scalability } from '../../db/tables/states.ts';
import { missingOf } from './capability.ts';

export const PARTS = [
  'capability fit',
  'time to first dollar',
  'capital',
  'effort',
  'automation',
  'scalability',
  'risk',
  'evidence',
] as const;
export type Part = (typeof PARTS)[number];
export type Weights = Readonly<Record<Part, number>>;

/** Where nothing was learned yet. They add up to 1. */
export const DEFAULT_WEIGHTS: Weights = {
  'capability fit': 0.22,
  'time to first dollar': 0.14,
  capital: 0.1,
  effort: 0.1,
  automation: 0.1,
  scalability: 0.1,
  risk: 0.16,
  evidence: 0.08,
};

/** What a source said of it, in dollars, days and hours; null where it said nothing. */
export interface Traits {
  capabilities: readonly string[];
  daysToFirstDollar: number | null;
  capitalUsd: number | null;
  effortHours: number | null;
  automation: number | null;
  scalability: Scalability | null;
  /** The chance, apart from demand, that what is put in is lost: 0 to 1. */
  risk: number | null;
  priceUsd: number | null;
  /** Cost of one sold piece. */
  unitCostUsd: number | null;
  visitorCostUsd: number | null;
  /** Where it was found, each place once. */
  evidence: readonly EvidenceOrigin[];
}

/** What our own finished experiments say of its like. */
export interface Outlook {
  /** Chance that it earns more than it costs, 0 to 1. */
  chance: number;
  /** Names the lessons behind it. */
  note: string;
}

export interface Scoring {
  tools: ReadonlySet<string>;
  /** Learned ones; any positive numbers, only their proportions count. */
  weights?: Weights;
  /** Which lesson moved the weight of a part. */
  notes?: ReadonlyMap<Part, string>;
  /** Null: nothing learned that bears on it. */
  outlook?: Outlook | null;
}

export interface Score {
  /** 0 to 100, to one decimal. */
  score: number;
  /** In the order of PARTS; their points add up to the score. */
  parts: ScorePart[];
}

type Judged = [value: number, note: string];

/** What nobody said counts as little: a source gains nothing by silence. */
const UNSAID: Judged = [0.3, 'not said'];
const LONGEST_DAYS = 60;
const MOST_CAPITAL_USD = 200;
const [LEAST_HOURS, MOST_HOURS] = [2, 80];
const SCALES: Record<Scalability, number> = { once: 0.2, repeatable: 0.6, scalable: 1 };
/** How much one place proves that there is such a thing to sell; places add up as 1 − Π(1 − w). */
const PROOF: Record<EvidenceOrigin, number> = { listing: 0.6, tool: 0.5, page: 0.35, row: 0.3, said: 0.2 };
/** Card processing, as the practice market and Stripe take it. */
const [FEE_SHARE, FEE_USD] = [0.029, 0.3];
/** The weak, optimistic prior of a conversion, Beta(1, 49): P(p > x) = (1 − x)^49. */
const PRIOR_VISITORS = 49;

export function scoreOpportunity(traits: Traits, { tools, weights = DEFAULT_WEIGHTS, notes, outlook = null }: Scoring): Score {
  const judged: Record<Part, Judged> = {
    'capability fit': judgeFit(traits, tools),
    'time to first dollar': judgeDays(traits.daysToFirstDollar),
    capital: judgeCapital(traits.capitalUsd),
    effort: judgeEffort(traits.effortHours),
    automation: traits.automation === null ? UNSAID : [traits.automation, `${Math.round(traits.automation * 100)} % runs by itself`],
    scalability: traits.scalability === null ? UNSAID : [SCALES[traits.scalability], traits.scalability],
    risk: judgeRisk(traits, outlook),
    evidence: judgeEvidence(traits.evidence),
  };
  const sum = PARTS.reduce((total, name) => total + Math.max(0, weights[name]), 0);
  const parts = PARTS.map((name) => {
    const [value, note] = judged[name];
    const weight = round(sum > 0 ? Math.max(0, weights[name]) / sum : 1 / PARTS.length, 4);
    const bounded = Math.min(1, Math.max(0, value));
    const moved = notes?.get(name);
    const why = moved === undefined ? note : `${note}; ${moved}`;
    return { name, weight, value: round(bounded, 3), points: round(100 * weight * bounded, 1), note: why };
  });
  return {
    score: round(
      Math.min(
        100,
        parts.reduce((total, part) => total + part.points, 0),
      ),
      1,
    ),
    parts,
  };
}

/** Visitors to one sale that just pays: the price less the fee and the piece's cost, over a visitor's cost. Null where nobody can know. */
export function breakEvenRate({
  priceUsd,
  unitCostUsd,
  visitorCostUsd,
}: Pick<Traits, 'priceUsd' | 'unitCostUsd' | 'visitorCostUsd'>): number | null {
  if (priceUsd === null || visitorCostUsd === null) return null;
  const net = priceUsd * (1 - FEE_SHARE) - FEE_USD - (unitCostUsd ?? 0);
  return net <= 0 ? 1 : Math.min(1, visitorCostUsd / net);
}

function judgeFit({ capabilities }: Traits, tools: ReadonlySet<string>): Judged {
  if (capabilities.length === 0) return [UNSAID[0], 'what it takes is not said'];
  const missing = missingOf(capabilities, tools);
  const share = 1 - missing.length / capabilities.length;
  return [share, missing.length === 0 ? `has ${capabilities.join(', ')}` : `lacks ${missing.join(', ')}`];
}

/** 1 within a day, 0 from two months on, evenly in the logarithm. */
function judgeDays(days: number | null): Judged {
  if (days === null) return UNSAID;
  return [1 - Math.log(Math.max(1, days)) / Math.log(LONGEST_DAYS), `${round(days, 1)} days`];
}

/** 1 for nothing, 0 from $200 on. */
function judgeCapital(usd: number | null): Judged {
  if (usd === null) return UNSAID;
  return [1 - Math.log1p(usd) / Math.log1p(MOST_CAPITAL_USD), `$${usd.toFixed(2)}`];
}

/** 1 up to two hours, 0 from eighty on. */
function judgeEffort(hours: number | null): Judged {
  if (hours === null) return UNSAID;
  return [1 - Math.log(Math.max(1, hours / LEAST_HOURS)) / Math.log(MOST_HOURS / LEAST_HOURS), `${round(hours, 1)} hours`];
}

/** The chance that it pays: what was learned of its like, else what the prior says of its break-even; less what is risky about it anyway. */
function judgeRisk(traits: Traits, outlook: Outlook | null): Judged {
  const safe = 1 - (traits.risk ?? 0.5);
  if (outlook !== null) return [outlook.chance * safe, `${Math.round(outlook.chance * 100)} % chance that it pays: ${outlook.note}`];
  const rate = breakEvenRate(traits);
  if (rate === null) return [UNSAID[0] * safe, 'what a sale costs is not said'];
  const chance = (1 - rate) ** PRIOR_VISITORS;
  return [chance * safe, rate >= 1 ? 'a sale costs more than it brings' : `pays if 1 in ${Math.floor(1 / rate)} visitors buys`];
}

function judgeEvidence(places: readonly EvidenceOrigin[]): Judged {
  const doubt = places.reduce((left, kind) => left * (1 - PROOF[kind]), 1);
  return [
    1 - doubt,
    places.length === 0 ? 'none' : `${places.length} ${places.length === 1 ? 'place' : 'places'}: ${[...new Set(places)].join(', ')}`,
  ];
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
