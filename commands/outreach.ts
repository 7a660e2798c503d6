// outreach: what a person is asked to do outside, and who is never written to again.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField, wordsField } from '../src/chat/fields.ts';
import { outreachCard, personTaskCard } from '../src/chat/views/outreach-card.ts';
import { InvalidInput, NotFound } from '../src/core/errors.ts';
import { findPersonTask, listOpenTasks, readOutreach } from '../src/domain/outreach/outreach-store.ts';
import { endTaskOfPerson, suppress } from '../src/flows/outreach.ts';

const SHOWN = 30;
const NEWEST = 10;

export const outreach = defineCommand({
  name: 'outreach',
  summary: 'tasks for a person to show a page outside, and who is never written to again',
  role: (input) => (input.done === undefined && input.drop === undefined && input.suppress === undefined ? 'viewer' : 'operator'),
  input: z.object({
    id: idField('a task for a person').optional(),
    done: idField('a task that you have done').optional(),
    drop: idField('a task that nobody will do').optional(),
    note: wordsField('how it went, or why not', 500).optional(),
    suppress: z.string().trim().min(3).max(150).describe('mail address, or network:name, that is never written to again').optional(),
  }),
  positional: 'id',
  examples: ['outreach', 'outreach 4', 'outreach done:4', 'outreach drop:4 note:refused', 'outreach suppress:jane@example.com'],
  run: async ({ input, caller, deps }) => {
    const { done, drop, note = null } = input;
    if (done !== undefined && drop !== undefined) throw new InvalidInput('Done or dropped, not both.', { drop: 'is one too many' });
    const ended = done ?? drop;
    if (ended !== undefined) {
      const status = done === undefined ? 'cancelled' : 'done';
      return personTaskCard(await endTaskOfPerson(deps, ended, { status, by: caller.platformId, note }));
    }
    if (input.suppress !== undefined) {
      const { shown, isNew } = await suppress(deps, input.suppress, note ?? 'on a person’s word', caller.platformId);
      return { title: isNew ? `${shown} is never written to again` : `${shown} was on the list already`, tone: 'good' };
    }
    if (input.id === undefined)
      return outreachCard(await listOpenTasks(deps.db, deps.mode, SHOWN), await readOutreach(deps.db, deps.mode, NEWEST));
    const task = await findPersonTask(deps.db, deps.mode, input.id);
    if (task === undefined) throw new NotFound(`There is no task ${input.id} for a person.`);
    return personTaskCard(task);
  },
});
