// What the tools of experiments share: a yes to spend later moves no money itself, and is kept as a grant of exactly that experiment.
import { InvalidInput } from '../../core/errors.ts';
import type { Micros } from '../../core/money.ts';
import type { Database, Trx } from '../../db/database.ts';
import { addGrant } from '../../domain/approvals/grant-store.ts';
import type { Contract } from '../../domain/experiments/contract.ts';
import { type Experiment, findExperiment } from '../../domain/experiments/experiment-store.ts';
import type { Reconciliation, Tool, ToolContext } from '../../domain/tools/tool.ts';
import { PAYEE } from './market-common.ts';

/** No grant lives longer. */
const LONGEST_HOURS = 720;

export const experimentTool = {
  version: '1',
  act: 'launch',
  touches: 'own_data',
  reversible: true,
  reach: 'nobody',
  credentials: false,
  production: false,
  modes: ['practice'],
  taints: false,
  repeatable: true,
  commits: true,
  rate: { perMinute: 30, perHour: 300 },
  reconcile: async (): Promise<Reconciliation> => ({ kind: 'never_happened' }),
} as const;

/** The goal's own experiment in this state. @throws InvalidInput otherwise */
export async function requireExperiment(
  db: Database,
  id: number,
  state: Experiment['state'],
  context: Pick<ToolContext, 'mode' | 'goalId'>,
): Promise<Experiment> {
  const experiment = await findExperiment(db, context.mode, id);
  if (experiment === undefined || experiment.goal_id !== context.goalId) throw new InvalidInput(`This goal has no experiment ${id}.`);
  if (experiment.state !== state) throw new InvalidInput(`Experiment ${id} is ${experiment.state}, not ${state}.`);
  return experiment;
}

/** One permission for each offer of its variants; together they never allow more than the maximum loss. */
export async function permit(
  trx: Trx,
  given: { experiment: Experiment; contract: Contract; allowed: Micros; by: string; spends: Tool },
): Promise<void> {
  const { experiment, contract } = given;
  const offers = [...new Set(contract.variants.flatMap(({ offerId }) => offerId ?? []))];
  for (const offerId of offers) {
    const part = given.allowed / BigInt(offers.length);
    await addGrant(trx, {
      mode: experiment.mode,
      tool: given.spends,
      payee: PAYEE,
      eachMicros: part,
      totalMicros: part,
      uses: Math.min(1000, contract.days * 2),
      hours: Math.min(LONGEST_HOURS, (contract.days + 2) * 24),
      createdBy: given.by,
      scope: { experimentId: experiment.id, goalId: experiment.goal_id, arguments: { offerId } },
    });
  }
}
