// Payments as they come: what an offer took in today (one card a day, edited), a dispute, and an offer that stopped selling.
import { formatMoney } from '../../core/currency.ts';
import type { Account } from '../../domain/money/ledger-store.ts';
import type { Takings } from '../../domain/money/takings-store.ts';
import type { PaymentLinkRow } from '../../domain/offers/payment-link-store.ts';
import type { Dispute } from '../../domain/offers/payment-provider.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Button, Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

const KIND_WORDS: Readonly<Record<string, string>> = {
  sale: 'payment',
  refund: 'refund',
  refund_failed: 'refund that failed',
  dispute: 'dispute',
  dispute_reversed: 'dispute won back',
};

export interface TakingsFacts {
  mode: Mode;
  day: string;
  goalId: number | null;
  /** What was sold; null for payments that no offer of ours asked for. */
  offer: string | null;
  takings: Takings;
}

export function takingsCard({ mode, day, goalId, offer, takings }: TakingsFacts): Card {
  const of = (account: Account) => takings.sums.filter((sum) => sum.account === account);
  const count = of('revenue').reduce((total, sum) => total + sum.postings, 0);
  const total = (account: Account, sign: 1n | -1n): string =>
    of(account)
      .map((sum) => formatMoney(sign * sum.amountMicros, sum.currency))
      .join(' + ');
  const what = offer === null ? 'no offer of ours' : plainLine(offer, 80);
  const gross = total('revenue', -1n);
  const field = (label: string, value: string) => (value === '' ? [] : [{ label, value }]);
  return {
    title:
      count === 0
        ? `Money back on ${what}, ${day} (${mode})`
        : `${count === 1 ? 'Payment' : `${count} payments`}: ${gross} for ${what}, ${day} (${mode})`,
    tone: of('disputes').length > 0 || count === 0 ? 'bad' : 'good',
    fields: [
      ...field('Gross', gross),
      ...field('Refunded', total('refunds', 1n)),
      ...field('Disputed', total('disputes', 1n)),
      ...field('Fees', total('fees', 1n)),
    ],
    table: {
      columns: ['When', 'What', 'Amount'],
      rows: takings.newest.map((row) => [
        row.at.toISOString().slice(0, 16).replace('T', ' '),
        `${KIND_WORDS[row.kind] ?? row.kind}: ${plainLine(row.memo, 120)}`,
        formatMoney(row.amountMicros, row.currency),
      ]),
    },
    ...(goalId === null ? {} : { ref: { kind: 'goal' as const, id: goalId } }),
  };
}

export function disputeCard(dispute: Dispute, mode: Mode): Card {
  const amount = formatMoney(dispute.amountMicros, dispute.currency);
  const open = !['won', 'lost', 'warning_closed', 'prevented'].includes(dispute.status);
  const due = dispute.evidenceDueBy === null ? '' : ` Evidence is due by ${dispute.evidenceDueBy.toISOString()}.`;
  return {
    title: `Dispute ${open ? 'opened' : dispute.status.replaceAll('_', ' ')}: ${amount} (${mode})`,
    tone: ['won', 'warning_closed', 'prevented'].includes(dispute.status) ? 'good' : 'bad',
    text: open
      ? `A customer's bank took the payment back.${due} Answer it in the provider's dashboard; nothing is answered by itself.`
      : 'The bank has decided. What moved is in the books.',
    fields: [
      { label: 'Reason', value: plainLine(dispute.reason.replaceAll('_', ' '), 80) },
      { label: 'Status', value: plainLine(dispute.status.replaceAll('_', ' '), 80) },
      { label: 'Dispute', value: plainLine(dispute.id, 80) },
      { label: 'Payment', value: plainLine(dispute.chargeId ?? 'unknown', 80) },
    ],
  };
}

export function linksCard(links: readonly (PaymentLinkRow & { goal_id: number })[]): Card {
  return {
    title: links.length === 0 ? 'Nothing sells through a payment link' : `Offers with a payment link: ${links.length}`,
    tone: 'info',
    table: {
      columns: ['Offer', 'What', 'Price', 'State', 'Goal'],
      rows: links.map((link) => [
        String(link.launch_id),
        `[${escapeMarkdown(plainLine(link.name, 80), 120)}](${link.url})`,
        formatMoney(link.amount_micros, link.currency),
        link.wanted_active ? 'sells' : 'stopped',
        String(link.goal_id),
      ]),
    },
  };
}

/** An offer's state; while it is stopped, the way back asks for an approver. */
export function linkCard(link: PaymentLinkRow, goalId: number): Card {
  const price = formatMoney(link.amount_micros, link.currency);
  const settled = link.wanted_active === link.active;
  const state = link.wanted_active ? (settled ? 'sells' : 'starts to sell again') : settled ? 'is stopped' : 'is being stopped';
  const button: Button = link.wanted_active
    ? { label: 'Stop selling', command: 'offer', args: { id: link.launch_id, sell: 'no' }, style: 'danger' }
    : {
        label: 'Sell again',
        command: 'offer',
        args: { id: link.launch_id, sell: 'yes' },
        style: 'primary',
        confirm: `Sell ${plainLine(link.name, 60)} for ${price} again?`,
      };
  return {
    title: `Offer ${link.launch_id} ${state}: ${plainLine(link.name, 80)}, ${price} (${link.mode})`,
    tone: link.wanted_active ? 'info' : 'ask',
    text: [
      link.changed_why === null ? '' : `${escapeMarkdown(link.changed_why, 400)} (${plainLine(link.changed_by ?? '', 80)})`,
      link.wanted_active
        ? `[Payment page](${link.url})`
        : 'Its payment page takes no money. Nothing sells it again before an approver says so.',
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: [
      { label: 'Goal', value: String(goalId) },
      { label: 'Link', value: link.external_id },
    ],
    buttons: [button],
  };
}
