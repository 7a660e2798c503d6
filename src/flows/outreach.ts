// Tasks for people end by a person's word; whoever wants to hear no more is written down for ever, and what was ready for them is dropped.
import { postMessages } from '../chat/outbox-store.ts';
import { personTaskCard } from '../chat/views/outreach-card.ts';
import { Conflict, NotFound } from '../core/errors.ts';
import { type Database, inTransaction, type Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { addNote } from '../domain/goals/goal-store.ts';
import { readSigningKey } from '../domain/orders/order-store.ts';
import { contactHash, maskContact, readContact } from '../domain/outreach/outreach.ts';
import { addSuppression, endPersonTasks, findPersonTask, type PersonTask, type TaskEnd } from '../domain/outreach/outreach-store.ts';
import { wakeWaiting } from '../domain/tasks/wake-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';

/** Each task's card is one message, in its goal's thread and where requests are. */
export async function showTasks(trx: Trx, tasks: readonly PersonTask[]): Promise<void> {
  await postMessages(
    trx,
    tasks.map((task) => ({
      channel: 'approvals' as const,
      goalId: task.goal_id,
      key: `person-task:${task.id}`,
      card: personTaskCard(task),
    })),
  );
}

/** A person did it, or will not. The agent is told, and woken where it waits for a reply. @throws NotFound or Conflict */
export async function endTaskOfPerson(deps: Deps, id: number, end: TaskEnd): Promise<PersonTask> {
  return inTransaction(deps.db, async (trx) => {
    const [ended] = await endPersonTasks(trx, { id, mode: deps.mode }, end);
    if (ended === undefined) {
      const known = await findPersonTask(trx, deps.mode, id);
      if (known === undefined) throw new NotFound(`There is no task ${id} for a person.`);
      throw new Conflict(`Task ${id} is ${known.status} already.`);
    }
    const { mode, goal_id: goalId } = ended;
    const words = `Task ${id} for a person, on channel ${ended.channel}, is ${end.status}.${end.note === null ? '' : ` ${end.note}`}`;
    await addNote(trx, goalId, { by: end.by, text: words, at: deps.clock.now().toISOString() });
    await recordAudit(trx, [
      {
        mode,
        actor: end.by,
        action: `person_task.${end.status}`,
        subjectKind: 'person_task',
        subjectId: id,
        detail: { channel: ended.channel },
      },
    ]);
    await showTasks(trx, [ended]);
    if ((await wakeWaiting(trx, { replyToGoal: goalId })).length > 0) await wake(trx, { job: 'work' });
    return ended;
  });
}

/** A person puts somebody on the list. @throws InvalidInput for what is no address */
export async function suppress(deps: Deps, address: string, reason: string, by: string): Promise<{ shown: string; isNew: boolean }> {
  const contact = readContact(address);
  const shown = maskContact(contact);
  const isNew = await block(deps.db, deps.mode, { contact: contactHash(await readSigningKey(deps.db), contact), shown, reason, by });
  return { shown, isNew };
}

/** Somebody pressed the button behind the link in what they got. @param contact its hash, from a link of ours */
export async function unsubscribe(db: Database, mode: Mode, contact: string): Promise<void> {
  await block(db, mode, { contact, shown: `${contact.slice(0, 6)}…`, reason: 'by their link', by: 'the person' });
}

async function block(db: Database, mode: Mode, row: { contact: string; shown: string; reason: string; by: string }): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    if (!(await addSuppression(trx, row))) return false;
    await recordAudit(trx, [
      { mode, actor: row.by, action: 'outreach.suppressed', subjectKind: 'suppression', subjectId: null, detail: { contact: row.contact } },
    ]);
    await showTasks(
      trx,
      await endPersonTasks(
        trx,
        { contact: row.contact },
        { status: 'cancelled', by: 'policy', note: 'They do not want to be written to.' },
      ),
    );
    return true;
  });
}
