// budget: caps and budgets with what is used and left; an owner sets budgets, lowers caps and restores them up to their ceiling.
import { z } from 'zod';
import type { Card } from '../src/chat/card.ts';
import { type Caller, defineCommand } from '../src/chat/command.ts';
import { amountField, idField } from '../src/chat/fields.ts';
import { budgetCard } from '../src/chat/views/budget-card.ts';
import { InvalidInput, NotFound } from '../src/core/errors.ts';
import { findExperiment } from '../src/domain/experiments/experiment-store.ts';
import { findGoal } from '../src/domain/goals/goal-store.ts';
import type { BudgetKey } from '../src/domain/money/budget.ts';
import { listAgents } from '../src/domain/money/budget-store.ts';
import type { Mode } from '../src/domain/tools/tool.ts';
import { changeBudget } from '../src/flows/change-budget.ts';
import type { Deps } from '../src/flows/deps.ts';
import { readBudgets } from '../src/flows/read-budgets.ts';

const name = (what: string) => z.string().trim().min(1).max(200).describe(what).optional();

export const budget = defineCommand({
  name: 'budget',
  summary: 'caps and budgets: limit, used, left; set one',
  role: (input) => (input.limit === undefined && input.remove === undefined && input.standing === undefined ? 'viewer' : 'owner'),
  input: z.object({
    cap: z.enum(['hour', 'day', 'month', 'market_day', 'calendar_month']).describe('which cap to set').optional(),
    goal: idField('a goal: all it may cost').optional(),
    experiment: idField('an experiment: all it may cost').optional(),
    agent: name('an agent: what it may cost in a calendar month'),
    tool: name('a tool: what it may cost in a calendar month'),
    model: name('a model: what it may cost in a calendar month'),
    standing: amountField('what experiments may spend in a week without a goal; 0 = nothing is tried unasked').optional(),
    limit: amountField('the new limit; of a cap at most its ceiling').optional(),
    remove: z.boolean().describe('true: take this budget away').optional(),
    mode: z.enum(['practice', 'live']).describe('practice or live money').optional(),
  }),
  examples: [
    'budget',
    'budget cap:day limit:20',
    'budget agent:generalist limit:30',
    'budget goal:3 limit:50 mode:live',
    'budget experiment:7 limit:20',
    'budget standing 100',
  ],
  reads: { fields: [], outside: false },
  run: async ({ input, caller, deps }) => {
    const { limit, remove, standing } = input;
    if (standing !== undefined) return setStanding(deps, standing, input, caller);
    if (limit === undefined && remove !== true) return budgetCard(await readBudgets(deps, deps.db));
    if (limit !== undefined && remove === true)
      throw new InvalidInput('Either a limit or remove, not both.', { remove: 'contradicts limit' });
    const key = await readKey(deps, input);
    if (limit === undefined && key.scope !== 'calendar_month' && key.name === '')
      throw new InvalidInput('A cap cannot be removed; restore it up to its ceiling.', { remove: 'is not for caps' });
    const asked = await changeBudget(deps, { ...key, limitMicros: limit ?? null }, caller);
    return asked ?? budgetCard(await readBudgets(deps, deps.db));
  },
});

/** For the money of this mode. @throws InvalidInput beside anything else: one line sets one thing. */
async function setStanding(deps: Deps, limitMicros: bigint, input: object, caller: Caller): Promise<Card> {
  const others = Object.entries(input).filter(([name, value]) => name !== 'standing' && value !== undefined);
  if (others.length > 0)
    throw new InvalidInput('The standing budget is set by itself, like: budget standing 100', { standing: 'goes with nothing else' });
  const asked = await changeBudget(deps, { mode: deps.mode, scope: 'standing', name: '', limitMicros }, caller);
  return asked ?? budgetCard(await readBudgets(deps, deps.db));
}

interface Chosen {
  cap?: 'hour' | 'day' | 'month' | 'market_day' | 'calendar_month' | undefined;
  goal?: number | undefined;
  experiment?: number | undefined;
  agent?: string | undefined;
  tool?: string | undefined;
  model?: string | undefined;
  mode?: Mode | undefined;
}

/** @throws InvalidInput unless exactly one thing is named, and it is one we know: a limit on a misspelt name would stop nothing. */
async function readKey(deps: Deps, { mode: given, ...chosen }: Chosen): Promise<BudgetKey> {
  const [one, ...more] = Object.entries(chosen).filter(([key, value]) => value !== undefined && key in KNOWN);
  if (one === undefined || more.length > 0)
    throw new InvalidInput('Name one: a cap, a goal, an experiment, an agent, a tool or a model, like budget cap:day limit:20', {
      cap: 'is missing',
    });
  const [kind, value] = one as [keyof typeof KNOWN, string | number];
  const mode = given ?? (kind === 'model' ? 'live' : deps.mode);
  if (mode === 'practice' && deps.mode === 'live') throw new InvalidInput('There is no practice money here.', { mode: 'is not in use' });
  if (kind === 'cap') return capKey(chosen.cap ?? 'day', mode);
  if (kind === 'goal') {
    if ((await findGoal(deps.db, Number(value)))?.mode !== deps.mode) throw new NotFound(`There is no goal ${value}.`);
    return { mode, scope: 'goal_budget', name: String(value) };
  }
  if (kind === 'experiment') {
    if ((await findExperiment(deps.db, deps.mode, Number(value))) === undefined) throw new NotFound(`There is no experiment ${value}.`);
    return { mode, scope: kind, name: String(value) };
  }
  const known = await KNOWN[kind](deps);
  if (!known.includes(String(value)))
    throw new InvalidInput(`There is no ${kind} "${value}". There are: ${known.join(', ')}.`, { [kind]: 'is unknown' });
  return { mode, scope: kind, name: String(value) };
}

/** Caps belong to one kind of money each. */
const capKey = (cap: NonNullable<Chosen['cap']>, mode: Mode): BudgetKey => ({
  mode: cap === 'calendar_month' ? mode : cap === 'market_day' ? 'practice' : 'live',
  scope: cap,
  name: '',
});

const KNOWN = {
  cap: () => [],
  goal: () => [],
  experiment: () => [],
  agent: async (deps: Deps) => [...new Set(['planner', 'generalist', ...(await listAgents(deps.db))])],
  tool: (deps: Deps) => [...deps.tools.keys()],
  model: (deps: Deps) => [...new Set([...deps.model.offers('plan'), ...deps.model.offers('execute')].map((offer) => offer.model))],
} satisfies Record<string, (deps: Deps) => string[] | Promise<string[]>>;
