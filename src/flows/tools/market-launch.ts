// Launching an offer: the call that commits money. Amount and payee come from its input and the market's own list, never from a model's words.
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import { formatUsd, type Micros } from '../../core/money.ts';
import { journalAlong } from '../../domain/money/ledger-store.ts';
import { launchAlong } from '../../domain/offers/launch-store.ts';
import type { MarketLaunch, Marketplace } from '../../domain/offers/marketplace.ts';
import type { Quote, Success, Tool, ToolContext } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';
import { PAYEE, plain, readOnly, reconcileWith, toMicros } from './market-common.ts';

const launchInput = z.object({
  offerId: z.string().min(1).max(60).describe('an id from market_offers'),
  budgetUsd: z.number().min(1).max(100_000).multipleOf(0.01).describe('dollars committed, paid at once; what is not spent comes back'),
  days: z.number().int().min(1).max(30).describe('market days it runs'),
});
type LaunchInput = z.output<typeof launchInput>;

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

export function createMarketLaunch(market: Marketplace): Tool<LaunchInput> {
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
    recordAlong: (input, outcome, context) => {
      const output = outcome.output as unknown as { launchId: string; startedDay: number };
      const launched = launchAlong({
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
      const spent = journalAlong(
        {
          mode: context.mode,
          source: PAYEE,
          externalId: outcome.receipt ?? output.launchId,
          kind: 'spend',
          memo: `Launch of ${input.offerId}, prepaid for ${input.days} days`,
          occurredAt: context.now(),
          goalId: context.goalId,
          taskId: context.taskId,
          toolCallId: context.toolCallId,
          launchId: null,
          tool: 'market_launch',
          marketDay: context.mode === 'practice' ? output.startedDay : null,
          currency: 'USD',
          postings: [
            { account: 'offer_spend', amountMicros: outcome.spentMicros },
            { account: 'cash', amountMicros: -outcome.spentMicros },
          ],
        },
        launched.as,
      );
      return [launched, ...spent];
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
    effect: `Launches ${offer.name} (${offer.id}) for ${input.days} market days, paid at once; the unspent part comes back.`,
    expectedReturn: `Sells at ${formatUsd(offer.listPriceMicros)}, a visitor costs ${formatUsd(offer.costPerVisitorMicros)}: it pays if more than about 1 in ${breakEvenVisitors(offer)} visitors buys. The rate is unknown.`,
  };
}

/** Visitors a sale may cost before the sale loses money; fees left out, so a little optimistic. */
function breakEvenVisitors(offer: { listPriceMicros: Micros; costPerVisitorMicros: Micros }): string {
  return offer.costPerVisitorMicros === 0n ? 'any number of' : (offer.listPriceMicros / offer.costPerVisitorMicros).toString();
}
