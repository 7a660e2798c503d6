// After a sale below its list price: what is sold below list stops when one sale more would go beyond the month's budget for discounts.
import type { Trx } from '../db/database.ts';
import { findCut, listDiscounted, readDiscountGiven } from '../domain/pages/page-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';
import { stopLink } from './set-link.ts';

export async function keepDiscountBudget(deps: Deps, trx: Trx, mode: Mode, launchId: number): Promise<void> {
  const cut = await findCut(trx, launchId);
  if (cut === undefined) return;
  const { timezone, discountMonthlyMicros } = deps.config;
  const given = await readDiscountGiven(trx, mode, cut.currency, { now: deps.clock.now(), timezone });
  for (const one of await listDiscounted(trx, mode, cut.currency))
    if (given + one.offMicros > discountMonthlyMicros)
      await stopLink(
        trx,
        { launchId: one.launchId, mode },
        'policy',
        `This month's budget for discounts is given: /o/${one.slug} sells below its list price.`,
      );
}
