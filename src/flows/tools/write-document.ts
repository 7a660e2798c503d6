// A deliverable: stored, versioned, linked in its channel, every figure with its source.
import { z } from 'zod';
import { plainLine } from '../../chat/escape.ts';
import { postMessage } from '../../chat/outbox-store.ts';
import { type Json, sha256 } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { Database } from '../../db/database.ts';
import { addDocumentVersion } from '../../domain/documents/document-store.ts';
import { checkFigures } from '../../domain/documents/figures.ts';
import { checkClaims, citedReceipts, withoutCitations } from '../../domain/promises/claims.ts';
import { readReceipts } from '../../domain/promises/promise-store.ts';
import { listOutputs } from '../../domain/tools/call-store.ts';
import { CODE_TOOL } from '../../domain/tools/policy.ts';
import type { Tool } from '../../domain/tools/tool.ts';

const input = z.object({
  title: z.string().min(3).max(120),
  body: z.string().min(1).max(100_000).describe('markdown'),
  figures: z
    .array(z.object({ shown: z.string().min(1).max(40), callId: z.number().int(), path: z.string().max(200) }))
    .max(200)
    .describe('one entry for every number in the text: how it is shown, the tool call it comes from, the path in its output'),
});

export function createWriteDocument(db: Database): Tool<z.output<typeof input>> {
  return {
    name: 'write_document',
    version: '1',
    description:
      'Store a document for people to read. Every number in it needs its source among the recorded tool calls; what is said to be refunded, paid, sent or delivered names its receipt, like (receipt 34).',
    input,
    act: 'write_own',
    touches: 'own_data',
    reversible: true,
    reach: 'nobody',
    credentials: false,
    production: false,
    modes: ['practice', 'live'],
    taints: false,
    repeatable: true,
    rate: { perMinute: 30, perHour: 300 },
    quote: async (draft, context) => {
      const outputs = await listOutputs(db, context.goalId, [...new Set(draft.figures.map((figure) => figure.callId))], CODE_TOOL);
      const text = `${draft.title}\n${draft.body}`;
      const claims = checkClaims(text, await readReceipts(db, context.mode, citedReceipts(text)));
      const problems = [...checkFigures(withoutCitations(text), draft.figures, outputs), ...claims];
      if (problems.length > 0) throw new InvalidInput(`The document was not kept. ${problems.slice(0, 10).join('; ')}`);
      return { amountMicros: 0n, payee: null, effect: `Stores the document "${draft.title}".`, expectedReturn: null };
    },
    run: async (draft) => {
      const output: Json = { title: draft.title, sha256: sha256(draft.body), characters: draft.body.length };
      return {
        ok: true,
        output,
        evidence: [{ kind: 'document', source: draft.title, sha256: sha256(draft.body) }],
        spentMicros: 0n,
        receipt: null,
      };
    },
    reconcile: async () => ({ kind: 'never_happened' }),
    record: async (trx, draft, _outcome, context) => {
      const stored = await addDocumentVersion(trx, { ...context, title: draft.title, body: draft.body, figures: draft.figures });
      await postMessage(trx, {
        channel: 'goals',
        goalId: context.goalId,
        key: `document:${stored.documentId}`,
        card: {
          title: `Document: ${plainLine(draft.title)}`,
          tone: 'info',
          text: `[Read it](/documents/${stored.documentId}), version ${stored.version}: ${draft.figures.length} figures, each with its source.`,
          ref: { kind: 'document', id: stored.documentId },
        },
      });
    },
  };
}
