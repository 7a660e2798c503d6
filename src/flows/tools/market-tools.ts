// The tools of a marketplace beside launching: look, read results, stop.
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { Micros } from '../../core/money.ts';
import type { Database } from '../../db/database.ts';
import { addMetricPoints, findLaunch } from '../../domain/offers/launch-store.ts';
import type { Marketplace, MarketResults } from '../../domain/offers/marketplace.ts';
import type { Success, Tool, ToolContext, ToolOutcome } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';
import { free, nothingToReconcile, plain, readOnly, reconcileWith } from './market-common.ts';
import { createMarketLaunch } from './market-launch.ts';

const offersInput = z.object({});
const idInput = z.object({ launchId: z.string().min(1).max(60).describe('an id from market_launch') });
type IdInput = z.output<typeof idInput>;

export function createMarketTools(market: Marketplace, db: Database): Tool[] {
  return [offersTool(market), createMarketLaunch(market), resultsTool(market, db), stopTool(market, db)] as Tool[];
}

function offersTool(market: Marketplace): Tool<z.output<typeof offersInput>> {
  return {
    ...readOnly,
    name: 'market_offers',
    description: 'List what can be launched on the practice market: price, cost per visitor, capacity. Conversion is not known beforehand.',
    input: offersInput,
    act: 'read',
    quote: async () => free('Reads the offers of the practice market.'),
    run: (_input, context) =>
      attempt(async () => {
        const output = plain(await market.offers(context.signal));
        return {
          ok: true,
          output,
          evidence: [{ kind: 'outside_read', source: 'practice market: offers', sha256: hashOf(output) }],
          spentMicros: 0n,
          receipt: null,
        };
      }),
    reconcile: nothingToReconcile,
  };
}

function resultsOutcome(results: MarketResults): ToolOutcome {
  const output = plain({ ...results, launchId: results.id });
  const sha256 = hashOf(output);
  const points = results.visitors > 0 ? [{ kind: 'metric_points' as const, source: results.id, sha256 }] : [];
  return { ok: true, output, evidence: [{ kind: 'readback', source: results.id, sha256 }, ...points], spentMicros: 0n, receipt: null };
}

function resultsTool(market: Marketplace, db: Database): Tool<IdInput> {
  return {
    ...readOnly,
    name: 'market_results',
    description: 'Read what a launch has done so far: visitors, orders, money, status.',
    input: idInput,
    act: 'read',
    quote: async (input, context) => {
      await requireLaunch(db, input, context);
      return free(`Reads the results of ${input.launchId}.`);
    },
    run: (input, context) => attempt(async () => resultsOutcome(await market.results(input.launchId, context.signal))),
    reconcile: nothingToReconcile,
    record: async (trx, input, outcome, context) => {
      const launch = await findLaunch(trx, context.mode, input.launchId);
      if (launch === undefined) return;
      const results = outcome.output as unknown as Pick<MarketResults, 'day' | 'byDay'>;
      const closed = results.byDay.filter((entry) => entry.day < results.day);
      await addMetricPoints(
        trx,
        closed.flatMap((entry) => [
          { launchId: launch.id, day: entry.day, name: 'visitors', value: entry.visitors, toolCallId: context.toolCallId },
          { launchId: launch.id, day: entry.day, name: 'orders', value: entry.orders, toolCallId: context.toolCallId },
        ]),
      );
    },
  };
}

async function requireLaunch(db: Database, input: IdInput, context: ToolContext): Promise<void> {
  const launch = await findLaunch(db, context.mode, input.launchId);
  if (launch === undefined || launch.goal_id !== context.goalId) throw new InvalidInput(`This goal has no launch "${input.launchId}".`);
}

function stopTool(market: Marketplace, db: Database): Tool<IdInput> {
  const outcome = (stopped: { id: string; returnedMicros: Micros; receipt: string }): Success => {
    const output = plain({ launchId: stopped.id, status: 'stopped', returnedMicros: stopped.returnedMicros, receipt: stopped.receipt });
    return {
      ok: true,
      output,
      evidence: [{ kind: 'receipt', source: stopped.id, sha256: hashOf(output) }],
      spentMicros: 0n,
      receipt: stopped.receipt,
    };
  };
  return {
    ...readOnly,
    name: 'market_stop',
    description: 'Stop a running launch; what it has not spent comes back.',
    input: idInput,
    act: 'stop_spend',
    touches: 'outside',
    repeatable: false,
    quote: async (input, context) => {
      await requireLaunch(db, input, context);
      return free(`Stops ${input.launchId}; its unspent budget comes back.`);
    },
    run: (input, context) =>
      attempt(async () => outcome(await market.stop({ launchId: input.launchId, idempotencyKey: context.idempotencyKey }, context.signal))),
    reconcile: (_input, context) => reconcileWith(market, context, (effect) => (effect.kind === 'stop' ? outcome(effect.response) : null)),
  };
}
