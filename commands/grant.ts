// grant: a scoped, counted, expiring permission instead of "always".
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { amountField, wholeField } from '../src/chat/fields.ts';
import { grantsCard } from '../src/chat/views/grants-card.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { inTransaction } from '../src/db/database.ts';
import { addGrant, listGrants } from '../src/domain/approvals/grant-store.ts';
import { recordAudit } from '../src/domain/audit/audit-store.ts';

export const grant = defineCommand({
  name: 'grant',
  summary: 'permit a tool in advance, within amounts, uses and time',
  role: 'approver',
  input: z.object({
    tool: z.string().min(1).max(60).describe('name of the tool, like market_launch'),
    each: amountField('most per use, in dollars'),
    total: amountField('most in total, in dollars'),
    uses: wholeField('how many uses', 1, 1000),
    hours: wholeField('how long it holds', 1, 720),
    payee: z.string().max(100).describe('only for this payee').optional(),
  }),
  positional: 'tool',
  examples: ['grant market_launch each:20 total:60 uses:3 hours:24'],
  run: async ({ input, caller, deps }) => {
    const tool = deps.tools.get(input.tool);
    if (tool === undefined)
      throw new InvalidInput(`There is no tool "${input.tool}". Tools: ${[...deps.tools.keys()].join(', ')}.`, { tool: 'is unknown' });
    if (input.each > input.total) throw new InvalidInput('One use cannot cost more than the total.', { each: 'is above the total' });
    await inTransaction(deps.db, async (trx) => {
      const made = await addGrant(trx, {
        mode: deps.mode,
        tool,
        payee: input.payee ?? null,
        eachMicros: input.each,
        totalMicros: input.total,
        uses: input.uses,
        hours: input.hours,
        createdBy: caller.platformId,
      });
      await recordAudit(trx, [
        {
          mode: deps.mode,
          actor: caller.platformId,
          action: 'grant.given',
          subjectKind: 'grant',
          subjectId: made.id,
          detail: {
            tool: tool.name,
            toolHash: made.tool_hash,
            eachMicros: input.each.toString(),
            totalMicros: input.total.toString(),
            uses: input.uses,
            hours: input.hours,
            payee: input.payee ?? null,
          },
        },
      ]);
    });
    return grantsCard(await listGrants(deps.db, deps.mode), deps.clock.now());
  },
});
