// What waits for a person and what was decided; one approval with everything it would do, in full.
import { formatUsd } from '../../core/money.ts';
import type { Approval } from '../../domain/approvals/approval-store.ts';
import type { PostedMessage } from '../http/message-store.ts';
import type { listApprovalRows, listVoteRows } from './approval-page-store.ts';
import { renderCall, renderFactors } from './call-view.ts';
import { renderEntry } from './card-view.ts';
import { placeOf } from './feed-page.ts';
import { renderStatus } from './goal-pages.ts';
import { type Frame, nextPage, renderOlder, renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';
import type { CallRow } from './task-page-store.ts';

export const APPROVALS_PAGE = 50;

export function renderApprovals(frame: Frame, approvals: Awaited<ReturnType<typeof listApprovalRows>>, pending: boolean): Html {
  return html`<h1>Approvals</h1>
    <nav class="tabs" aria-label="Which approvals"><a href="/approvals"${pending && html` aria-current="page"`}>waiting</a><a href="/approvals?decided=1"${!pending && html` aria-current="page"`}>decided</a></nav>
    ${approvals.length === 0 && html`<p class="empty">${pending ? 'Nothing waits for you.' : 'Nothing was decided yet.'}</p>`}
    <ul class="rows">${approvals.map(
      (
        approval,
      ) => html`<li><a class="row" href="/approvals/${approval.id}"><span class="id">#${approval.id}</span><span class="what">${approval.title}</span>${renderStatus(approval.status)}
      <span class="meta">${approval.kind === 'plan' ? 'plan' : formatUsd(approval.amount_micros)}${approval.payee !== null && html` to ${approval.payee}`} · ${approval.mode} · risk <strong class="risk ${approval.risk_level}">${approval.risk_level}</strong>${approval.goal_id !== null && ` · goal #${approval.goal_id}`}
      · ${approval.decided_at === null ? html`expires ${renderTime(approval.expires_at, frame.timezone)}` : html`${approval.decided_by} ${renderTime(approval.decided_at, frame.timezone)}`}</span></a></li>`,
    )}</ul>
    ${renderOlder('/approvals', { decided: pending ? null : 1 }, nextPage(approvals, APPROVALS_PAGE))}`;
}

export interface ApprovalParts {
  approval: Approval;
  calls: CallRow[];
  votes: Awaited<ReturnType<typeof listVoteRows>>;
  /** The card that asked, with its buttons. */
  message: PostedMessage | null;
  /** The plan in full, when a plan is asked for. */
  planText: string | null;
}

export function renderApproval(frame: Frame, parts: ApprovalParts): Html {
  const { approval, calls, message } = parts;
  const tooLong = calls.some((call) => call.arguments_length > call.arguments_text.length);
  return html`<p class="crumbs"><a href="/approvals">Approvals</a>${approval.goal_id !== null && html` / <a href="/goals/${approval.goal_id}">goal #${approval.goal_id}</a>`}</p>
    <h1>#${approval.id} ${approval.title}</h1>
    <p class="meta">${renderStatus(approval.status)} ${approval.kind} · ${approval.mode} · asked by ${approval.asked_by} ${renderTime(approval.created_at, frame.timezone)}${approval.status === 'pending' && html` · expires ${renderTime(approval.expires_at, frame.timezone)}`}</p>
    ${message !== null && html`<ol class="entries" id="feed" data-insert="none">${renderEntry(message.card, placeOf(message, frame, false))}</ol>`}
    ${tooLong && approval.status === 'pending' && html`<p class="problem">Some arguments are too long for this page. Read them in full by their link before you decide.</p>`}
    <h2>What would run</h2>
    ${calls.length === 0 && html`<p class="muted">${approval.kind === 'plan' ? 'A plan: nothing runs by approving it but the work it lists; each act in it asks again.' : approval.kind === 'act' ? 'No call is attached.' : 'Nothing runs: what is asked for is written below, and is booked or set as it stands.'}</p>`}
    <div class="calls">${calls.map((call) => renderCall(call, frame, true))}</div>
    ${parts.planText !== null && html`<pre tabindex="0">${parts.planText}</pre>`}
    <h2>Why it asks</h2>
    ${renderFactors(approval.factors, approval.risk_score, approval.risk_level)}
    <dl class="fields wide">
      ${approval.story.map(({ label, text }) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`)}
      <div><dt>Amount</dt><dd>${formatUsd(approval.amount_micros)}${approval.payee !== null && html` to ${approval.payee}`}</dd></div>
      <div><dt>Reversible</dt><dd>${approval.reversible ? 'yes' : 'no'}</dd></div><div><dt>Reaches others</dt><dd>${approval.outward ? 'yes' : 'no'}</dd></div>
      <div><dt>Approvers needed</dt><dd>${approval.needed}</dd></div>
      ${approval.silence_approves_at !== null && html`<div><dt>Silence approves</dt><dd>${renderTime(approval.silence_approves_at, frame.timezone)}</dd></div>`}
      <div><dt>Request SHA-256</dt><dd class="hash">${approval.request_hash}</dd></div>
    </dl>
    ${renderDecision(frame, parts)}`;
}

function renderDecision(frame: Frame, { approval, votes }: ApprovalParts): Html {
  return html`${approval.decided_at !== null && html`<h2>Decision</h2><p>${renderStatus(approval.status)} by ${approval.decided_by} ${renderTime(approval.decided_at, frame.timezone)}${approval.approved_micros !== null && ` for ${formatUsd(approval.approved_micros)}`}${approval.reason !== null && html`: ${approval.reason}`}</p>`}
    ${votes.length > 0 && html`<h2>Votes</h2><ul>${votes.map((vote) => html`<li>${vote.platform_id} <span class="meta">on ${vote.surface} ${renderTime(vote.created_at, frame.timezone)}</span></li>`)}</ul>`}`;
}
