// The list of goals, and one goal: its thread, plan, tasks, deliverables and money.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { Goal } from '../../domain/goals/goal-store.ts';
import type { ProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { profitOf } from '../../domain/money/profit.ts';
import type { PostedMessage } from '../http/message-store.ts';
import { renderMessage } from './feed-page.ts';
import type { findNewestPlan, listDocumentRows, listGoalRows, listLaunchRows, listTaskRows } from './goal-page-store.ts';
import { type Frame, nextPage, renderCommandBox, renderOlder, renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';

export const GOALS_PAGE = 50;
type Rows<List extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<List>>;

/** A status as a small coloured word. */
export function renderStatus(status: string): Html {
  return html`<span class="status ${status.replaceAll('_', '-')}">${status.replaceAll('_', ' ')}</span>`;
}

export function renderGoals(frame: Frame, goals: Rows<typeof listGoalRows>, open: boolean): Html {
  return html`<h1>Goals</h1>
    <nav class="tabs" aria-label="Which goals"><a href="/goals"${!open && html` aria-current="page"`}>all</a><a href="/goals?open=1"${open && html` aria-current="page"`}>open</a></nav>
    ${goals.length === 0 && html`<p class="empty">No goals${open && ' open'}. <a href="/">Give one</a>.</p>`}
    <ul class="rows">${goals.map(
      (goal) => html`<li><a class="row" href="/goals/${goal.id}">
      <span class="id">#${goal.id}</span><span class="what">${goal.title}</span>${renderStatus(goal.status)}
      <span class="meta">${(goal.tasks ?? 0) ? `${goal.tasks_done} of ${goal.tasks} tasks` : 'no tasks yet'} · budget ${formatUsd(goal.budget_micros)} ${goal.mode}${(goal.waiting ?? 0) > 0 && html` · <strong>${goal.waiting} waiting for a person</strong>`} · ${renderTime(goal.ended_at ?? goal.created_at, frame.timezone)}</span></a></li>`,
    )}</ul>
    ${renderOlder('/goals', { open: open ? 1 : null }, nextPage(goals, GOALS_PAGE))}`;
}

export interface GoalParts {
  goal: Goal;
  plan: Rows<typeof findNewestPlan>;
  tasks: Rows<typeof listTaskRows>;
  documents: Rows<typeof listDocumentRows>;
  launches: Rows<typeof listLaunchRows>;
  money: ProfitAndLoss;
  /** Real dollars paid to a model provider for a practice goal. */
  liveModelMicros: Micros;
  /** Oldest first. */
  thread: PostedMessage[];
  olderThan: number | null;
}

export function renderGoal(frame: Frame, parts: GoalParts): Html {
  const { goal } = parts;
  return html`<p class="crumbs"><a href="/goals">Goals</a></p>
    <h1>#${goal.id} ${goal.title}</h1>
    <p class="meta">${renderStatus(goal.status)} ${goal.mode} · budget ${formatUsd(goal.budget_micros)}${goal.target_micros !== null && ` · target ${formatUsd(goal.target_micros)} ${goal.metric ?? ''}`}
      · given by ${goal.given_by} ${renderTime(goal.created_at, frame.timezone)}${goal.deadline !== null && html` · due ${renderTime(goal.deadline, frame.timezone)}`}${goal.stop_reason !== null && html` · ${goal.stop_reason}`}</p>
    <div class="columns"><section aria-label="Thread">
      ${parts.olderThan !== null && html`<p class="older"><a href="/goals/${goal.id}?before=${parts.olderThan}">Earlier cards</a></p>`}
      <ol id="feed" class="entries" data-goal="${goal.id}" data-insert="last">${parts.thread.map((message) => renderMessage(message, frame, true))}</ol>
      ${parts.thread.length === 0 && html`<p class="empty">Nothing posted yet.</p>`}
      ${renderCommandBox(frame, goal.id)}
    </section><aside>
      ${renderMoney(parts)}
      ${renderPlan(parts)}
      ${renderTasks(parts.tasks)}
      ${renderDeliverables(parts)}
      <details><summary>As it was asked</summary><pre class="wrap">${goal.request}</pre></details>
    </aside></div>`;
}

function renderMoney({ money, liveModelMicros, goal }: GoalParts): Html {
  const profit = profitOf(money);
  const lines: [string, Micros][] = [
    ['Revenue', money.revenueMicros],
    ['Refunds', -money.refundsMicros],
    ...(money.disputesMicros === 0n ? [] : [['Disputes', -money.disputesMicros] as [string, Micros]]),
    ['Fees', -money.feesMicros],
    ['Offer spend', -money.offerSpendMicros],
    ['Model', -money.modelCostMicros],
    ['Tools', -money.toolCostMicros],
    ['Outside', -money.expenseMicros],
  ];
  return html`<section class="panel"><h2>Money</h2><table class="sums"><tbody>
    ${lines.filter(([label, amount]) => amount !== 0n || label === 'Revenue').map(([label, amount]) => html`<tr><th scope="row">${label}</th><td class="num">${formatUsd(amount)}</td></tr>`)}</tbody>
    <tfoot><tr><th scope="row">${profit < 0n ? 'Loss' : 'Profit'} so far</th><td class="num ${profit < 0n ? 'minus' : profit > 0n && 'plus'}">${formatUsd(profit)}</td></tr></tfoot></table>
    <p class="meta">Spent ${formatUsd(money.offerSpendMicros + money.toolCostMicros)} of ${formatUsd(goal.budget_micros)}${liveModelMicros > 0n && ` · ${formatUsd(liveModelMicros)} of real money for the model`}${money.assumed > 0 && ` · ${money.assumed} entries at an assumed price`}</p></section>`;
}

function renderPlan({ plan, goal }: GoalParts): Html {
  if (plan === undefined) return html`<section class="panel"><h2>Plan</h2><p class="muted">None yet.</p></section>`;
  return html`<section class="panel"><h2>Plan <span class="meta">revision ${plan.revision} · ${plan.status}</span></h2><p>${plan.summary}</p>
    <p class="meta">Success: ${plan.success_measure} · drafted by ${plan.model} · <a href="/ledger?goal=${goal.id}">ledger</a></p></section>`;
}

function renderTasks(tasks: GoalParts['tasks']): Html {
  if (tasks.length === 0) return html`<section class="panel"><h2>Tasks</h2><p class="muted">None yet.</p></section>`;
  return html`<section class="panel"><h2>Tasks</h2><ol class="tasks">${tasks.map(
    (task) => html`<li><a href="/tasks/${task.id}">${task.title}</a> ${renderStatus(task.status)}
    <span class="meta">${task.kind} · risk ${task.risk_level}${(task.error ?? task.stop_reason) !== null && html` · ${task.error ?? task.stop_reason}`}</span></li>`,
  )}</ol></section>`;
}

function renderDeliverables({ documents, launches }: GoalParts): Html {
  return html`${documents.length > 0 && html`<section class="panel"><h2>Deliverables</h2><ul>${documents.map((document) => html`<li><a href="/documents/${document.id}">${document.title}</a> <span class="meta">version ${document.versions}</span></li>`)}</ul></section>`}
    ${launches.length > 0 && html`<section class="panel"><h2>Launches</h2><ul>${launches.map((launch) => html`<li><a href="/calls/${launch.tool_call_id}">${launch.name}</a> ${renderStatus(launch.status)} <span class="meta">${formatUsd(launch.budget_micros)} over ${launch.days} days from day ${launch.started_day} · ${launch.external_id}</span></li>`)}</ul></section>`}`;
}
