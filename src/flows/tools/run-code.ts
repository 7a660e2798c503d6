// Running JavaScript that the model wrote: to reckon over recorded results and to make files. What it says proves nothing: the model wrote it.
import { z } from 'zod';
import { plainLine } from '../../chat/escape.ts';
import { postMessage } from '../../chat/outbox-store.ts';
import { type Json, sha256 } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import { redactText } from '../../core/redact.ts';
import type { Database } from '../../db/database.ts';
import { addDocumentVersion } from '../../domain/documents/document-store.ts';
import { checkClaims, citedReceipts } from '../../domain/promises/claims.ts';
import { readReceipts } from '../../domain/promises/promise-store.ts';
import { listOutputs } from '../../domain/tools/call-store.ts';
import type { CodeFile, CodeRunner } from '../../domain/tools/code-runner.ts';
import { CODE_TOOL } from '../../domain/tools/policy.ts';
import type { Success, Tool, ToolContext } from '../../domain/tools/tool.ts';

const LONGEST_VALUE = 20_000;

const input = z.object({
  code: z
    .string()
    .min(1)
    .max(50_000)
    .describe(
      'the body of an async function; `inputs` holds the outputs by call id, writeFile(name, text) keeps a file, console.log writes a log, return gives the result. No network, files or clock of the machine.',
    ),
  callIds: z.array(z.number().int()).max(50).nullish().describe('tool calls of this goal whose outputs the code reads as inputs[callId]'),
});
type Input = z.output<typeof input>;

export function createRunCode(db: Database, runner: CodeRunner): Tool<Input> {
  // The texts go into documents, not into the record of the call, which a model is shown.
  const made = new WeakMap<Success, readonly CodeFile[]>();
  return {
    name: CODE_TOOL,
    version: '1',
    description:
      'Run JavaScript in a closed sandbox, over outputs of earlier calls. Its files become documents. Its result is no source for figures in documents or summaries.',
    input,
    act: 'write_own',
    touches: 'own_data',
    reversible: true,
    reach: 'nobody',
    credentials: false,
    production: false,
    modes: ['practice', 'live'],
    kinds: ['research', 'write', 'code', 'measure'],
    // It may be made of what strangers wrote, whichever calls it read.
    taints: true,
    repeatable: true,
    rate: { perMinute: 10, perHour: 100 },
    quote: async (request, context) => {
      await readInputs(db, request, context);
      return {
        amountMicros: 0n,
        payee: null,
        effect: `Runs ${request.code.length} characters of code in a sandbox.`,
        expectedReturn: null,
      };
    },
    run: async (request, context) => {
      const outcome = await runner.run({ code: request.code, inputs: await readInputs(db, request, context) }, { signal: context.signal });
      if (!outcome.ok) return { ok: false, error: redactText(`the code failed: ${outcome.error}\n${outcome.log}`).trim(), retryable: true };
      if (JSON.stringify(outcome.value).length > LONGEST_VALUE)
        return { ok: false, error: `the result is longer than ${LONGEST_VALUE} characters; write it to a file`, retryable: true };
      const problems = await checkFiles(db, outcome.files, context);
      if (problems.length > 0) return { ok: false, error: `the files were not kept. ${problems.slice(0, 5).join('; ')}`, retryable: true };
      const files = outcome.files.map(({ name, body }): Json => ({ name, characters: body.length, sha256: sha256(body) }));
      const output = { value: outcome.value, log: outcome.log, files };
      // A file proves that there is a file, and nothing of what it says.
      const evidence = outcome.files.map(({ name, body }) => ({ kind: 'file' as const, source: `file:${name}`, sha256: sha256(body) }));
      const success: Success = { ok: true, output, evidence, spentMicros: 0n, receipt: null };
      made.set(success, outcome.files);
      return success;
    },
    reconcile: async () => ({ kind: 'never_happened' }),
    record: async (trx, _request, outcome, context) => {
      for (const { name, body } of made.get(outcome) ?? []) {
        const stored = await addDocumentVersion(trx, { ...context, title: name, body: redactText(body), figures: [] });
        await postMessage(trx, {
          channel: 'goals',
          goalId: context.goalId,
          key: `document:${stored.documentId}`,
          card: {
            title: `File: ${plainLine(name)}`,
            tone: 'info',
            text: `[Read it](/documents/${stored.documentId}), version ${stored.version}. Made by code the agent wrote: its figures are not checked against sources.`,
            ref: { kind: 'document', id: stored.documentId },
          },
        });
      }
    },
  };
}

/** @throws InvalidInput for a call that is not a finished one of this goal. */
async function readInputs(db: Database, { callIds }: Input, context: ToolContext): Promise<Json> {
  const ids = [...new Set(callIds ?? [])];
  if (ids.length === 0) return {};
  const outputs = await listOutputs(db, context.goalId, ids);
  const absent = ids.filter((id) => !outputs.has(id));
  if (absent.length > 0) throw new InvalidInput(`There is no finished call ${absent.join(', ')} of this goal.`);
  return Object.fromEntries([...outputs].map(([id, output]) => [String(id), output]));
}

/** A file says to people what a document says: what was refunded, paid or sent names its receipt. */
async function checkFiles(db: Database, files: readonly CodeFile[], { mode }: ToolContext): Promise<string[]> {
  const found = await Promise.all(
    files.map(async ({ name, body }) =>
      checkClaims(body, await readReceipts(db, mode, citedReceipts(body))).map((problem) => `${name}: ${problem}`),
    ),
  );
  return found.flat();
}
