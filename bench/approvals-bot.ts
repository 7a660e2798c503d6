// The bot of the approvals bench: the whole app, with one tool more, whose act is a POST that a far side in another process counts.
// Started with the far side's address; with `in-process` the model answers and the click falls in here, without HTTP.
import { z } from 'zod';
import { commands } from '../commands/index.ts';
import { startApp } from '../src/app.ts';
import { createDispatch } from '../src/chat/dispatch.ts';
import { readConfig } from '../src/config.ts';
import { hashOf } from '../src/core/canonical-json.ts';
import { journalAlong } from '../src/domain/money/ledger-store.ts';
import type { Success, Tool } from '../src/domain/tools/tool.ts';
import { attempt } from '../src/flows/tools/attempt.ts';
import { createGate } from './gate.ts';
import { createScriptedModel } from './scripted-model.ts';

const [farSide = '', inProcess] = process.argv.slice(2);

const input = z.object({ offerId: z.string(), budgetUsd: z.number().min(1).max(10).multipleOf(0.01) });
type Input = z.output<typeof input>;

const toMicros = (dollars: number): bigint => BigInt(Math.round(dollars * 100)) * 10_000n;

async function send(request: Input, key: string, signal: AbortSignal): Promise<Success> {
  const answer = await fetch(`${farSide}/acts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(request),
    signal,
  });
  if (!answer.ok) throw new Error(`the far side answered ${answer.status}`);
  const output = (await answer.json()) as { id: string; receipt: string };
  return {
    ok: true,
    output,
    evidence: [{ kind: 'receipt', source: output.id, sha256: hashOf(output) }],
    spentMicros: toMicros(request.budgetUsd),
    receipt: output.receipt,
  };
}

/** Money goes out, so it asks; it takes the name of the product's own launch so that launch tasks may use it. */
const launch = {
  name: 'market_launch',
  version: 'bench',
  description: 'Launch an offer with a prepaid budget. Commits money, so a person is asked.',
  input,
  act: 'launch',
  touches: 'money',
  reversible: true,
  reach: 'nobody',
  credentials: false,
  production: false,
  modes: ['practice'],
  taints: false,
  repeatable: false,
  rate: { perMinute: 1_000_000, perHour: 1_000_000 },
  quote: async (request) => ({
    amountMicros: toMicros(request.budgetUsd),
    payee: 'bench far side',
    effect: `Launches ${request.offerId}.`,
    expectedReturn: null,
  }),
  run: (request, context) => attempt(() => send(request, context.idempotencyKey, context.signal)),
  reconcile: async () => ({ kind: 'unknown', why: 'the bench looks nothing up' }),
  recordAlong: (request, outcome, context) =>
    journalAlong({
      mode: context.mode,
      source: 'bench far side',
      externalId: outcome.receipt ?? context.idempotencyKey,
      kind: 'spend',
      memo: `Launch of ${request.offerId}`,
      occurredAt: context.now(),
      goalId: context.goalId,
      taskId: context.taskId,
      toolCallId: context.toolCallId,
      launchId: null,
      tool: 'market_launch',
      currency: 'USD',
      postings: [
        { account: 'offer_spend', amountMicros: outcome.spentMicros },
        { account: 'cash', amountMicros: -outcome.spentMicros },
      ],
    }),
} satisfies Tool<Input>;

const readInput = z.object({ launchId: z.string() });

/** Reads the receipt back, which is the evidence a launch needs before its task may end. */
const { recordAlong: _, ...readable } = launch;
const results: Tool<z.output<typeof readInput>> = {
  ...readable,
  name: 'market_results',
  description: 'Read what a launch has done so far.',
  input: readInput,
  act: 'read',
  touches: 'nothing',
  repeatable: true,
  quote: async (request) => ({ amountMicros: 0n, payee: null, effect: `Reads ${request.launchId}.`, expectedReturn: null }),
  run: (request, context) =>
    attempt(async () => {
      const answer = await fetch(`${farSide}/acts/${encodeURIComponent(request.launchId)}`, { signal: context.signal });
      const output = (await answer.json()) as { id: string };
      return {
        ok: answer.ok,
        output,
        evidence: [{ kind: 'readback', source: output.id, sha256: hashOf(output) }],
        spentMicros: 0n,
        receipt: null,
      } as Success;
    }),
  reconcile: async () => ({ kind: 'never_happened' }),
};

/** What the parent says: report your CPU time, approve a request as a click does, hold back or release the model's answers. */
export type Order = { say: 'cpu' } | { say: 'approve'; id: number } | { say: 'hold' } | { say: 'release' };
/** What it hears. */
export type Word = { cpuMs: number } | { recorded: number };

const gate = createGate();
const tell = (word: Word): void => void process.send?.(word);
const model = createScriptedModel(async (taskId) => {
  tell({ recorded: taskId });
  await gate.open();
});
const app = await startApp(readConfig(process.env, process.cwd()), {
  tools: () => [launch as Tool, results as Tool],
  ...(inProcess === 'in-process' ? { model } : {}),
});
const dispatch = createDispatch(app.deps, commands, async () => {});
const person = {
  platformId: 'console:owner',
  person: 'console:owner',
  roles: new Set(['viewer', 'operator', 'approver', 'owner'] as const),
};

async function approve(id: number): Promise<void> {
  const answer = await dispatch({ name: 'approve', input: { id }, caller: { ...person, surface: 'console', goalId: null } });
  if (!answer.ok) throw new Error(`approving request ${id} was refused: ${answer.card.text}`);
}

process.on('message', (order: Order) => {
  switch (order.say) {
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return tell({ cpuMs: (user + system) / 1000 });
    }
    case 'approve':
      return void approve(order.id);
    case 'hold':
      return gate.close();
    case 'release':
      return gate.release();
  }
});
process.on('SIGTERM', () => void app.stop().then(() => process.exit(0)));
console.log(`Console: ${app.consoleUrl}`);
