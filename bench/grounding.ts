// How well the grounding gate tells true claims from false ones, on any file of recorded tool results and claims. A false claim is a positive.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Json } from '../src/core/canonical-json.ts';
import { checkClaim, type Evidence, prepareEvidence } from '../src/domain/grounding/check-claim.ts';
import { type Report, round } from './report.ts';

const json: z.ZodType<Json> = z.json();
const line = z.object({
  evidence: z.array(z.object({ tool: z.string(), input: json.default(null), output: json, failed: z.boolean().optional() })),
  question: z.string().default(''),
  claim: z.string().min(1),
  label: z.enum(['true', 'false']),
  kind: z.string().default('any'),
});
type Labelled = z.output<typeof line>;

interface Counts {
  caught: number;
  missed: number;
  falseAlarms: number;
  let: number;
}

/** One object a line; blank lines are passed over. @throws naming the line that is no such object */
export function readClaims(text: string): Labelled[] {
  return text.split(/\r?\n/).flatMap((row, index) => {
    if (row.trim() === '') return [];
    try {
      return [line.parse(JSON.parse(row))];
    } catch (error) {
      throw new Error(
        `line ${index + 1} is not {"evidence":[…],"question":"…","claim":"…","label":"true|false","kind":"…"}: ${String(error).slice(0, 200)}`,
      );
    }
  });
}

/** @returns counts by kind, and the claims that were judged wrongly */
export function scoreClaims(claims: readonly Labelled[]): { byKind: Map<string, Counts>; wrong: Labelled[] } {
  const byKind = new Map<string, Counts>();
  const wrong: Labelled[] = [];
  // Results are taken apart once for all that is said of them, as an answer's sentences are.
  const prepared = new Map<string, Evidence>();
  for (const item of claims) {
    const calls = item.evidence.map(({ failed, ...call }) => ({ ...call, ...(failed === undefined ? {} : { failed }) }));
    const key = JSON.stringify([calls, item.question]);
    const evidence = prepared.get(key) ?? prepareEvidence(calls, item.question);
    prepared.set(key, evidence);
    const isFlagged = checkClaim(item.claim, evidence).verdict !== 'supported';
    const isFalse = item.label === 'false';
    const counts = byKind.get(item.kind) ?? { caught: 0, missed: 0, falseAlarms: 0, let: 0 };
    counts[isFalse ? (isFlagged ? 'caught' : 'missed') : isFlagged ? 'falseAlarms' : 'let'] += 1;
    byKind.set(item.kind, counts);
    if (isFlagged !== isFalse) wrong.push(item);
  }
  return { byKind, wrong };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : round(part / whole, 3));

function figuresOf(counts: Counts) {
  return {
    claims: counts.caught + counts.missed + counts.falseAlarms + counts.let,
    precision: share(counts.caught, counts.caught + counts.falseAlarms),
    recall: share(counts.caught, counts.caught + counts.missed),
    falseAlarm: share(counts.falseAlarms, counts.falseAlarms + counts.let),
  };
}

const sum = (all: readonly Counts[]): Counts => ({
  caught: all.reduce((total, { caught }) => total + caught, 0),
  missed: all.reduce((total, { missed }) => total + missed, 0),
  falseAlarms: all.reduce((total, { falseAlarms }) => total + falseAlarms, 0),
  let: all.reduce((total, each) => total + each.let, 0),
});

export async function benchGrounding(words: readonly string[]): Promise<Report> {
  const files = words.filter((word) => !word.startsWith('--'));
  const paths =
    files.length > 0
      ? files
      : ['claims', 'more', 'claims-c', 'claims-d', 'held-out', 'unseen'].map(
          (name) => `${import.meta.dirname}/../test/claims/${name}.jsonl`,
        );
  const claims = paths.flatMap((path) => readClaims(readFileSync(path, 'utf8')));
  if (claims.length === 0) throw new Error('the file holds no claims');
  const { byKind, wrong } = scoreClaims(claims);
  const startedAt = performance.now();
  scoreClaims(claims);
  const msPerClaim = round((performance.now() - startedAt) / claims.length, 3);
  const total = figuresOf(sum([...byKind.values()]));
  const rows = [...byKind].toSorted(([a], [b]) => a.localeCompare(b)).map(([kind, counts]) => ({ kind, ...figuresOf(counts) }));
  return {
    title: `Grounding: ${claims.length} claims, ${round(msPerClaim, 3)} ms each`,
    columns: ['kind', 'claims', 'precision', 'recall', 'false alarm'],
    rows: [...rows, { kind: 'all', ...total }].map((row) => [row.kind, row.claims, row.precision, row.recall, row.falseAlarm].map(String)),
    notes: words.includes('--wrong') ? wrong.map(({ kind, label, claim }) => `${kind}, ${label}: ${claim}`) : [],
    json: { ...total, msPerClaim, byKind: Object.fromEntries(rows.map(({ kind, ...figures }) => [kind, figures])) },
  };
}
