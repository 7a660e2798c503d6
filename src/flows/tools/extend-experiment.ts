// More money for an experiment that has earned it: a yes of its own, for exactly that much, which permits that much more.
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import { formatUsd } from '../../core/money.ts';
import type { Database, Trx } from '../../db/database.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import type { Contract } from '../../domain/experiments/contract.ts';
import { extendExperiment } from '../../domain/experiments/experiment-steps-store.ts';
import { lockExperiment } from '../../domain/experiments/experiment-store.ts';
import { listLatestReadings } from '../../domain/experiments/review-store.ts';
import type { Quote, Tool, ToolContext } from '../../domain/tools/tool.ts';
import type { Deps } from '../deps.ts';
import { readToday } from '../experiments/read-portfolio.ts';
import { showExperiments } from '../experiments/show-experiments.ts';
import { experimentTool, permit, requireExperiment } from './experiment-common.ts';
import { PAYEE, toMicros } from './market-common.ts';

const input = z.object({
  experimentId: z.number().int().positive(),
  moreUsd: z.number().min(1).max(1_000_000).multipleOf(0.01),
  moreDays: z.number().int().min(0).max(60),
});
type ExtendInput = z.output<typeof input>;

/** @param spends the tool that the permission is for */
export function createExtendExperiment(db: Database, on: Pick<Deps, 'clock' | 'config' | 'mode'>, spends: Tool): Tool<ExtendInput> {
  return {
    ...experimentTool,
    name: 'extend_experiment',
    description: 'Permit a running experiment that earns to spend more, and for longer.',
    input,
    quote: (request, context) => quoteExtend(db, request, context),
    run: async (request) => ({
      ok: true,
      output: { ...request },
      evidence: [{ kind: 'document', source: `experiment:${request.experimentId}`, sha256: hashOf(request) }],
      spentMicros: 0n,
      receipt: null,
    }),
    record: (trx, request, _outcome, context) => extend(on, trx, request, context, spends),
    withAmount: (request, amountMicros) => {
      const dollars = Number(amountMicros / 10_000n) / 100;
      return dollars < 1 ? null : { ...request, moreUsd: dollars };
    },
  };
}

/** Its sentence says nothing that moves from day to day: what was approved is what runs. */
async function quoteExtend(db: Database, { experimentId, moreUsd, moreDays }: ExtendInput, context: ToolContext): Promise<Quote> {
  const experiment = await requireExperiment(db, experimentId, 'running', context);
  const readings = await listLatestReadings(db, [experimentId]);
  const earns = readings.some((reading) => reading.revenue_micros - reading.refunded_micros - reading.fees_micros > reading.spend_micros);
  if (!earns) throw new InvalidInput(`Experiment ${experimentId} has not earned what it cost; new money goes only to what has.`);
  return {
    amountMicros: toMicros(moreUsd),
    payee: PAYEE,
    effect: `Lets experiment ${experimentId}, ${experiment.name}, spend that much more${moreDays === 0 ? '' : ` and ${moreDays} days longer`}. So far it has earned more than it cost.`,
    expectedReturn: null,
  };
}

async function extend(
  on: Pick<Deps, 'clock' | 'config' | 'mode'>,
  trx: Trx,
  request: ExtendInput,
  context: ToolContext,
  spends: Tool,
): Promise<void> {
  const experiment = await lockExperiment(trx, request.experimentId);
  if (experiment === undefined || experiment.state !== 'running') return;
  const allowed = toMicros(request.moreUsd);
  const by = `call ${context.toolCallId}`;
  const day = await readToday(on, trx);
  const reason = `people permitted ${formatUsd(allowed)} more and ${request.moreDays} days longer`;
  await extendExperiment(trx, experiment, { moreMicros: allowed, moreDays: request.moreDays, reason, by, day });
  await permit(trx, { experiment, contract: experiment.contract as unknown as Contract, allowed, by, spends });
  await recordAudit(trx, [
    {
      mode: experiment.mode,
      actor: by,
      action: 'experiment.extended',
      subjectKind: 'experiment',
      subjectId: experiment.id,
      detail: { reason },
    },
  ]);
  await showExperiments(on, trx, [experiment.id]);
}
