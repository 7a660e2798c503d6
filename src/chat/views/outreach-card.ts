// A task for a person with the words ready to copy, and what is known of writing to people.
import { makeVisible } from '../../core/visible-text.ts';
import { MOST_A_DAY } from '../../domain/outreach/outreach.ts';
import type { OutreachView, PersonTask } from '../../domain/outreach/outreach-store.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

/** To be copied as it is: a fence shows every sign, and cannot be closed from inside. */
const fence = (text: string): string => `\`\`\`\n${makeVisible(text).replaceAll('```', "'''")}\n\`\`\``;

export function personTaskCard(task: PersonTask): Card {
  const open = task.status === 'open';
  const first = task.is_first && open ? '**First contact: read every word before you send it.**' : '';
  const end = open
    ? ''
    : `**${task.status}** by ${plainLine(task.ended_by ?? 'nobody', 80)}${task.note === null ? '' : `: ${escapeMarkdown(task.note, 500)}`}`;
  return {
    title: `${open ? 'To do' : 'Was to do'} ${task.id}: ${plainLine(task.title, 120)}`,
    tone: open ? 'ask' : task.status === 'done' ? 'good' : 'muted',
    text: [end, first, open ? 'The words are ready. Nothing is sent by itself.' : '', fence(task.body)]
      .filter((part) => part !== '')
      .join('\n\n'),
    fields: [
      { label: 'Where', value: plainLine(task.channel) },
      ...(task.addressee === null ? [] : [{ label: 'To', value: plainLine(task.addressee) }]),
      { label: 'Tracked link', value: plainLine(task.link, 300) },
      { label: 'Due', value: task.due_at.toISOString() },
    ],
    ...(open
      ? {
          buttons: [
            { label: 'Done', command: 'outreach', args: { done: task.id }, style: 'primary' as const },
            { label: 'Won’t do…', command: 'outreach', args: { drop: task.id, note: '' }, style: 'plain' as const },
          ],
        }
      : {}),
    ref: { kind: 'goal', id: task.goal_id },
  };
}

export function outreachCard(open: readonly PersonTask[], view: OutreachView): Card {
  const blocked = view.newest.map(
    (row) => `- ${escapeMarkdown(row.shown, 120)}, ${row.created_at.toISOString().slice(0, 10)}: ${escapeMarkdown(row.reason, 200)}`,
  );
  return {
    title: open.length === 0 ? 'Nothing waits for a person to do' : `Tasks for a person: ${open.length}`,
    tone: 'info',
    text: [
      `${view.recent} of ${MOST_A_DAY} people were written to in the last 24 hours. ${view.suppressed} are never written to again.`,
      ...(blocked.length === 0 ? [] : [`Newest of them:\n${blocked.join('\n')}`]),
    ].join('\n\n'),
    table: {
      columns: ['Task', 'What', 'Where', 'Due', 'Goal'],
      rows: open.map((task) => [
        String(task.id),
        plainLine(task.title, 120),
        plainLine(task.channel),
        task.due_at.toISOString().slice(0, 10),
        String(task.goal_id),
      ]),
    },
  };
}
