// revoke: end a standing permission now.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { grantsCard } from '../src/chat/views/grants-card.ts';
import { Conflict } from '../src/core/errors.ts';
import { inTransaction } from '../src/db/database.ts';
import { listGrants, revokeGrant } from '../src/domain/approvals/grant-store.ts';
import { recordAudit } from '../src/domain/audit/audit-store.ts';

export const revoke = defineCommand({
  name: 'revoke',
  summary: 'end a standing permission',
  role: 'approver',
  input: z.object({ id: idField('a grant') }),
  positional: 'id',
  examples: ['revoke 2'],
  run: async ({ input, caller, deps }) => {
    await inTransaction(deps.db, async (trx) => {
      const revoked = await revokeGrant(trx, input.id, caller.platformId);
      if (revoked === undefined) throw new Conflict(`Grant ${input.id} does not exist or has been revoked.`);
      await recordAudit(trx, [
        { mode: revoked.mode, actor: caller.platformId, action: 'grant.revoked', subjectKind: 'grant', subjectId: revoked.id, detail: {} },
      ]);
    });
    return grantsCard(await listGrants(deps.db, deps.mode), deps.clock.now());
  },
});
