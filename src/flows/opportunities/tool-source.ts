// A tool of somebody's server as a source, named by JUG_SCAN_TOOL: its rows as they are where they have our shape, else its text read by a model.
import { canonicalJson, hashOf, sha256 } from '../../core/canonical-json.ts';
import { Upstream } from '../../core/errors.ts';
import { nameKey } from '../../domain/opportunities/duplicates.ts';
import { readRows } from '../../domain/opportunities/extraction.ts';
import type { FoundAt } from '../../domain/opportunities/opportunity.ts';
import { toFind } from '../../domain/opportunities/told.ts';
import type { Deps } from '../deps.ts';
import { canRead, extractFinds } from './extract-finds.ts';
import { readWithTool } from './read-with-tool.ts';
import type { FindSource } from './source.ts';

const LONGEST_EXCERPT = 300;

export const createToolSource = (deps: Deps, tool: { name: string; input: Record<string, unknown> }): FindSource => ({
  source: 'mcp',
  name: tool.name,
  look: async (signal) => {
    const { output } = await readWithTool(deps, tool.name, tool.input, signal);
    const text = canonicalJson(output);
    const place: FoundAt = {
      kind: 'tool',
      origin: tool.name,
      sha256: hashOf(output),
      excerpt: text.slice(0, LONGEST_EXCERPT),
      toolCallId: null,
    };
    const rows = readRows(output);
    if (rows !== null)
      return { finds: rows.map((row) => toFind(row, sha256(`${tool.name}\n${nameKey(row.name)}`).slice(0, 32), [place])), listed: null };
    if (!canRead(deps))
      throw new Upstream(`${tool.name} brings no list of opportunities, and there is no language model to read its words.`, {
        retryable: false,
      });
    return { finds: await extractFinds(deps, [{ text, place }], signal), listed: null };
  },
});
