// budget: the caps with what is used and left; an owner lowers them or restores them up to their ceiling.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { amountField } from '../src/chat/fields.ts';
import { budgetCard } from '../src/chat/views/budget-card.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { formatUsd } from '../src/core/money.ts';
import { inTransaction } from '../src/db/database.ts';
import { recordAudit } from '../src/domain/audit/audit-store.ts';
import { readCapSettings, readCapUse, setCap } from '../src/domain/money/cap-store.ts';
import { periodCaps } from '../src/domain/money/caps.ts';
import { readAssumed } from '../src/domain/money/ledger-store.ts';
import type { Deps } from '../src/flows/deps.ts';

export const budget = defineCommand({
  name: 'budget',
  summary: 'caps, what is reserved, spent and left; set a cap',
  role: (input) => (input.limit === undefined ? 'viewer' : 'owner'),
  input: z.object({
    cap: z.enum(['hour', 'day', 'month', 'market_day']).describe('which cap to set').optional(),
    limit: amountField('the new limit, at most its ceiling').optional(),
  }),
  examples: ['budget', 'budget cap:day limit:20'],
  reads: { fields: [], outside: false },
  run: async ({ input, caller, deps }) => {
    if (input.limit !== undefined) {
      if (input.cap === undefined) throw new InvalidInput('Say which cap: budget cap:day limit:20', { cap: 'is missing' });
      await lower(deps, input.cap, input.limit, caller.platformId);
    }
    const modes = deps.mode === 'live' ? (['live'] as const) : (['practice', 'live'] as const);
    const caps = await Promise.all(
      modes.map(async (mode) => {
        const settings = new Map((await readCapSettings(deps.db, mode)).map((row) => [row.period as string, row.limit_micros]));
        return { mode, limits: periodCaps(mode, deps.config.limits, settings), use: await readCapUse(deps.db, mode) };
      }),
    );
    return budgetCard({ caps, assumed: await readAssumed(deps.db, 'live') });
  },
});

async function lower(deps: Deps, period: 'hour' | 'day' | 'month' | 'market_day', limitMicros: bigint, by: string): Promise<void> {
  const { capMicros, practiceCapMarketDayMicros } = deps.config.limits;
  const ceiling = period === 'market_day' ? practiceCapMarketDayMicros : capMicros[period];
  if (limitMicros > ceiling)
    throw new InvalidInput(
      `The ceiling of the ${period} cap is ${formatUsd(ceiling)}; it is set in the environment and cannot be raised in chat.`,
      { limit: 'is above the ceiling' },
    );
  const mode = period === 'market_day' ? 'practice' : 'live';
  await inTransaction(deps.db, async (trx) => {
    await setCap(trx, { mode, period, limitMicros, setBy: by });
    await recordAudit(trx, [
      { mode, actor: by, action: 'cap.set', subjectKind: 'cap', subjectId: null, detail: { period, limitMicros: limitMicros.toString() } },
    ]);
  });
}
