// Whether a plan can be done before anything of it begins: from its tasks' kinds, the tools that are there, how their services fare,
// money and time. Never from words. Pure.
import type { Feasibility } from '../../db/tables/states.ts';

export type Complexity = Feasibility['complexity'];

export interface FeasibilityInput {
  tasks: readonly { key: string; kind: string; dependsOn: readonly string[]; expectedCostUsd: number }[];
  /** Of each kind the sets of tools that do it; any set will do. */
  ways: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** The tools of this mode, with the service behind each and the milliseconds it rests. */
  tools: ReadonlyMap<string, { service: string | null; restMs: number }>;
  deadline: Date | null;
  now: Date;
  /** Median milliseconds from the start of a task of a kind to its end, where enough have ended. */
  typicalMs: ReadonlyMap<string, number>;
  /** How goals ended that were let through, by complexity. */
  outcomes: ReadonlyMap<Complexity, { done: number; failed: number }>;
  /** A person was asked about this goal before, and answered. */
  wasAsked: boolean;
  /** How long it has waited for services so far. */
  waitedMs: number;
}

export type FeasibilityVerdict = Feasibility & {
  reason: string;
  /** When to look again: for `retry_later` and `defer`. */
  delayMs: number;
};

const MINUTE = 60_000;
/** A service away for longer is not just restarting. */
const SHORT_OUTAGE_MS = 10 * MINUTE;
const LONGEST_WAIT_MS = 24 * 60 * MINUTE;
const SPENDING: ReadonlySet<string> = new Set(['launch', 'refund']);
/** What is expected before anything was seen, worth as much as four goals. */
const PRIOR: Record<Complexity, number> = { low: 0.9, medium: 0.8, high: 0.65, critical: 0.5 };
const PRIOR_WEIGHT = 4;
const DOUBTFUL = 0.3;
/** A person is asked about poor odds only when this many goals alike have shown them. */
const ENOUGH_ENDS = 30;
/** The registry and the clock are facts; what a service will do is not. */
const SURE = { reject: 0.97, ask: 0.8, defer: 0.8, retry_later: 0.7 } as const;

/** The first reason that holds decides; without any, work begins. */
export function judgeFeasibility(input: FeasibilityInput): FeasibilityVerdict {
  const complexity = complexityOf(input);
  const chance = chanceOf(complexity, input.outcomes);
  const base = { complexity, missing: [] as string[], blockers: [] as string[], unblock: [] as string[], delayMs: 0 };
  const kinds = [...new Set(input.tasks.map(({ kind }) => kind))];
  const missing = kinds.filter((kind) => waysLeft(input, kind, () => true).length === 0);
  if (missing.length > 0) {
    return {
      ...base,
      ...{ decision: 'reject', confidence: SURE.reject, missing },
      unblock: missing.map(
        (kind) => `a tool for ${kind}: ${(input.ways.get(kind) ?? []).map((way) => way.join(' with ')).join(', or ') || 'none is known'}`,
      ),
      reason: `There is no tool here for ${missing.join(', ')}.`,
    };
  }
  const stopped = kinds.flatMap((kind) => restOf(input, kind));
  if (stopped.length > 0) return waitFor(input, base, stopped);
  const late = lateness(input);
  if (late !== null && !input.wasAsked) {
    const reason = `Plans like this took about ${minutes(late.neededMs)} minutes, and the deadline is in ${minutes(late.leftMs)}.`;
    return {
      ...base,
      decision: 'ask',
      confidence: SURE.ask,
      blockers: ['the deadline'],
      unblock: ['a later deadline, or your word to try'],
      reason,
    };
  }
  if (chance < DOUBTFUL && endsOf(complexity, input.outcomes) >= ENOUGH_ENDS && !input.wasAsked) {
    const reason = `Of goals as complex as this one about ${Math.round(chance * 100)} % were done.`;
    return {
      ...base,
      decision: 'ask',
      confidence: 1 - chance,
      blockers: ['the odds'],
      unblock: ['a simpler goal, or your word to try'],
      reason,
    };
  }
  const reason = `Every kind of task has its tools, and they answer; of goals as complex as this one about ${Math.round(chance * 100)} % are done.`;
  return { ...base, decision: 'proceed', confidence: chance, reason };
}

type Base = Pick<FeasibilityVerdict, 'complexity' | 'missing' | 'blockers' | 'unblock' | 'delayMs'>;

function waitFor(input: FeasibilityInput, base: Base, stopped: { service: string; restMs: number }[]): FeasibilityVerdict {
  const names = [...new Set(stopped.map(({ service }) => service))];
  const blockers = names.map((name) => `${name} is down`);
  const rest = Math.max(...stopped.map(({ restMs }) => restMs));
  const common = { ...base, blockers, unblock: names.map((name) => `${name} answering again`) };
  const isShort = input.waitedMs < SHORT_OUTAGE_MS;
  const delayMs = isShort ? Math.max(rest, MINUTE) : Math.min(60 * MINUTE, Math.max(15 * MINUTE, input.waitedMs / 4));
  const tooLate = input.deadline !== null && input.now.getTime() + delayMs >= input.deadline.getTime();
  if (input.waitedMs > LONGEST_WAIT_MS || tooLate) {
    return {
      ...common,
      decision: 'reject',
      confidence: SURE.defer,
      reason: `${blockers.join(' and ')}, and it cannot be waited for any longer.`,
    };
  }
  return isShort
    ? { ...common, delayMs, decision: 'retry_later', confidence: SURE.retry_later, reason: `${blockers.join(' and ')} just now.` }
    : { ...common, delayMs, decision: 'defer', confidence: SURE.defer, reason: `${blockers.join(' and ')} for longer.` };
}

type Ready = (tool: { service: string | null; restMs: number }) => boolean;

const waysLeft = ({ ways, tools }: FeasibilityInput, kind: string, ready: Ready): (readonly string[])[] =>
  (ways.get(kind) ?? []).filter((way) =>
    way.every((name) => {
      const tool = tools.get(name);
      return tool !== undefined && ready(tool);
    }),
  );

/** The services a kind waits for: empty when one of its ways has all its tools at hand. */
function restOf(input: FeasibilityInput, kind: string): { service: string; restMs: number }[] {
  if (waysLeft(input, kind, ({ restMs }) => restMs === 0).length > 0) return [];
  const names = waysLeft(input, kind, () => true).flat();
  return names.flatMap((name) => {
    const tool = input.tools.get(name);
    return tool === undefined || tool.restMs === 0 ? [] : [{ service: tool.service ?? name, restMs: tool.restMs }];
  });
}

/** More tasks, longer chains and acts with money make it harder to see through. */
function complexityOf({ tasks }: FeasibilityInput): Complexity {
  const score = tasks.length + chainOf(tasks, () => 1) + 2 * tasks.filter(({ kind }) => SPENDING.has(kind)).length;
  if (score <= 6) return 'low';
  if (score <= 11) return 'medium';
  return score <= 16 ? 'high' : 'critical';
}

const endsOf = (complexity: Complexity, outcomes: FeasibilityInput['outcomes']): number => {
  const { done, failed } = outcomes.get(complexity) ?? { done: 0, failed: 0 };
  return done + failed;
};

/** Mean of the Beta posterior: the prior's goals and those that were seen. */
function chanceOf(complexity: Complexity, outcomes: FeasibilityInput['outcomes']): number {
  const { done, failed } = outcomes.get(complexity) ?? { done: 0, failed: 0 };
  return (PRIOR[complexity] * PRIOR_WEIGHT + done) / (PRIOR_WEIGHT + done + failed);
}

/** The heaviest way through the dependencies; a plan has no circles. */
function chainOf(tasks: FeasibilityInput['tasks'], weigh: (kind: string) => number): number {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const known = new Map<string, number>();
  const upTo = (key: string): number => {
    const task = byKey.get(key);
    if (task === undefined) return 0;
    const before = known.get(key);
    if (before !== undefined) return before;
    known.set(key, 0);
    const weight = weigh(task.kind) + Math.max(0, ...task.dependsOn.map(upTo));
    known.set(key, weight);
    return weight;
  };
  return Math.max(0, ...tasks.map(({ key }) => upTo(key)));
}

function lateness({ tasks, typicalMs, deadline, now }: FeasibilityInput): { neededMs: number; leftMs: number } | null {
  if (deadline === null) return null;
  const neededMs = chainOf(tasks, (kind) => typicalMs.get(kind) ?? 0);
  const leftMs = deadline.getTime() - now.getTime();
  return neededMs > leftMs ? { neededMs, leftMs } : null;
}

const minutes = (ms: number): number => Math.max(1, Math.round(ms / MINUTE));
