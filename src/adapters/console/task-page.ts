// One task: status, why, every call, evidence, cost, and what the model said.
import { formatUsd } from '../../core/money.ts';
import { renderCall } from './call-view.ts';
import { renderStatus } from './goal-pages.ts';
import { type Frame, renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';
import type { CallRow, findTaskRow, listNeededTasks, listTaskEvidence, listTaskTurns } from './task-page-store.ts';

export const CALLS_PAGE = 50;
const PRIORITY = ['critical', 'high', 'medium', 'low'];

export interface TaskParts {
  task: NonNullable<Awaited<ReturnType<typeof findTaskRow>>>;
  needs: Awaited<ReturnType<typeof listNeededTasks>>;
  calls: CallRow[];
  evidence: Awaited<ReturnType<typeof listTaskEvidence>>;
  turns: Awaited<ReturnType<typeof listTaskTurns>>;
}

export function renderTask(frame: Frame, parts: TaskParts): Html {
  const { task, calls, turns } = parts;
  const last = calls.at(-1);
  return html`<p class="crumbs"><a href="/goals">Goals</a> / <a href="/goals/${task.goal_id}">#${task.goal_id} ${task.goal_title}</a></p>
    <h1>${task.title}</h1>
    <p class="meta">${renderStatus(task.status)} task #${task.id} · ${task.kind} · ${PRIORITY[task.priority]} · risk ${task.risk_level} · attempt ${task.attempt} of ${task.max_attempts} · ${task.mode}</p>
    <p>${task.why}</p>
    ${(task.error ?? task.stop_reason) !== null && html`<p class="problem">${task.error ?? task.stop_reason}</p>`}
    ${task.summary !== null && html`<p class="summary">${task.summary}</p>`}
    ${renderFacts(frame, parts)}
    ${renderEvidence(frame, parts)}
    <h2>Tool calls</h2>
    ${calls.length === 0 && html`<p class="empty">None yet.</p>`}
    <div class="calls">${calls.map((call) => renderCall(call, frame, calls.length <= 3))}</div>
    ${calls.length === CALLS_PAGE && last !== undefined && html`<p class="older"><a href="/tasks/${task.id}?after=${last.id}">More calls</a></p>`}
    <details class="turns"><summary>What the model said: ${turns.length} ${turns.length === 1 ? 'turn' : 'turns'}, never evidence</summary>${turns.map(
      (turn) => html`<div class="turn">
      <p class="meta">attempt ${turn.attempt}, turn ${turn.seq} · ${turn.model} · ${turn.input_tokens ?? '?'} in, ${turn.output_tokens ?? '?'} out${turn.stop_reason !== null && ` · ${turn.stop_reason}`} · ${renderTime(turn.created_at, frame.timezone)}</p>
      <pre class="wrap">${turn.text}</pre></div>`,
    )}</details>`;
}

function renderFacts(frame: Frame, { task, needs }: TaskParts): Html {
  return html`<dl class="fields wide">
    <div><dt>Expected evidence</dt><dd>${task.expected_evidence}</dd></div>
    <div><dt>Model and tools cost</dt><dd>${formatUsd(task.cost_micros ?? 0n)} <span class="meta">expected ${formatUsd(task.expected_cost_micros)}</span></dd></div>
    ${(task.spend_micros ?? 0n) !== 0n && html`<div><dt>Spent on offers</dt><dd>${formatUsd(task.spend_micros ?? 0n)}</dd></div>`}
    ${task.wait_for !== null && html`<div><dt>Waiting for</dt><dd>${task.wait_for.replaceAll('_', ' ')}${task.wait_market_day !== null && ` ${task.wait_market_day}`}${task.wait_deadline !== null && html`, at the latest ${renderTime(task.wait_deadline, frame.timezone)}`}</dd></div>`}
    ${needs.length > 0 && html`<div><dt>Needs</dt><dd>${needs.map((need) => html`<a href="/tasks/${need.id}">${need.title}</a> ${renderStatus(need.status)} `)}</dd></div>`}
    ${task.started_at !== null && html`<div><dt>Started</dt><dd>${renderTime(task.started_at, frame.timezone)}</dd></div>`}
    ${task.ended_at !== null && html`<div><dt>Ended</dt><dd>${renderTime(task.ended_at, frame.timezone)}</dd></div>`}
  </dl>`;
}

function renderEvidence(frame: Frame, { evidence }: TaskParts): Html {
  return html`<h2>Evidence</h2>${
    evidence.length === 0
      ? html`<p class="empty">None yet. A task is done only when rows like these exist.</p>`
      : html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Kind</th><th scope="col">Source</th><th scope="col">Call</th><th scope="col">SHA-256</th><th scope="col">When</th></tr></thead>
      <tbody>${evidence.map((row) => html`<tr><td>${row.kind.replaceAll('_', ' ')}</td><td>${renderSource(row.source)}</td><td><a href="#call-${row.tool_call_id}">#${row.tool_call_id}</a></td><td class="hash" title="${row.sha256}">${row.sha256}</td><td>${renderTime(row.created_at, frame.timezone)}</td></tr>`)}</tbody></table></div>`
  }`;
}

/** `document:7` leads to its page; anything else is text. */
function renderSource(source: string): Html {
  const id = /^document[:/#](\d{1,12})\b/.exec(source)?.[1];
  return id === undefined ? html`${source}` : html`<a href="/documents/${id}">${source}</a>`;
}
