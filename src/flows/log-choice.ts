// What is written into the decision log of the choices that code makes on the way: by which rule people are asked, which way words and tasks go,
// which plan is taken, how an experiment ended.
import { formatUsd, type Micros } from '../core/money.ts';
import type { Verdict } from '../db/tables/states.ts';
import type { NewApproval } from '../domain/approvals/approval-store.ts';
import type { ApproverRule } from '../domain/approvals/approver-rule.ts';
import { MODES, modeOfKind } from '../domain/brain/modes.ts';
import type { NewDecision } from '../domain/decisions/decision-store.ts';
import type { Experiment } from '../domain/experiments/experiment-store.ts';
import type { Goal } from '../domain/goals/goal-store.ts';
import type { Task } from '../domain/tasks/task-store.ts';
import type { Deps } from './deps.ts';

type About<Subject> = Omit<NewDecision, 'subjectId'> & { subjectId: Subject };

const ruleWords = ({ needed, typeAmount }: ApproverRule): string =>
  `${needed === 1 ? 'one approver' : 'two approvers'}${typeAmount ? ', the amount typed' : ''}`;

/** By which rule a request is decided: how many must say yes, whether they type the amount, whether silence counts. */
export function ruleChoice({ config }: Pick<Deps, 'config'>, request: NewApproval): About<'fact'> {
  const { mode, amountMicros, needed, typeAmount, silenceMs, riskLevel, reversible, outward } = request;
  const { twoPersonAboveMicros, typeAmountAboveMicros } = config.approvals;
  const silent = silenceMs === null ? 'silence never approves' : `silence approves after ${Math.round(silenceMs / 60_000)} minutes`;
  return {
    ...{ mode, kind: 'rule', subjectKind: 'approval', subjectId: 'fact', goalId: request.goalId, actor: 'policy' },
    choice: `${ruleWords({ needed: needed === 2 ? 2 : 1, typeAmount })}; ${silent}`,
    alternatives: [
      {
        choice: ruleWords({ needed: needed === 2 ? 1 : 2, typeAmount }),
        why: boundWords('two people', amountMicros, twoPersonAboveMicros, mode),
      },
      ...(silenceMs === null ? [{ choice: 'silence approves', why: silenceWords(request) }] : [{ choice: 'silence never approves' }]),
    ],
    inputs: { amountMicros, twoPersonAboveMicros, typeAmountAboveMicros, riskLevel, reversible, outward, kind: request.kind },
    confidence: null,
    reason: `Risk ${riskLevel}, ${formatUsd(amountMicros)}, ${reversible ? 'reversible' : 'not reversible'}. ${boundWords('Two people', amountMicros, twoPersonAboveMicros, mode)}.`,
  };
}

const boundWords = (who: string, amount: Micros, above: Micros, mode: string): string =>
  mode === 'practice'
    ? `${who} are never needed for practice money`
    : `${who} are needed above ${formatUsd(above)}; this is ${amount > above ? 'more' : 'not more'}`;

const silenceWords = ({ amountMicros, riskLevel, reversible }: NewApproval): string =>
  amountMicros > 0n
    ? 'it commits money'
    : !reversible || riskLevel !== 'low'
      ? 'only what is low and reversible may'
      : 'it is switched off or reaches others';

/** Which mode of models and which agent does each task of a plan. */
export function routeChoices(tasks: readonly Task[]): (NewDecision & { subjectId: number })[] {
  return tasks.map((task) => {
    const mode = modeOfKind(task.kind);
    return {
      ...{ mode: task.mode, kind: 'route', subjectKind: 'task', subjectId: task.id, goalId: task.goal_id, actor: 'policy' },
      choice: `mode ${mode}, agent ${task.agent}`,
      alternatives: MODES.filter((one) => one !== mode && ['research', 'execute', 'code'].includes(one)).map((one) => ({
        choice: `mode ${one}`,
      })),
      inputs: { taskKind: task.kind, dependent: task.status === 'blocked' },
      confidence: null,
      reason: `Tasks of kind ${task.kind} are work of mode ${mode}: its models in their order, within its limits.`,
    };
  });
}

/** What words that name no command were taken for. */
export const wordsChoice = (deps: Deps, goal: Goal): NewDecision & { subjectId: number } => ({
  ...{ mode: deps.mode, kind: 'route', subjectKind: 'goal', subjectId: goal.id, goalId: goal.id, actor: 'policy' },
  choice: 'a draft of a goal',
  alternatives: [
    { choice: 'a question', why: 'they neither end with a question mark nor begin like one' },
    { choice: 'something to remember, recall or forget', why: 'they do not begin like that' },
  ],
  inputs: { characters: goal.request.length, metric: goal.metric, means: goal.means, budgetMicros: goal.budget_micros },
  confidence: null,
  reason: 'Words that name no command and ask nothing are a goal to be started, changed or taken back.',
});

/** Which plan was taken, and what it was judged by. */
export const planChoice = (
  goal: Goal,
  plan: { revision: number; tasks: readonly { key: string }[] },
  on: { model: string; confidence: number },
) => ({
  ...{ mode: goal.mode, kind: 'plan' as const, subjectKind: 'goal', subjectId: goal.id, goalId: goal.id, actor: 'planner' },
  choice: `plan ${plan.revision}`,
  alternatives: [{ choice: 'ask one question' }, { choice: 'say that it cannot be done' }],
  inputs: { model: on.model, tasks: plan.tasks.map(({ key }) => key), leftTo: goal.may_start_alone ? 'the agent' : 'an approver' },
  confidence: on.confidence,
  reason: goal.may_start_alone
    ? 'Its giver is an approver, so it begins at once; every act in it is judged by itself.'
    : 'Its giver is no approver, so an approver decides on it.',
});

const VERDICTS: readonly Verdict[] = ['scale', 'keep', 'kill', 'inconclusive'];

/** How an experiment ended, and the figures it was judged by. */
export const verdictChoice = (experiment: Experiment, reason: string) => {
  const detail = (experiment.verdict_detail ?? {}) as { profitable?: number };
  return {
    ...{
      mode: experiment.mode,
      kind: 'verdict' as const,
      subjectKind: 'experiment',
      subjectId: experiment.id,
      goalId: experiment.goal_id,
      actor: 'policy',
    },
    choice: experiment.verdict ?? 'none',
    alternatives: VERDICTS.filter((one) => one !== experiment.verdict).map((choice) => ({ choice })),
    inputs: { ...detail },
    confidence: typeof detail.profitable === 'number' ? sureOf(experiment.verdict, detail.profitable) : null,
    reason: `${reason} ${experiment.verdict_reason ?? ''}`.trim(),
  };
};

/** How probable it is that the verdict's side of break-even is the right one. */
const sureOf = (verdict: Verdict | null, profitable: number): number | null =>
  verdict === 'kill' ? 1 - profitable : verdict === 'inconclusive' || verdict === null ? null : profitable;
