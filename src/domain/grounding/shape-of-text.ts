// Which layout a text has: JSON, a log, a talk, a table, fields; alone, or with prose around it.
import type { Json } from '../../core/canonical-json.ts';
import { asBars, asColumns, asLeaders, asLog, asTalk } from './text-layouts.ts';
import { asFields, asTable } from './text-shapes.ts';

interface Shaped {
  value: Json;
  /** The prose around it; null where there is none to be. */
  rest: string | null;
}

export function shapeOf(text: string): Shaped | null {
  const parsed = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  const whole = parsed ?? asLog(text) ?? asTalk(text) ?? asTable(text) ?? asFields(text);
  if (whole !== null && whole !== undefined) return { value: whole, rest: null };
  if (!text.includes('\n')) return null;
  const bars = asBars(text);
  const table = bars === null ? null : asTable(bars.table);
  if (bars !== null && table !== null) return { value: table, rest: bars.rest };
  const leaders = asLeaders(text);
  if (leaders !== null) return { value: leaders.rows, rest: leaders.rest };
  const columns = asColumns(text.split(/\r?\n/));
  return columns === null ? null : { value: columns.rows, rest: columns.rest.join('\n') };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
