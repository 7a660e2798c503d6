// What a customer bought and gave back, found without a walk through the journal.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw('create index journal_of_customer on journal (mode, customer, id) include (kind, goal_id, launch_id) where customer is not null')
    .execute(db);
}
