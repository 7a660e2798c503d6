// One look at everything that time alone decides. There is hardly ever anything, so a process alone asks it all at once.
import type { DatabaseOrTrx } from '../db/database.ts';
import { isThere, lookAll } from '../db/look.ts';
import { dueApprovals } from '../domain/approvals/approval-store.ts';
import { abandonedAnswers, forgottenAnswers } from '../domain/conversations/answer-store.ts';
import { lateExperiments } from '../domain/experiments/experiment-store.ts';
import { overdueGoals, stuckPlanning } from '../domain/goals/goal-store.ts';
import { untoldWarnings } from '../domain/money/cap-warning-store.ts';
import { eventsUnbooked } from '../domain/money/payment-store.ts';
import { heldTooLong, newestReservation, unansweredCalls } from '../domain/money/reservation-store.ts';
import { forgottenScans } from '../domain/opportunities/scan-store.ts';
import { leasesOver, nextDue, readyTasks, waitsOver } from '../domain/tasks/wake-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import { unknownCalls } from '../domain/tools/unknown-call-store.ts';

/** Longer than any call to a model may take; until then it may still be answered. */
export const SURELY_OVER_MS = 15 * 60_000;

/** What there is to be done now, and when there will be something next: null when nothing waits for time. */
export function readDue(db: DatabaseOrTrx, mode: Mode) {
  return lookAll(db, {
    next: nextDue(),
    waits: isThere(waitsOver(db)),
    leases: isThere(leasesOver(db)),
    ready: isThere(readyTasks(db, mode)),
    events: isThere(eventsUnbooked(db)),
    plans: isThere(stuckPlanning(db, mode)),
    deadlines: isThere(overdueGoals(db, mode)),
    questions: isThere(forgottenAnswers(db)),
    scans: isThere(forgottenScans(db, mode)),
    answers: isThere(abandonedAnswers(db)),
    held: isThere(heldTooLong(db)),
    unanswered: isThere(unansweredCalls(db, SURELY_OVER_MS)),
    caps: isThere(untoldWarnings(db)),
    late: isThere(lateExperiments(db, mode)),
    unknown: isThere(unknownCalls(db, mode)),
    approvals: isThere(dueApprovals(db, mode)),
    newestReservation: newestReservation(),
  });
}

export type Due = Awaited<ReturnType<typeof readDue>>;
