// Wake-ups, sent in the transaction of the row they are about; a second one for the same is harmless.
// Ready tasks are told to every process that listens: the row itself is what lasts, and whoever comes later looks for it.
// Plans, payments and answers are carried as jobs, which last until somebody has done them.
import { type RawBuilder, sql } from 'kysely';
import type { DatabaseOrTrx } from './database.ts';

export type WakeUp =
  /** Claim the next task that is ready, and go on until none is. */
  | { job: 'work' }
  /** The same as a job: the engines of all processes look at what else is there, too. */
  | { job: 'look' }
  | { job: 'plan_goal'; goalId: number }
  | { job: 'book_payment'; eventId: number }
  | { job: 'answer'; answerId: number }
  | { job: 'scan'; scanId: number }
  /** Make the provider's payment link as our row wants it. */
  | { job: 'set_link'; launchId: number };

/** A job as an expression in another statement. */
export const addJob = (job: string, payload: RawBuilder<unknown>, key: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`graphile_worker.add_job(${job}, ${payload}, job_key := ${key}, max_attempts := 25)`;

const READY = sql`select pg_notify('jug_ready', '')`;

/** For any process; jobs with the same key are one. */
export async function wake(db: DatabaseOrTrx, ...wakeUps: WakeUp[]): Promise<void> {
  for (const wakeUp of wakeUps) {
    const { job, ...payload } = wakeUp;
    if (job === 'work') {
      await READY.execute(db);
      continue;
    }
    await sql`select ${addJob(job === 'look' ? 'work' : job, sql`${JSON.stringify(payload)}::json`, sql`${keyOf(wakeUp)}`)}`.execute(db);
  }
}

function keyOf(wakeUp: Exclude<WakeUp, { job: 'work' }>): string {
  switch (wakeUp.job) {
    case 'look':
      return 'look';
    case 'plan_goal':
      return `plan_goal:${wakeUp.goalId}`;
    case 'book_payment':
      return `book_payment:${wakeUp.eventId}`;
    case 'set_link':
      return `set_link:${wakeUp.launchId}`;
    case 'scan':
      return `scan:${wakeUp.scanId}`;
    case 'answer':
      return `answer:${wakeUp.answerId}`;
  }
}
