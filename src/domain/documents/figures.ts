// Every figure in a document names the row it comes from, and is checked against it before the document is kept.
import type { Json } from '../../core/canonical-json.ts';
import { formatUsd } from '../../core/money.ts';

export interface Figure {
  /** The exact text in the document, like `$24.10` or `150`. */
  shown: string;
  /** The recorded tool call it comes from. */
  callId: number;
  /** Dotted path into that call's output, like `offers.3.listPriceMicros`. */
  path: string;
}

/** Numbers as people write them: 1,234.56, $20, .5, 10k, 20%, digits of any script. Digits inside words and ids that begin with a letter are no figures. */
const NUMBER = /(?<![\p{L}\p{N}_.,])-?\$?\.?\p{N}(?:[\p{L}\p{N}_.,]*[\p{L}\p{N}])?%?/gu;

/**
 * @param outputs recorded outputs by call id.
 * @returns what is wrong, one sentence each; empty when every figure has its source.
 */
export function checkFigures(text: string, figures: readonly Figure[], outputs: ReadonlyMap<number, Json>): string[] {
  const problems: string[] = [];
  const proven = new Set<string>();
  for (const figure of figures) {
    const output = outputs.get(figure.callId);
    const value = output === undefined ? undefined : valueAt(output, figure.path);
    if (value === undefined) problems.push(`"${figure.shown}": call ${figure.callId} has nothing at ${figure.path}`);
    else if (!showsAs(figure.path, value).has(figure.shown.replaceAll(',', '')))
      problems.push(`"${figure.shown}" is not what call ${figure.callId} says at ${figure.path}: ${JSON.stringify(value)}`);
    else proven.add(figure.shown);
  }
  for (const [found] of stripListMarks(text).matchAll(NUMBER)) {
    const clean = found.replace(/[,.]+$/, '');
    if (!proven.has(clean)) problems.push(`"${clean}" has no source`);
  }
  return [...new Set(problems)];
}

/** The numbers of an ordered list are layout. */
function stripListMarks(text: string): string {
  return text.replace(/^(\s*)\d{1,2}\.(?=\s)/gm, '$1-');
}

function valueAt(output: Json, path: string): Json | undefined {
  let value: Json | undefined = output;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as { [key: string]: Json })[part];
  }
  return value;
}

/** The ways a recorded value may be written. Micro-dollars (paths ending in Micros) read as dollars. */
function showsAs(path: string, value: Json): Set<string> {
  if (typeof value === 'number' && path.endsWith('Micros') && Number.isSafeInteger(value)) {
    const dollars = formatUsd(BigInt(value)).replaceAll(',', '');
    return new Set([dollars, dollars.replace(/\.00$/, '')]);
  }
  return typeof value === 'number' || typeof value === 'string' ? new Set([String(value)]) : new Set();
}
