// A cap that is nearly used up, and one that stopped something: how much of it is used, and what would raise it.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { CapWarning } from '../../domain/money/cap-warning-store.ts';
import type { ReservationAnswer } from '../../domain/money/reservation-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

type Cap = Extract<ReservationAnswer, { kind: 'refused' }>['cap'];

const RAISES: Record<Cap, string> = {
  calendar_month: 'An owner raises it with: budget cap:calendar_month limit:… The next month begins anew.',
  goal_budget: 'An owner raises it with: budget goal:NAME limit:…',
  experiment: 'An owner raises it with: budget experiment:NAME limit:…',
  agent: 'An owner raises it with: budget agent:NAME limit:… The next month begins anew.',
  tool: 'An owner raises it with: budget tool:NAME limit:… The next month begins anew.',
  model: 'An owner raises it with: budget model:NAME limit:… The next month begins anew.',
  hour: 'An owner can restore it with /budget up to its ceiling, JUG_CAP_HOURLY_USD. It also frees itself as the hour moves on.',
  day: 'An owner can restore it with /budget up to its ceiling, JUG_CAP_DAILY_USD. It also frees itself as the 24 hours move on.',
  month: 'An owner can restore it with /budget up to its ceiling, JUG_CAP_MONTHLY_USD. It also frees itself as the 30 days move on.',
  market_day: 'An owner can restore it with /budget up to its ceiling, PRACTICE_CAP_DAY_USD. The next market day begins anew.',
  goal: 'It is what the goal was given; only a new goal has a larger one.',
  task: 'Only a new plan raises it.',
};

const raiseOf = (cap: Cap, name = ''): string => RAISES[cap].replace('NAME', escapeMarkdown(name, 100));

/** `month cap`, or `budget of agent generalist`. */
export function limitName(scope: Cap | 'standing', name = ''): string {
  switch (scope) {
    case 'standing':
      return 'standing budget';
    case 'calendar_month':
      return 'calendar month budget';
    case 'goal_budget':
      return `budget of goal ${name}`;
    case 'experiment':
      return `budget of experiment ${name}`;
    case 'agent':
    case 'tool':
    case 'model':
      return `month's budget of ${scope} ${name}`;
    default:
      return `${scope.replace('_', ' ')} cap`;
  }
}
const BUDGETS = { label: 'Budgets', command: 'budget', args: {}, style: 'plain' as const };

/** Why a cap refused something, in one sentence. */
export function capWords(refused: Extract<ReservationAnswer, { kind: 'refused' }>, neededMicros: Micros): string {
  return `the ${limitName(refused.cap, refused.name)}: ${formatUsd(refused.usedMicros)} of ${formatUsd(refused.limitMicros)} used or reserved, this needs ${formatUsd(neededMicros)}`;
}

export function capStopCard(stop: {
  what: string;
  mode: Mode;
  cap: Cap;
  name?: string | undefined;
  why: string;
  taskId: number | null;
}): Card {
  return {
    title: `Stopped by a cap: ${stop.what}`,
    tone: 'bad',
    text: `${stop.why} (${stop.mode} money). ${raiseOf(stop.cap, stop.name)}`,
    buttons: [BUDGETS],
    ...(stop.taskId === null ? {} : { ref: { kind: 'task', id: stop.taskId } }),
  };
}

export function capNearCard(warning: CapWarning): Card {
  const { used_micros: used, limit_micros: limit } = warning;
  const of = warning.cap === 'goal' ? ` of goal ${warning.goal_id}` : warning.cap === 'task' ? ` of task ${warning.task_id}` : '';
  return {
    title: `${limit === 0n ? 100 : (used * 100n) / limit} % of the ${plainLine(limitName(warning.cap, warning.name), 100)}${of} is used`,
    tone: 'info',
    text: `${formatUsd(used)} of ${formatUsd(limit)} (${warning.mode} money) is spent or reserved. At 100 % it stops. ${raiseOf(warning.cap, warning.name)}`,
    buttons: [BUDGETS],
    ...(warning.goal_id === null ? {} : { ref: { kind: 'goal', id: warning.goal_id } }),
  };
}
