// Tools that only read, in the hands of whoever answers a question: our own records by SQL, and the web's search.
import { z } from 'zod';
import type { Card } from '../../chat/card.ts';
import { plainLine } from '../../chat/escape.ts';
import type { Reading, ReadTool } from '../../chat/read-tool.ts';
import type { Json } from '../../core/canonical-json.ts';
import { AppError } from '../../core/errors.ts';
import { redactText } from '../../core/redact.ts';
import { strictly } from '../../domain/tools/call-arguments.ts';
import type { Tool, ToolContext } from '../../domain/tools/tool.ts';
import type { Deps } from '../deps.ts';

/** No address of a model's own making leaves with an answer: it reads private rows, so it may not fetch pages. */
const OFFERED = ['query_data', 'web_search'] as const;
const LONGEST_MS = 20_000;
const LONGEST_CELL = 300;

export function toolReads(deps: Deps): ReadTool[] {
  const tools = OFFERED.flatMap((name) => deps.tools.get(name) ?? []);
  return tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    parameters: z.toJSONSchema(tool.input, { io: 'input' }) as Record<string, unknown>,
    outside: tool.taints,
    read: (input) => read(deps, tool, input),
  }));
}

async function read(deps: Deps, tool: Tool, input: Record<string, unknown>): Promise<Reading> {
  const closed = tool.closed?.() ?? null;
  if (closed !== null) return { ok: false, error: closed };
  const parsed = strictly(tool.input).safeParse(input);
  if (!parsed.success) return { ok: false, error: z.prettifyError(parsed.error).slice(0, 800) };
  const signal = AbortSignal.timeout(LONGEST_MS);
  const context: ToolContext = { mode: deps.mode, goalId: 0, taskId: 0, toolCallId: 0, idempotencyKey: '', now: deps.clock.now, signal };
  try {
    await tool.quote(parsed.data, context);
    const outcome = await tool.run(parsed.data, context);
    return outcome.ok ? { ok: true, card: cardOf(tool.name, outcome.output) } : { ok: false, error: redactText(outcome.error) };
  } catch (error) {
    if (error instanceof AppError) return { ok: false, error: error.reply };
    throw error;
  }
}

/** A list of records as a table, so that each figure keeps its row. */
function cardOf(name: string, output: Json): Card {
  const lists = typeof output === 'object' && output !== null && !Array.isArray(output) ? Object.values(output).filter(Array.isArray) : [];
  const rows = (lists[0] ?? []) as { [column: string]: Json }[];
  const columns = Object.keys(rows[0] ?? {});
  return {
    title: name === 'query_data' ? `${rows.length} rows of our records` : `${rows.length} search results`,
    tone: 'info',
    ...(columns.length === 0 ? {} : { table: { columns, rows: rows.map((row) => columns.map((column) => cellOf(row[column]))) } }),
  };
}

const cellOf = (value: Json | undefined): string =>
  value === null || value === undefined ? '' : plainLine(typeof value === 'string' ? value : JSON.stringify(value), LONGEST_CELL);
