// Starting an experiment: the one yes to its whole contract. Nothing leaves with it; what follows may spend up to the maximum loss and no more.
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import { formatUsd } from '../../core/money.ts';
import type { Database, Trx } from '../../db/database.ts';
import { type Contract, contract as contractShape } from '../../domain/experiments/contract.ts';
import { setBudget } from '../../domain/experiments/experiment-steps-store.ts';
import { type Experiment, lockExperiment } from '../../domain/experiments/experiment-store.ts';
import type { Quote, Tool, ToolContext } from '../../domain/tools/tool.ts';
import type { Deps } from '../deps.ts';
import { readToday } from '../experiments/read-portfolio.ts';
import { stepExperiment } from '../experiments/settle-experiment.ts';
import { showExperiments } from '../experiments/show-experiments.ts';
import { experimentTool, permit, requireExperiment } from './experiment-common.ts';
import { PAYEE, toMicros } from './market-common.ts';

const input = z.object({ experimentId: z.number().int().positive(), contract: contractShape });
type StartInput = z.output<typeof input>;

/** @param spends the tool that the permission is for */
export function createStartExperiment(db: Database, clock: Pick<Deps, 'clock' | 'config' | 'mode'>, spends: Tool): Tool<StartInput> {
  return {
    ...experimentTool,
    name: 'start_experiment',
    description:
      'Start a proposed experiment under exactly this contract. Permits its launches up to the maximum loss, until its last day.',
    input,
    quote: (request, context) => quoteStart(db, request, context),
    run: async (request) => {
      const output = {
        experimentId: request.experimentId,
        maxLossUsd: request.contract.maxLossUsd,
        contractHash: hashOf(request.contract),
      };
      return {
        ok: true,
        output,
        evidence: [{ kind: 'document', source: `experiment:${request.experimentId}`, sha256: output.contractHash }],
        spentMicros: 0n,
        receipt: null,
      };
    },
    record: (trx, request, _outcome, context) => begin(clock, trx, request, context, spends),
    withAmount: (request, amountMicros) => {
      const dollars = Number(amountMicros / 10_000n) / 100;
      return dollars < 1 ? null : { ...request, contract: { ...request.contract, maxLossUsd: dollars } };
    },
  };
}

async function quoteStart(db: Database, { experimentId, contract }: StartInput, context: ToolContext): Promise<Quote> {
  const experiment = await requireExperiment(db, experimentId, 'proposed', context);
  checkContract(experiment, contract);
  return {
    amountMicros: toMicros(contract.maxLossUsd),
    payee: PAYEE,
    effect: `Starts experiment ${experimentId}, ${experiment.name}: it may spend its maximum loss in daily parts, on at most ${contract.days} days, without being asked for again.`,
    expectedReturn: `It earns if more than ${(contract.breakEven * 100).toFixed(1)} % of visitors buy. The rate is unknown.`,
  };
}

/** What is asked for is the contract that was kept, or the same with less to lose. */
function checkContract(experiment: Experiment, asked: Contract): void {
  const kept = experiment.contract as unknown as Contract;
  const isKept =
    hashOf(kept) === experiment.contract_hash && hashOf({ ...asked, maxLossUsd: kept.maxLossUsd }) === experiment.contract_hash;
  if (!isKept || asked.maxLossUsd > kept.maxLossUsd)
    throw new InvalidInput(
      `The contract of experiment ${experiment.id} is another one; its maximum loss is $${kept.maxLossUsd.toFixed(2)}.`,
    );
}

async function begin(
  deps: Pick<Deps, 'clock' | 'config' | 'mode'>,
  trx: Trx,
  request: StartInput,
  context: ToolContext,
  spends: Tool,
): Promise<void> {
  const experiment = await lockExperiment(trx, request.experimentId);
  if (experiment === undefined) return;
  const allowed = toMicros(request.contract.maxLossUsd);
  const today = await readToday(deps, trx);
  const by = `call ${context.toolCallId}`;
  const approved = await stepExperiment(deps, trx, experiment, 'approve', {
    reason: `people permitted ${formatUsd(allowed)} for it`,
    by,
    day: today,
  });
  if (approved === undefined) return;
  await setBudget(trx, experiment.id, allowed);
  await permit(trx, { experiment, contract: request.contract, allowed, by, spends });
  await showExperiments(deps, trx, [experiment.id]);
}
