// Asking our own business in SQL: views without people, approvals or secrets, under a role that sees nothing else.
import { z } from 'zod';
import type { Json } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { DataReader } from '../../db/reader.ts';
import { DATA_VIEWS, findQueryFault } from '../../domain/tools/data-query.ts';
import type { Tool } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';
import { looking } from './looking.ts';

const input = z.object({
  query: z.string().trim().min(8).max(4_000).describe('one PostgreSQL select; no numbers or texts of your own but in conditions'),
});

export function createQueryData(reader: DataReader): Tool<z.output<typeof input>> {
  return {
    ...looking,
    name: 'query_data',
    description: `Read the business's own records with one SQL select (at most 200 rows, 5 s). Views: ${DATA_VIEWS}.`,
    input,
    kinds: ['research', 'write', 'code', 'launch', 'measure', 'refund'],
    closed: () => reader.off(),
    // Names of offers and the like may have been taken from strangers.
    taints: true,
    rate: { perMinute: 30, perHour: 600 },
    quote: async ({ query }) => {
      const fault = findQueryFault(query);
      if (fault !== null) throw new InvalidInput(`The query is not run: ${fault}.`);
      return { amountMicros: 0n, payee: null, effect: 'Reads our own records.', expectedReturn: null };
    },
    run: ({ query }) =>
      attempt(async () => {
        const { rows, truncated } = await reader.query(query);
        return { ok: true, output: { rows: rows as Json[], truncated }, evidence: [], spentMicros: 0n, receipt: null };
      }),
  };
}
