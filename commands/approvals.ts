// approvals: what waits for a person, or one request in full.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { plainLine } from '../src/chat/escape.ts';
import { idField } from '../src/chat/fields.ts';
import { NotFound } from '../src/core/errors.ts';
import { formatUsd } from '../src/core/money.ts';
import { findApproval, listPending } from '../src/domain/approvals/approval-store.ts';
import { drawApproval } from '../src/flows/show.ts';

export const approvals = defineCommand({
  name: 'approvals',
  summary: 'what waits for a decision',
  role: 'viewer',
  input: z.object({ id: idField('a request').optional() }),
  positional: 'id',
  examples: ['approvals', 'approvals 17'],
  reads: { fields: ['id'], outside: true },
  run: async ({ input, deps }) => {
    if (input.id !== undefined) {
      const approval = await findApproval(deps.db, input.id);
      if (approval === undefined || approval.mode !== deps.mode) throw new NotFound(`There is no request ${input.id}.`);
      return drawApproval(deps.db, approval);
    }
    const rows = await listPending(deps.db, deps.mode);
    if (rows.length === 0) return { title: 'Nothing waits for approval', tone: 'muted' };
    return {
      title: `${rows.length} waiting`,
      tone: 'ask',
      table: {
        columns: ['Request', 'What', 'Amount', 'Risk', 'Expires'],
        rows: rows.map((row) => [
          String(row.id),
          plainLine(row.title, 120),
          formatUsd(row.amount_micros),
          row.risk_level,
          row.expires_at.toISOString(),
        ]),
      },
      buttons: rows
        .slice(0, 5)
        .map((row) => ({ label: `Show ${row.id}`, command: 'approvals', args: { id: row.id }, style: 'plain' as const })),
    };
  },
});
