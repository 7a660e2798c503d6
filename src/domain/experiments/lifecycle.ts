// The life of an experiment: one table of transitions, and how long each state may last. Pure.
import type { ExperimentState } from '../../db/tables/states.ts';

/** What can happen to an experiment. */
export type ExperimentEvent =
  /** Its contract is complete and people are asked. */
  | 'propose'
  /** A person, or a grant of one, said yes to exactly this contract. */
  | 'approve'
  /** Nobody will say yes any more: denied, expired, cancelled. */
  | 'decline'
  /** Its first money has left, as a receipt says. */
  | 'launch'
  /** No more money; late payments and refunds are still waited for. */
  | 'stop_spending'
  /** What came in meanwhile speaks for it, and there are time and money left. */
  | 'reopen'
  | 'conclude'
  | 'cancel';

const TRANSITIONS: Record<ExperimentState, Partial<Record<ExperimentEvent, ExperimentState>>> = {
  draft: { propose: 'proposed', cancel: 'cancelled' },
  proposed: { approve: 'approved', decline: 'cancelled', cancel: 'cancelled' },
  approved: { launch: 'running', cancel: 'cancelled' },
  running: { stop_spending: 'measuring', conclude: 'concluded', cancel: 'cancelled' },
  measuring: { reopen: 'running', conclude: 'concluded', cancel: 'cancelled' },
  concluded: {},
  cancelled: {},
};

/** The state after the event; null where it may not happen. */
export function nextState(state: ExperimentState, event: ExperimentEvent): ExperimentState | null {
  return TRANSITIONS[state][event] ?? null;
}

export const OPEN_STATES: readonly ExperimentState[] = ['draft', 'proposed', 'approved', 'running', 'measuring'];

export const isOver = (state: ExperimentState): boolean => state === 'concluded' || state === 'cancelled';

/** When a state must have been left: by the clock, or by the count of days; after that people are told. */
export interface StateDeadline {
  at: Date | null;
  day: number | null;
}

/** A contract that is being written is written at once. */
const DRAFT_MS = 3_600_000;
/** A request that has expired is seen to have at the next look. */
const ASKED_SLACK_MS = 3_600_000;
/** From the yes to the first receipt. */
const APPROVED_DAYS = 3;
/** Days after its planned end on which a running or measuring experiment is still no alarm. */
export const MEASURE_SLACK_DAYS = 2;

/**
 * @param on.day the day it is now
 * @param on.deadlineDay the contract's last day for spending, once it has begun
 * @param on.measureDays how long late payments are waited for
 */
export function deadlineOf(
  state: ExperimentState,
  on: { now: Date; day: number; deadlineDay: number | null; measureDays: number; expiryMs: number },
): StateDeadline {
  switch (state) {
    case 'draft':
      return { at: new Date(on.now.getTime() + DRAFT_MS), day: null };
    case 'proposed':
      return { at: new Date(on.now.getTime() + on.expiryMs + ASKED_SLACK_MS), day: null };
    case 'approved':
      return { at: null, day: on.day + APPROVED_DAYS };
    case 'running':
      return { at: null, day: (on.deadlineDay ?? on.day) + MEASURE_SLACK_DAYS };
    case 'measuring':
      return { at: null, day: on.day + on.measureDays + MEASURE_SLACK_DAYS };
    case 'concluded':
    case 'cancelled':
      return { at: null, day: null };
  }
}
