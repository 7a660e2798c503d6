// Weighs how much could go wrong with one act: a number from 0 to 1, made of eight named factors and what was learned.
// Pure and fail closed: what it does not know, or numbers that make no sense, count as critical.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { FactorRow, RiskLevel } from '../../db/tables/states.ts';
import type { ActKind, Reach, Touches } from '../tools/tool.ts';

export interface Risk {
  /** 0 to 1, four decimals. */
  score: number;
  level: RiskLevel;
  /** Always the same eight, in order, and what was learned where there is a history; what they contribute adds up to the score. */
  factors: FactorRow[];
}

export interface RiskInput {
  /** A kind this file does not list counts as critical. */
  act: ActKind | (string & {});
  reversible: boolean;
  amountMicros: Micros;
  /** What may still be spent. Below zero counts as nothing left. */
  budgetLeftMicros: Micros;
  reach: Reach;
  touches: Touches;
  deletesData: boolean;
  credentials: boolean;
  production: boolean;
  /** An argument comes from text of strangers. */
  tainted: boolean;
  /** The first use of this tool in this mode. */
  novel: boolean;
  /** How acts of this kind by this agent ended so far; absent where nobody looked. */
  history?: { done: number; failed: number };
}

/** Where each level begins. */
export const LEVEL_FLOORS = { medium: 0.3, high: 0.6, critical: 0.8 } as const;

/** Enough to be critical whatever the other factors say. */
const CRITICAL_ALONE = LEVEL_FLOORS.critical;
const KIND_WEIGHTS: ReadonlyMap<string, number> = new Map<ActKind, number>([
  ['read', 0],
  ['write_own', 0.03],
  ['stop_spend', 0.1],
  ['launch', 0.25],
  ['refund', 0.45],
  ['publish', 0.48],
  ['delete_data', CRITICAL_ALONE],
  ['unclassified', CRITICAL_ALONE],
]);
const IRREVERSIBLE_WEIGHT = 0.12;
/** The whole of the budget left; a part of it weighs in proportion. */
const WHOLE_BUDGET_WEIGHT = 0.58;
const REACH_WEIGHTS: ReadonlyMap<string, number> = new Map<Reach, number>([
  ['nobody', 0],
  ['customers', 0.18],
  ['public', 0.25],
]);
/** Money is not counted here a second time. */
const CHANGE_WEIGHTS: ReadonlyMap<string, number> = new Map<Touches, number>([
  ['nothing', 0],
  ['own_data', 0.05],
  ['outside', 0.05],
  ['money', 0],
]);
const CREDENTIALS_WEIGHT = 0.4;
const PRODUCTION_WEIGHT = 0.3;
const NOVELTY_WEIGHT = 0.05;
/** Added in full, not diluted by the other factors: taint must always be felt. */
const TAINT_STEP = 0.2;
/** Beta(1, 9): one act in ten is expected to fail before anything was seen. */
const PRIOR_FAILED = 1;
const PRIOR_DONE = 9;
/** What a history of nothing but failures adds to the score, of what is left up to 1. */
const LEARNED_WEIGHT = 0.3;
/** $1 billion: no act of this product is worth that; a number beyond it is a mistake or an attack. */
const ABSURD_MICROS = 1_000_000_000_000_000n;

interface Weight {
  weight: number;
  note: string;
}

const isSane = (value: unknown): value is Micros => typeof value === 'bigint' && value <= ABSURD_MICROS && value >= -ABSURD_MICROS;

function weighKind(input: RiskInput): Weight {
  const weight = KIND_WEIGHTS.get(input.act);
  if (weight === undefined) return { weight: CRITICAL_ALONE, note: 'an unknown kind of act' };
  if (input.act === 'unclassified') return { weight, note: 'nobody has judged this tool yet' };
  return { weight, note: String(input.act).replaceAll('_', ' ') };
}

/** A refund or a deletion can't be taken back, whatever its tool claims. */
function canBeUndone({ act, reversible }: Pick<RiskInput, 'act' | 'reversible'>): boolean {
  return act !== 'refund' && act !== 'delete_data' && reversible === true;
}

function weighIrreversibility(input: RiskInput): Weight {
  return canBeUndone(input) && input.deletesData === false
    ? { weight: 0, note: 'can be undone' }
    : { weight: IRREVERSIBLE_WEIGHT, note: "can't be undone" };
}

function weighMoney({ amountMicros, budgetLeftMicros }: RiskInput): Weight {
  if (!isSane(amountMicros) || amountMicros < 0n) return { weight: CRITICAL_ALONE, note: 'the amount makes no sense' };
  if (!isSane(budgetLeftMicros)) return { weight: CRITICAL_ALONE, note: 'the budget left makes no sense' };
  if (amountMicros === 0n) return { weight: 0, note: 'no money leaves' };
  const left = budgetLeftMicros < 0n ? 0n : budgetLeftMicros;
  const note = `${formatUsd(amountMicros)} of ${formatUsd(left)} left`;
  if (amountMicros > left) return { weight: CRITICAL_ALONE, note: `${note}: more than there is` };
  return { weight: WHOLE_BUDGET_WEIGHT * (Number(amountMicros) / Number(left)), note };
}

/** Who notices. A refund is seen by its customer and a page by everybody, whatever the tool claims. */
function reachOf(input: Pick<RiskInput, 'act' | 'reach'>): string {
  if (input.act === 'publish') return 'public';
  return input.act === 'refund' && input.reach === 'nobody' ? 'customers' : input.reach;
}

function weighReach(input: RiskInput): Weight {
  const reach = reachOf(input);
  const weight = REACH_WEIGHTS.get(reach);
  if (weight === undefined) return { weight: CRITICAL_ALONE, note: 'nobody knows whom it reaches' };
  return { weight, note: reach === 'nobody' ? 'reaches nobody outside' : `reaches ${reach === 'public' ? 'the public' : 'customers'}` };
}

function weighChange(input: RiskInput): Weight {
  if (input.act === 'delete_data' || input.deletesData !== false) return { weight: CRITICAL_ALONE, note: 'deletes data' };
  const weight = CHANGE_WEIGHTS.get(input.touches);
  if (weight === undefined) return { weight: CRITICAL_ALONE, note: 'nobody knows what it changes' };
  const notes: Record<Touches, string> = {
    nothing: 'changes nothing',
    own_data: 'changes our data',
    outside: 'changes something outside',
    money: 'changes no data',
  };
  return { weight, note: notes[input.touches] };
}

const yesNo = (value: boolean, weight: number, yes: string, no: string): Weight =>
  value === false ? { weight: 0, note: no } : { weight, note: yes };

function noteNovelty(input: RiskInput): string {
  const parts = [
    ...(input.novel === false ? [] : ['first use of this tool']),
    ...(input.tainted === false ? [] : ["uses strangers' text"]),
  ];
  return parts.length === 0 ? 'used before, own words' : parts.join(', ');
}

/** P(failure): the mean of the Beta posterior over the acts of this agent and kind that ended. Only above the prior does it weigh; it lowers nothing. */
export function failureChance({ done, failed }: { done: number; failed: number }): number {
  return (PRIOR_FAILED + failed) / (PRIOR_FAILED + PRIOR_DONE + done + failed);
}

function weighHistory(history: { done: number; failed: number }): Weight {
  const sane = Number.isSafeInteger(history.done) && Number.isSafeInteger(history.failed) && history.done >= 0 && history.failed >= 0;
  if (!sane) return { weight: LEARNED_WEIGHT, note: 'the history makes no sense' };
  const chance = failureChance(history);
  const prior = PRIOR_FAILED / (PRIOR_FAILED + PRIOR_DONE);
  const note = `${(chance * 100).toFixed(0)} % of such acts of this agent fail (${history.failed} of ${history.done + history.failed} so far)`;
  return { weight: (Math.max(0, chance - prior) / (1 - prior)) * LEARNED_WEIGHT, note };
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Each factor takes its share of what is left up to 1, so the score never leaves [0, 1] and no factor can lower it. */
const raise = (score: number, weight: number): number => round(score + (1 - score) * weight);

export function levelOf(score: number): RiskLevel {
  if (score < LEVEL_FLOORS.medium) return 'low';
  if (score < LEVEL_FLOORS.high) return 'medium';
  // Also NaN ends here.
  return score < LEVEL_FLOORS.critical ? 'high' : 'critical';
}

const TAINT_PLACE = 7;
const LEARNED = 'failures so far';

/** The risk of one act. Never throws; more money, reach, taint or doubt never lowers it. */
export function weighRisk(input: RiskInput): Risk {
  const weights: [string, Weight][] = [
    ['kind of act', weighKind(input)],
    ['irreversibility', weighIrreversibility(input)],
    ['money at stake against the budget left', weighMoney(input)],
    ['reach', weighReach(input)],
    ['change or deletion of data', weighChange(input)],
    ['credentials and private data', yesNo(input.credentials, CREDENTIALS_WEIGHT, 'uses credentials or private data', 'none')],
    ['production or deployment', yesNo(input.production, PRODUCTION_WEIGHT, 'changes what runs in production', 'none')],
    ['novelty and taint', yesNo(input.novel, NOVELTY_WEIGHT, noteNovelty(input), noteNovelty(input))],
    ...(input.history === undefined ? [] : [[LEARNED, weighHistory(input.history)] as [string, Weight]]),
  ];
  let score = 0;
  const factors = weights.map(([name, { weight, note }], index) => {
    const before = score;
    score = raise(score, weight);
    const isTaint = index === TAINT_PLACE;
    if (isTaint && input.tainted !== false) score = Math.min(1, round(score + TAINT_STEP));
    return { name, contribution: round(score - before), note };
  });
  return { score, level: levelOf(score), factors };
}

/**
 * Whether a person must say yes first: any money out, anything that can't be undone or that others see, anything high.
 * Reading and changing our own data reversibly never ask below that. A read is nothing that could need undoing.
 */
export function mustAsk(risk: Risk, act: Pick<RiskInput, 'act' | 'reversible' | 'amountMicros' | 'reach'>): boolean {
  if (risk.level !== 'low' && risk.level !== 'medium') return true;
  if (act.amountMicros !== 0n || reachOf(act) !== 'nobody') return true;
  return act.act !== 'read' && !canBeUndone(act);
}
