// Which calls prove anything: not those that failed, and of a call made twice only what it said last.
import { canonicalJson, type Json } from '../../core/canonical-json.ts';
import { Collector } from './collect-records.ts';
import { findDays } from './dates.ts';
import type { EvidenceRecord, ToolRecord } from './evidence-records.ts';
import { nameTokens } from './name-tokens.ts';
import { type Fields, isFields } from './text-shapes.ts';
import { meanings, phraseOf, sameness } from './words.ts';

/** A result that says of itself that it is an error. */
const isFailure = (output: Json): boolean =>
  isFields(output) &&
  ((typeof output['error'] === 'string' && output['error'] !== '') ||
    isFields(output['error']) ||
    output['isError'] === true ||
    output['ok'] === false ||
    output['success'] === false);

export interface CallEvidence {
  records: EvidenceRecord[];
  /** Words for what only the failed calls would have told. */
  untold: ReadonlySet<string>;
  /** What the failures said of themselves: it bears out that they failed, and nothing else. */
  failures: readonly EvidenceRecord[];
}

const NO_TOPIC = new Set(
  'get list search fetch read find query status check run api http call data info show lookup account name id tool'.split(' '),
);

export const hasFailed = ({ failed, output }: ToolRecord): boolean => failed === true || isFailure(output);

/** Calls that were made again with the same input. Where the input is not known, two calls may have asked for two things. */
export function supersededOf(calls: readonly ToolRecord[]): Set<ToolRecord> {
  const last = new Map(calls.map((call) => [`${call.tool} ${canonicalJson(call.input)}`, call]));
  return new Set(calls.filter((call) => call.input !== null && last.get(`${call.tool} ${canonicalJson(call.input)}`) !== call));
}

/** A period that was asked about holds only where a record names none of its own. */
function dropPeriods(record: EvidenceRecord): void {
  const own = record.days.filter(({ about }) => about[0] !== 'period');
  if (own.length > 0) record.days = own;
}

/** Words for what only failed calls would have told: their tools' and inputs', less all that was told. */
function untoldBy(failed: readonly ToolRecord[], records: readonly EvidenceRecord[]): Set<string> {
  const asked = failed.flatMap(({ tool, input }) => meanings(`${tool} ${inputText(input)}`));
  const untold = new Set(asked.filter((word) => !NO_TOPIC.has(word) && !/\d/.test(word)));
  const told = records.flatMap(({ words, figures, labels }) => [
    ...meanings(words),
    ...[...figures, ...labels].flatMap(({ about }) => about),
  ]);
  const known = [...new Set(told)];
  return new Set([...untold].filter((word) => !known.some((other) => sameness(word, other) >= 0.8)));
}

/**
 * Records of every call that succeeded. The words of a call's input name what was asked about; its numbers are no evidence: a model wrote them.
 */
export function readCalls(calls: readonly ToolRecord[]): CallEvidence {
  const [collector, failed] = [new Collector(), new Collector()];
  const old = supersededOf(calls);
  for (const [index, call] of calls.entries()) {
    const asked = inputText(call.input);
    if (hasFailed(call)) {
      failed.walk(call.output, failed.open(`${index} ${call.tool}`, asked), []);
      continue;
    }
    const record = collector.open(`${index} ${call.tool}`, '');
    record.isOld = old.has(call);
    record.words = phraseOf(asked);
    record.context = new Set([...nameTokens(asked).map(({ text }) => text), ...meanings(call.tool)]);
    record.days.push(...findDays(asked).map(({ at, end, shown, ...day }) => ({ ...day, about: ['period'] })));
    collector.walk(call.output, record, []);
  }
  collector.records.forEach(dropPeriods);
  return { records: collector.records, untold: untoldBy(calls.filter(hasFailed), collector.records), failures: failed.records };
}

/** Wishes and bounds: what comes back need not keep them. */
const WISHED = /prefer|target|limit|max|min|cap|budget|expect|default|want|threshold|goal|desired/i;

/** Texts of an input, in which an identifier keeps its number (`offer_8`) and a bare number is dropped. */
function inputText(value: Json): string {
  if (typeof value === 'string') return /^[\d.,$%\s]*$/.test(value) ? '' : value.slice(0, 200);
  if (Array.isArray(value)) return value.map(inputText).join(' ');
  if (isFields(value))
    return Object.entries(value as Fields)
      .map(([key, inner]) => (WISHED.test(key) ? '' : inputText(inner)))
      .join(' ; ');
  return '';
}
