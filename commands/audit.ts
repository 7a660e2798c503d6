// /audit: prove that the trail of decisions and effects is untouched, or show its newest rows.
import { z } from 'zod';
import type { Card } from '../src/chat/card.ts';
import { defineCommand } from '../src/chat/command.ts';
import { plainLine } from '../src/chat/escape.ts';
import { type Head, listLatestAudit } from '../src/domain/audit/audit-store.ts';
import { type AuditReport, verifyAudit } from '../src/domain/audit/verify-store.ts';

const input = z.object({
  action: z.enum(['verify', 'export']).default('verify').describe('verify the whole chain, or show the newest rows'),
  rows: z.coerce.number().int().min(1).max(100).default(20).describe('how many rows to show'),
  head: z
    .string()
    .regex(/^\d{1,15}:[0-9a-f]{64}$/, 'is not a head like 1234:9f86…, as an earlier audit card shows it')
    .optional()
    .describe('a head noted earlier outside the database; finds a chain cut short or rewritten since'),
});

const SHOWN_PROBLEMS = 20;

function parseHead(text: string): Head {
  const [seq = '', hash = ''] = text.split(':');
  return { seq: Number(seq), hash };
}

const count = (number: number, thing: string): string => `${number.toLocaleString('en-US')} ${thing}${number === 1 ? '' : 's'}`;

function describe(report: AuditReport, anchored: boolean): string {
  if (!report.ok)
    return `${count(report.problemCount, 'problem')}: the rows below are not what was sealed. Restore them from a backup and find out who has access to the database.`;
  const against = anchored
    ? ' It also holds the head you noted.'
    : ' Note the head somewhere else: with it, a later check also finds a chain that was cut short or rewritten.';
  return `Every sealed row is as it was written: nothing edited, deleted, reordered or slipped in.${against}`;
}

function verdictCard(report: AuditReport, anchored: boolean): Card {
  return {
    title: report.ok ? 'The audit chain is whole' : 'The audit chain is broken',
    tone: report.ok ? 'good' : 'bad',
    text: describe(report, anchored),
    fields: [
      { label: 'Sealed', value: count(report.sealed, 'row') },
      {
        label: 'Waiting for a seal',
        value:
          report.unsealed === 0
            ? 'none'
            : `${count(report.unsealed, 'row')}, the oldest of ${report.oldestUnsealed?.toISOString() ?? 'unknown time'}`,
      },
      { label: 'Head', value: report.head === null ? 'nothing sealed yet' : `${report.head.seq}:${report.head.hash}` },
    ],
    ...(report.ok
      ? {}
      : {
          table: {
            columns: ['Place', 'Row', 'What'],
            rows: report.problems
              .slice(0, SHOWN_PROBLEMS)
              .map(({ seq, auditId, what }) => [seq?.toString() ?? '', auditId?.toString() ?? '', what]),
          },
        }),
  };
}

function exportCard(rows: Awaited<ReturnType<typeof listLatestAudit>>): Card {
  return {
    title: rows.length === 0 ? 'The audit trail is empty' : `The newest ${count(rows.length, 'audit row')}`,
    tone: 'info',
    text: 'All rows, with filters: [audit page](/audit).',
    table: {
      columns: ['Row', 'When', 'Mode', 'Who', 'What', 'Subject', 'Detail', 'Place'],
      rows: rows.map((row) => [
        row.id.toString(),
        row.at.toISOString(),
        row.mode,
        plainLine(row.actor, 60),
        plainLine(row.action, 60),
        plainLine(row.subject_id === null ? row.subject_kind : `${row.subject_kind} ${row.subject_id}`, 60),
        plainLine(row.detail, 160),
        row.seq?.toString() ?? 'not sealed yet',
      ]),
    },
  };
}

export const audit = defineCommand({
  name: 'audit',
  summary: 'Verify the audit trail, or show its newest rows',
  role: 'owner',
  input,
  positional: 'action',
  examples: ['audit', 'audit export rows:50'],
  async run({ input: { action, rows, head }, deps }) {
    if (action === 'export') return exportCard(await listLatestAudit(deps.db, rows));
    const anchors = head === undefined ? [] : [parseHead(head)];
    return verdictCard(await verifyAudit(deps.db, { anchors }), anchors.length > 0);
  },
});
