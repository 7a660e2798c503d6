// What a goal came to: profit or loss from the ledger, never from a model's words.
import { formatUsd } from '../../core/money.ts';
import type { Goal } from '../../domain/goals/goal-store.ts';
import type { ProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { netRevenueOf, profitOf } from '../../domain/money/profit.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { measureWords } from './goal-card.ts';

export interface ResultFacts {
  goal: Goal;
  sums: ProfitAndLoss;
  /** Launches that may still earn or return money. */
  running: number;
  documents: { id: number; title: string }[];
  launches: number;
  /** Real model cost of a practice goal: live money, shown apart, never in the practice sum. */
  liveModelCostMicros: bigint;
}

export function resultCard(facts: ResultFacts): Card {
  const { goal, sums } = facts;
  const profit = profitOf(sums);
  const money = goal.metric !== 'document';
  return {
    title: `Result of goal ${goal.id}: ${money ? verdict(profit) : plainLine(goal.title, 100)}`,
    tone: money ? (profit > 0n ? 'good' : profit < 0n ? 'bad' : 'muted') : 'good',
    text: [
      escapeMarkdown(goal.title, 200),
      `**Wanted:** ${measureWords(goal)}. **${reached(goal, sums, profit, facts.documents.length) ? 'Reached' : 'Not reached'}.**`,
      ...facts.documents.map((document) => `Document: [${escapeMarkdown(document.title, 120)}](/documents/${document.id})`),
      facts.running > 0 ? `${facts.running} of ${facts.launches} launches still run; later payments and refunds edit this card.` : '',
      money ? `Every figure is a sum of [ledger postings](/ledger?goal=${goal.id}).` : '',
      facts.liveModelCostMicros > 0n ? `Model calls cost ${formatUsd(facts.liveModelCostMicros)} of live money, booked apart.` : '',
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: [
      { label: 'Mode', value: goal.mode },
      { label: 'Revenue', value: formatUsd(sums.revenueMicros) },
      { label: 'Refunds', value: formatUsd(-sums.refundsMicros) },
      ...(sums.disputesMicros === 0n ? [] : [{ label: 'Disputes', value: formatUsd(-sums.disputesMicros) }]),
      { label: 'Fees', value: formatUsd(-sums.feesMicros) },
      { label: 'Offer spend', value: formatUsd(-sums.offerSpendMicros) },
      { label: 'Model and tool cost', value: formatUsd(-(sums.modelCostMicros + sums.toolCostMicros)) },
      ...(sums.expenseMicros === 0n ? [] : [{ label: 'Outside expenses', value: formatUsd(-sums.expenseMicros) }]),
      { label: profit < 0n ? 'Loss' : 'Profit', value: formatUsd(profit) },
    ],
    ref: { kind: 'goal', id: goal.id },
  };
}

function verdict(profit: bigint): string {
  if (profit > 0n) return `profit of ${formatUsd(profit)}`;
  if (profit < 0n) return `loss of ${formatUsd(-profit)}`;
  return '$0, neither profit nor loss';
}

function reached(goal: Goal, sums: ProfitAndLoss, profit: bigint, documents: number): boolean {
  switch (goal.metric) {
    case 'revenue':
      return netRevenueOf(sums) >= (goal.target_micros ?? 0n);
    case 'profit':
      return profit >= (goal.target_micros ?? 0n);
    case 'document':
      return documents > 0;
    case null:
      return false;
  }
}
