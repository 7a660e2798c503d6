// The whole story of a request: before the decision, after it, and with its result. What was asked stays readable on every version.
import { canonicalJson } from '../../core/canonical-json.ts';
import { formatUsd } from '../../core/money.ts';
import type { Approval } from '../../domain/approvals/approval-store.ts';
import type { ToolCall } from '../../domain/tools/call-store.ts';
import type { Button, Card, Tone } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { pageLines } from './page-words.ts';

const TONES: Record<Approval['status'], Tone> = {
  pending: 'ask',
  approved: 'good',
  denied: 'bad',
  changes: 'muted',
  expired: 'muted',
  cancelled: 'muted',
};

const CALL_WORDS: Record<ToolCall['status'], string> = {
  invalid: 'invalid',
  proposed: 'proposed',
  waiting_approval: 'asked',
  approved: 'approved, starts now',
  executing: 'running',
  done: 'done',
  failed: 'failed',
  unknown: 'outcome unknown: check at the far side',
  refused: 'refused',
  denied: 'denied',
  expired: 'expired',
  cancelled: 'cancelled',
};

export interface Votes {
  platform_id: string;
}

/** What the card shows of a request and of its calls. */
export type Shown = Pick<
  Approval,
  | 'id'
  | 'mode'
  | 'kind'
  | 'goal_id'
  | 'title'
  | 'status'
  | 'amount_micros'
  | 'payee'
  | 'risk_score'
  | 'risk_level'
  | 'factors'
  | 'reversible'
  | 'story'
  | 'needed'
  | 'type_amount'
  | 'expires_at'
  | 'decided_at'
  | 'decided_by'
  | 'reason'
  | 'approved_micros'
>;
export type ShownCall = Pick<
  ToolCall,
  'id' | 'tool' | 'arguments' | 'amount_micros' | 'effect' | 'request_hash' | 'status' | 'receipt' | 'error'
>;

export function approvalCard(approval: Shown, calls: readonly ShownCall[], votes: readonly Votes[]): Card {
  const pending = approval.status === 'pending';
  return {
    title: `${pending ? 'Approve' : 'Request'} ${approval.id}: ${plainLine(approval.title, 120)}`,
    tone: TONES[approval.status],
    text: [outcomeWords(approval, votes), ...storyLines(approval), ...pageLines(calls), argumentLines(calls)]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: [
      {
        label: 'Amount',
        value:
          approval.approved_micros === null || approval.approved_micros === approval.amount_micros
            ? formatUsd(approval.amount_micros)
            : `${formatUsd(approval.approved_micros)} approved of ${formatUsd(approval.amount_micros)}`,
      },
      { label: 'Payee', value: approval.payee ?? 'nobody' },
      { label: 'Mode', value: approval.mode },
      { label: 'Reversible', value: approval.reversible ? 'yes' : 'no' },
      { label: 'Risk', value: `${approval.risk_level} (${approval.risk_score.toFixed(2)}): ${riskWords(approval)}` },
      { label: 'Goal', value: approval.goal_id === null ? 'none' : String(approval.goal_id) },
      ...decisionFields(approval, votes),
    ],
    ...(calls.length === 0 ? {} : { table: { columns: ['Call', 'What', 'Amount', 'State'], rows: calls.map(callRow) } }),
    ...(pending ? { buttons: decisionButtons(approval, calls) } : {}),
    ref: { kind: 'approval', id: approval.id },
  };
}

function callRow(call: ShownCall): string[] {
  const receipt = call.receipt === null ? '' : ` (receipt ${plainLine(call.receipt, 60)})`;
  const trouble = call.error === null ? '' : `: ${plainLine(call.error, 120)}`;
  return [
    String(call.id),
    plainLine(call.effect ?? call.tool, 300),
    formatUsd(call.amount_micros),
    `${CALL_WORDS[call.status]}${receipt}${trouble}`,
  ];
}

function riskWords(approval: Shown): string {
  const felt = approval.factors
    .filter((factor) => factor.contribution > 0)
    .map((factor) => `${factor.name} ${factor.contribution.toFixed(2)} (${factor.note})`);
  return felt.length === 0 ? 'no factor weighs' : felt.join('; ');
}

function outcomeWords(approval: Shown, votes: readonly Votes[]): string {
  if (approval.status === 'pending') {
    return votes.length === 0
      ? ''
      : `**${votes.length} of ${approval.needed} approvals**, by ${votes.map((vote) => vote.platform_id).join(', ')}. One more person is needed.`;
  }
  return `**${approval.status}**${approval.reason === null ? '' : `: ${escapeMarkdown(approval.reason, 500)}`}`;
}

function decisionFields(approval: Shown, votes: readonly Votes[]): NonNullable<Card['fields']> {
  if (approval.status === 'pending') return [{ label: 'Decide by', value: approval.expires_at.toISOString() }];
  const who = votes.length > 1 ? votes.map((vote) => vote.platform_id).join(' and ') : (approval.decided_by ?? 'nobody');
  return [
    { label: 'Decided by', value: plainLine(who) },
    { label: 'Decided', value: approval.decided_at?.toISOString() ?? 'unknown' },
  ];
}

function storyLines(approval: Shown): string[] {
  return approval.story.map(({ label, text }) => `**${label}:** ${escapeMarkdown(text, 800)}`);
}

function argumentLines(calls: readonly ShownCall[]): string {
  if (calls.length === 0) return '';
  const lines = calls.map(
    (call) => `- call ${call.id}, ${escapeMarkdown(call.tool, 100)}: ${escapeMarkdown(canonicalJson(call.arguments), 1_000_000)}`,
  );
  const all = lines.join('\n');
  const hash = calls.length === 1 ? `\nRequest hash ${calls[0]?.request_hash?.slice(0, 16) ?? ''}` : '';
  // Never shortened here: a platform whose messages are shorter attaches the whole as a file.
  return `**Exactly this will run:**\n${all}${hash}`;
}

function decisionButtons(approval: Shown, calls: readonly ShownCall[]): Button[] {
  const id = approval.id;
  const amount = approval.amount_micros > 0n;
  const less = amount && approval.needed === 1;
  return [
    {
      label: amount ? `Approve ${formatUsd(approval.amount_micros)}` : 'Approve',
      command: 'approve',
      args: approval.type_amount ? { id, amount: '' } : { id },
      style: 'primary',
    },
    { label: 'Deny…', command: 'deny', args: { id, reason: '' }, style: 'danger' },
    { label: 'Ask for changes…', command: 'change', args: { id, note: '' }, style: 'plain' },
    ...(less ? [{ label: 'Approve less…', command: 'approve', args: { id, amount: '' }, style: 'plain' as const }] : []),
    ...(calls.length > 1 ? [{ label: 'Approve only some…', command: 'approve', args: { id, only: '' }, style: 'plain' as const }] : []),
  ];
}
