// Measuring: wait until the launches have ended and most payments came in, reading every launch after each wait.
import { type Answer, callsOf, callTools, finish, lastError, type Situation } from './playbook-step.ts';

/** Market days. A launch runs seven; payments and refunds come days later. */
const WAITS = [7, 4];
const SETTLED_AFTER_DAYS = 10;

interface Launch {
  id: unknown;
  startedDay: number | null;
}

export function measureStep(situation: Situation): Answer {
  const launches = findLaunches(situation);
  if (launches.length === 0) return finish(situation, 'nothing_done', 'There are no launches to measure.');
  if (!situation.tools.has('market_results')) return finish(situation, 'nothing_done', 'There is no tool to read results with.');
  const lastTool = situation.turns.at(-1)?.[0]?.name;
  if (lastTool === 'wait') return readAll(launches);
  const days = isSettled(situation, launches) ? undefined : WAITS[callsOf(situation.turns, 'wait').length];
  if (days !== undefined && situation.tools.has('wait')) {
    return callTools('wait', [{ days, why: 'Visitors still come and payments are still on their way.' }]);
  }
  // Evidence comes from this task's own readings, however much the tasks before it have read.
  return callsOf(situation.turns, 'market_results').length === 0 ? readAll(launches) : conclude(situation, launches);
}

function readAll(launches: Launch[]): Answer {
  return callTools(
    'market_results',
    launches.map((launch) => ({ launchId: launch.id })),
  );
}

function conclude(situation: Situation, launches: Launch[]): Answer {
  const readings = callsOf(situation.turns, 'market_results');
  if (readings.every((call) => call.output === null)) {
    return finish(situation, 'nothing_done', `No result could be read: ${lastError(situation.turns, 'market_results')}`);
  }
  const ended = launches.every((launch) => statusOf(situation, launch) !== 'running');
  return finish(
    situation,
    'done',
    ended ? 'The launches have ended and their results are read.' : 'The results are read; some launches still run.',
  );
}

/** Launches made by the tasks before this one. */
function findLaunches({ facts }: Situation): Launch[] {
  const launches = new Map<string, Launch>();
  for (const { tool, output } of facts.inputs) {
    if (tool !== 'market_launch') continue;
    const id = field(output, 'launchId');
    const startedDay = field(output, 'startedDay');
    if (id !== undefined) launches.set(String(id), { id, startedDay: typeof startedDay === 'number' ? startedDay : null });
  }
  return [...launches.values()];
}

/** Every launch has ended and enough days went by for its payments. Unknown counts as not yet. */
function isSettled(situation: Situation, launches: Launch[]): boolean {
  return launches.every((launch) => {
    const reading = lastReading(situation, launch);
    const day = field(reading, 'day');
    const isOver = field(reading, 'status') === 'ended' || field(reading, 'status') === 'stopped';
    return isOver && typeof day === 'number' && launch.startedDay !== null && day - launch.startedDay >= SETTLED_AFTER_DAYS;
  });
}

function statusOf(situation: Situation, launch: Launch): unknown {
  return field(lastReading(situation, launch), 'status') ?? 'running';
}

/** The newest result of a launch, from this task or from the tasks before it. */
function lastReading({ facts, turns }: Situation, launch: Launch): unknown {
  const own = callsOf(turns, 'market_results').map((call) => call.output);
  const earlier = facts.inputs.filter((input) => input.tool === 'market_results').map((input) => input.output);
  return [...earlier, ...own].findLast((output) => String(field(output, 'launchId')) === String(launch.id));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
