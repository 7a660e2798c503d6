// Carrier jobs are wake-ups, added in the transaction of the row they are about; running one twice is harmless.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from './database.ts';

export type WakeUp =
  /** Claim the next task that is ready, and go on until none is. */
  { job: 'work'; key?: string } | { job: 'plan_goal'; goalId: number } | { job: 'book_payment'; eventId: number };

/** Enqueues jobs for any process; duplicates with the same key are one. */
export async function wake(db: DatabaseOrTrx, ...wakeUps: WakeUp[]): Promise<void> {
  for (const wakeUp of wakeUps) {
    const { job, ...payload } = wakeUp;
    await sql`select graphile_worker.add_job(${job}, ${JSON.stringify(payload)}::json, job_key := ${keyOf(wakeUp)}, max_attempts := 25)`.execute(
      db,
    );
  }
}

function keyOf(wakeUp: WakeUp): string | null {
  switch (wakeUp.job) {
    case 'work':
      return wakeUp.key ?? null;
    case 'plan_goal':
      return `plan_goal:${wakeUp.goalId}`;
    case 'book_payment':
      return `book_payment:${wakeUp.eventId}`;
  }
}
