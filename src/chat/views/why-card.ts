// Why something is as it is, in plain words with links: the rows that are decisions, the decision log, then the trail.
import { formatUsd } from '../../core/money.ts';
import type { FactorRow } from '../../db/tables/states.ts';
import type { Approval } from '../../domain/approvals/approval-store.ts';
import type { Decision } from '../../domain/decisions/decision-store.ts';
import type { Experiment, Step } from '../../domain/experiments/experiment-store.ts';
import type { Goal } from '../../domain/goals/goal-store.ts';
import type { Plan } from '../../domain/goals/plan-store.ts';
import type { Task } from '../../domain/tasks/task-store.ts';
import type { ToolCall, Turn } from '../../domain/tools/call-store.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { stateWords } from './experiment-card.ts';
import { taskWords } from './goal-card.ts';

const MOST_CALLS = 12;
const MOST_STEPS = 12;

export const stamp = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');
const because = (why: string | null): string => (why === null || why === '' ? '' : `, because: ${escapeMarkdown(why, 400)}`);

export function goalStory(goal: Goal, plans: readonly Plan[], tasks: readonly Task[]): string[] {
  return [
    `[Goal ${goal.id}](/goals/${goal.id}), given by ${escapeMarkdown(goal.given_by, 80)}, is ${goal.status.replace('_', ' ')}${because(goal.stop_reason ?? goal.question)}.`,
    ...plans.map(
      (plan) =>
        `Plan ${plan.revision} (${plan.tasks.length} tasks, by ${plainLine(plan.model, 80)}): ${plan.status}. ${escapeMarkdown(plan.summary, 300)}`,
    ),
    ...tasks.map((task) => `[Task ${task.id}](/tasks/${task.id}), ${task.kind}: ${escapeMarkdown(taskWords(task), 300)}.`),
  ];
}

export function taskStory(task: Task, turns: readonly Turn[], calls: readonly ToolCall[]): string[] {
  const models = [...new Set(turns.map((turn) => turn.model))].map((model) => plainLine(model, 80)).join(', ');
  const shown = calls.slice(-MOST_CALLS);
  return [
    `[Task ${task.id}](/tasks/${task.id}) of [goal ${task.goal_id}](/goals/${task.goal_id}), ${task.kind}, is ${escapeMarkdown(taskWords(task), 400)}.`,
    `It is there because: ${escapeMarkdown(task.why, 400)}`,
    `Agent ${plainLine(task.agent, 60)}, attempt ${task.attempt} of ${task.max_attempts}${models === '' ? '' : `, ${turns.length} answers of ${models}`}. Its own risk was put at ${task.risk_level} before it began.`,
    ...(task.followed_by === null ? [] : [`It was skipped; [task ${task.followed_by}](/tasks/${task.followed_by}) does it later.`]),
    ...(calls.length > shown.length ? [`${calls.length - shown.length} earlier calls are on its page.`] : []),
    ...shown.map(callLine),
  ];
}

export function approvalStory(approval: Approval, calls: readonly ToolCall[]): string[] {
  const of = approval.goal_id === null ? '' : ` for [goal ${approval.goal_id}](/goals/${approval.goal_id})`;
  const decided =
    approval.decided_at === null ? '' : ` by ${escapeMarkdown(approval.decided_by ?? '?', 80)} at ${stamp(approval.decided_at)}`;
  return [
    `[Request ${approval.id}](/approvals/${approval.id}), ${escapeMarkdown(approval.title, 200)}${of}, asked by ${escapeMarkdown(approval.asked_by, 80)}, is ${approval.status}${decided}${because(approval.reason)}.`,
    `The rule: ${approval.needed === 1 ? 'one approver' : `${approval.needed} approvers, none of them who gave the goal`}${approval.type_amount ? ', who types the amount' : ''}; ${approval.silence_approves_at === null ? 'silence never approves it' : `silence approves it at ${stamp(approval.silence_approves_at)}`}; it expires at ${stamp(approval.expires_at)}.`,
    ...(approval.factors.length === 0
      ? []
      : [`Risk ${approval.risk_level} (${approval.risk_score.toFixed(2)}): ${factorWords(approval.factors)}.`]),
    ...calls.map(callLine),
  ];
}

export function experimentStory(experiment: Experiment, steps: readonly Step[]): string[] {
  const { id, goal_id: goal, opportunity_id: opportunity, verdict, verdict_reason: reason } = experiment;
  const of = opportunity === null ? '' : `, of [opportunity ${opportunity}](/opportunities/${opportunity})`;
  return [
    `[Experiment ${id}](/experiments/${id}) of [goal ${goal}](/goals/${goal})${of}: ${stateWords(experiment)}${because(reason)}.`,
    ...steps
      .slice(-MOST_STEPS)
      .map(
        (step) =>
          `${step.day === null ? stamp(step.at) : `Day ${step.day}`}: ${step.to_state}, by ${escapeMarkdown(step.by_whom, 80)}${because(step.reason)}.`,
      ),
    ...(verdict === null ? ['No verdict has been given yet.'] : []),
  ];
}

/** What one call was, how risky, and what became of it. */
function callLine(call: ToolCall): string {
  const amount = call.amount_micros === 0n ? '' : ` for ${formatUsd(call.amount_micros)}`;
  const asked =
    call.approval_id !== null
      ? ` It asked: [request ${call.approval_id}](/approvals/${call.approval_id}).`
      : call.grant_id !== null
        ? ` Grant ${call.grant_id} covered it.`
        : '';
  const factors = call.factors.length === 0 ? '' : `; risk ${call.risk_level}: ${factorWords(call.factors)}`;
  return `Call ${call.id}, ${plainLine(call.tool, 60)}${amount}: ${call.status.replace('_', ' ')}${because(call.error)}${factors}.${asked}`;
}

/** The factors that added something, heaviest first. */
function factorWords(factors: readonly FactorRow[]): string {
  const felt = factors.filter((factor) => factor.contribution > 0).toSorted((a, b) => b.contribution - a.contribution);
  if (felt.length === 0) return 'nothing speaks against it';
  return felt.map((factor) => `${factor.name} +${factor.contribution.toFixed(2)} (${escapeMarkdown(factor.note, 120)})`).join(', ');
}

const HAS_PAGE: ReadonlySet<string> = new Set(['goal', 'task', 'approval', 'experiment', 'opportunity']);

/** `2026-11-23 04:00:00 **feasibility** of goal 3 by planner: proceed (82 % sure), rather than ask. Reason.` */
export function decisionLine(decision: Decision): string {
  const { kind, subject_kind: subject, subject_id: id, confidence, alternatives, lessons } = decision;
  const name = `${plainLine(subject, 40)} ${id}`;
  const of = HAS_PAGE.has(subject) ? `[${name}](/${subject === 'opportunity' ? 'opportunities' : `${subject}s`}/${id})` : name;
  const sure = confidence === null ? '' : ` (${Math.round(confidence * 100)} % sure)`;
  const rather = alternatives.map(
    ({ choice, why }) => `${escapeMarkdown(choice, 80)}${why === undefined ? '' : ` (${escapeMarkdown(why, 160)})`}`,
  );
  const learned = lessons.length === 0 ? '' : ` Lessons used: ${lessons.map((lesson) => `#${lesson}`).join(', ')}.`;
  return `${stamp(decision.at)} **${kind}** of ${of} by ${escapeMarkdown(decision.actor, 80)}: ${escapeMarkdown(decision.choice, 200)}${sure}${
    rather.length === 0 ? '' : `, rather than ${rather.join('; ')}`
  }. ${escapeMarkdown(decision.reason, 600)}${learned}`;
}

/** `2026-11-23 04:00:00 **task.done** by agent operator: …` */
export function trailLine(entry: { at: Date; actor: string; action: string; detail: unknown }): string {
  return `${stamp(entry.at)} **${plainLine(entry.action)}** by ${escapeMarkdown(entry.actor, 80)}${detailWords(entry.detail)}`;
}

function detailWords(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const parts = Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return parts.length === 0 ? '' : `: ${escapeMarkdown(parts.join(', '), 400)}`;
}
