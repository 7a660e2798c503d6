// The four tools of a marketplace: look, launch, read results, stop. Amounts and payees come from the market's own list and our rows.
import { z } from 'zod';
import { hashOf, type Json } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import { formatUsd, type Micros } from '../../core/money.ts';
import type { Database } from '../../db/database.ts';
import { bookJournal } from '../../domain/money/ledger-store.ts';
import { addLaunch, addMetricPoints, findLaunch } from '../../domain/offers/launch-store.ts';
import type { MarketEffect, MarketLaunch, Marketplace, MarketResults } from '../../domain/offers/marketplace.ts';
import type { Quote, Reconciliation, Success, Tool, ToolContext, ToolOutcome } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';

const PAYEE = 'practice market';
const RATE = { perMinute: 60, perHour: 1000 };
const free = (effect: string): Quote => ({ amountMicros: 0n, payee: null, effect, expectedReturn: null });
const plain = (value: unknown): Json =>
  JSON.parse(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item))) as Json;

const readOnly = {
  version: '1',
  touches: 'nothing',
  reversible: true,
  reach: 'nobody',
  credentials: false,
  production: false,
  modes: ['practice'],
  taints: false,
  repeatable: true,
  rate: RATE,
} as const;

const nothingToReconcile = async (): Promise<Reconciliation> => ({ kind: 'never_happened' });

const offersInput = z.object({});
const launchInput = z.object({
  offerId: z.string().min(1).max(60).describe('an id from market_offers'),
  budgetUsd: z.number().min(1).max(100_000).multipleOf(0.01).describe('dollars committed, paid at once; what is not spent comes back'),
  days: z.number().int().min(1).max(30).describe('market days it runs'),
});
const idInput = z.object({ launchId: z.string().min(1).max(60).describe('an id from market_launch') });
type LaunchInput = z.output<typeof launchInput>;
type IdInput = z.output<typeof idInput>;

const toMicros = (dollars: number): Micros => BigInt(Math.round(dollars * 100)) * 10_000n;

export function createMarketTools(market: Marketplace, db: Database): Tool[] {
  return [offersTool(market), launchTool(market), resultsTool(market, db), stopTool(market, db)] as Tool[];
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

function launchOutcome(launch: MarketLaunch): Success {
  const output = plain({
    launchId: launch.id,
    offerId: launch.offerId,
    budgetMicros: launch.budgetMicros,
    days: launch.days,
    startedDay: launch.startedDay,
    status: 'running',
    receipt: launch.receipt,
  });
  return {
    ok: true,
    output,
    evidence: [{ kind: 'receipt', source: launch.id, sha256: hashOf(output) }],
    spentMicros: launch.budgetMicros,
    receipt: launch.receipt,
  };
}

function launchTool(market: Marketplace): Tool<LaunchInput> {
  return {
    ...readOnly,
    name: 'market_launch',
    description:
      'Launch an offer with a prepaid budget. Commits money, so a person is asked; put all launches of one decision in one turn.',
    input: launchInput,
    act: 'launch',
    touches: 'money',
    repeatable: false,
    quote: async (input, context) => quoteLaunch(market, input, context),
    run: async (input, context) =>
      attempt(async () => {
        const body = {
          offerId: input.offerId,
          budgetMicros: toMicros(input.budgetUsd),
          days: input.days,
          idempotencyKey: context.idempotencyKey,
        };
        return launchOutcome(await market.launch(body, context.signal));
      }),
    reconcile: (_input, context) =>
      reconcileWith(market, context, (effect) => (effect.kind === 'launch' ? launchOutcome(effect.response) : null)),
    record: async (trx, input, outcome, context) => {
      const output = outcome.output as unknown as { launchId: string; startedDay: number };
      const launch = await addLaunch(trx, {
        mode: context.mode,
        goalId: context.goalId,
        taskId: context.taskId,
        toolCallId: context.toolCallId,
        externalId: output.launchId,
        offerId: input.offerId,
        name: input.offerId,
        budgetMicros: outcome.spentMicros,
        days: input.days,
        startedDay: output.startedDay,
      });
      await bookJournal(trx, {
        mode: context.mode,
        source: PAYEE,
        externalId: outcome.receipt ?? output.launchId,
        kind: 'spend',
        memo: `Launch of ${input.offerId}, prepaid for ${input.days} days`,
        occurredAt: context.now(),
        goalId: context.goalId,
        taskId: context.taskId,
        toolCallId: context.toolCallId,
        launchId: launch.id,
        tool: 'market_launch',
        currency: 'USD',
        postings: [
          { account: 'offer_spend', amountMicros: outcome.spentMicros },
          { account: 'cash', amountMicros: -outcome.spentMicros },
        ],
      });
    },
    withAmount: (input, amountMicros) => {
      const cents = amountMicros / 10_000n;
      return cents < 100n ? null : { ...input, budgetUsd: Number(cents) / 100 };
    },
  };
}

async function quoteLaunch(market: Marketplace, input: LaunchInput, context: ToolContext): Promise<Quote> {
  const { offers } = await market.offers(context.signal);
  const offer = offers.find((candidate) => candidate.id === input.offerId);
  if (offer === undefined) throw new InvalidInput(`There is no offer "${input.offerId}" on the market.`);
  const amountMicros = toMicros(input.budgetUsd);
  return {
    amountMicros,
    payee: PAYEE,
    effect: `Launches ${offer.name} (${offer.id}) for ${input.days} market days with ${formatUsd(amountMicros)}, paid at once; the unspent part comes back.`,
    expectedReturn: `Sells at ${formatUsd(offer.listPriceMicros)}, a visitor costs ${formatUsd(offer.costPerVisitorMicros)}: it pays if more than about 1 in ${breakEvenVisitors(offer)} visitors buys. The rate is unknown.`,
  };
}

/** Visitors a sale may cost before the sale loses money; fees left out, so a little optimistic. */
function breakEvenVisitors(offer: { listPriceMicros: Micros; costPerVisitorMicros: Micros }): string {
  return offer.costPerVisitorMicros === 0n ? 'any number of' : (offer.listPriceMicros / offer.costPerVisitorMicros).toString();
}

async function reconcileWith(
  market: Marketplace,
  context: ToolContext,
  read: (effect: MarketEffect) => Success | null,
): Promise<Reconciliation> {
  const found = await attempt(async () => {
    const effects = await market.effects(context.idempotencyKey, context.signal);
    return effects.map(read).find((outcome) => outcome !== null) ?? { ok: false, error: 'nothing under this key', retryable: false };
  }).catch((error: unknown) => ({ ok: false as const, error: String(error), retryable: true }));
  if (found.ok) return { kind: 'happened', outcome: found };
  return found.retryable ? { kind: 'unknown', why: found.error } : { kind: 'never_happened' };
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
