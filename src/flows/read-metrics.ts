// What /metrics says: the process's own counts, and money as the books and budgets have it now.
import { isDatabaseTrouble } from '../db/database.ts';
import { listBudgets } from '../domain/money/budget-store.ts';
import { readCapSettings, readCapUse } from '../domain/money/cap-store.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { byKey, marginsOf } from '../domain/money/profit.ts';
import { readSums } from '../domain/money/slice-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { MoneyFigures } from '../observability/money-metrics.ts';
import { countForMetrics } from './count-orders.ts';
import type { Deps } from './deps.ts';

const dollars = (micros: bigint): number => Number(micros) / 1e6;

/**
 * While the database is away the figures of budgets are absent, sums and counts stay as they were, and the rest is told.
 * @param updateBooks brings the gauges of sums and customers up to date
 */
export async function readMetrics(deps: Deps, updateBooks: () => Promise<void>): Promise<string> {
  try {
    await updateBooks();
    await countForMetrics(deps);
    deps.metrics.money(await readFigures(deps));
  } catch (error) {
    if (!isDatabaseTrouble(error)) throw error;
    deps.log.warn({ err: error }, 'metrics without figures of money');
    deps.metrics.money(null);
  }
  return deps.metrics.text();
}

async function readFigures(deps: Deps): Promise<MoneyFigures> {
  const modes: Mode[] = deps.mode === 'live' ? ['live'] : ['practice', 'live'];
  const parts = await Promise.all(modes.map((mode) => readMode(deps, mode)));
  return {
    agents: parts.flatMap((part) => part.agents),
    limits: parts.flatMap((part) => part.limits),
  };
}

async function readMode(deps: Deps, mode: Mode) {
  const agents = [...byKey(await readSums(deps.db, { mode }, 'agent'))].flatMap(([agent, own]) => {
    const { roi } = marginsOf(own);
    return agent === '' || roi === null ? [] : [{ mode, agent, roi }];
  });
  const settings = new Map((await readCapSettings(deps.db, mode)).map((row) => [row.period as string, row.limit_micros]));
  const [caps, use] = [periodCaps(mode, deps.config.limits, settings), await readCapUse(deps.db, mode)];
  const periods = [
    ['hour', use.hourMicros, caps.hourMicros],
    ['day', use.dayMicros, caps.dayMicros],
    ['month', use.monthMicros, caps.monthMicros],
    ['market_day', use.marketDayMicros, caps.marketDayMicros],
  ] as const;
  return {
    agents,
    limits: [
      ...periods.flatMap(([scope, used, limit]) =>
        limit === null ? [] : [{ mode, scope, name: '', used: dollars(used), limit: dollars(limit) }],
      ),
      ...(await listBudgets(deps.db, mode)).map((one) => ({
        mode,
        scope: one.scope,
        name: one.name,
        used: dollars(one.usedMicros),
        limit: dollars(one.limitMicros),
      })),
    ],
  };
}
