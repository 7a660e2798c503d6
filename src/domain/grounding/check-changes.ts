// Which way it went: from this to that, up or down, now or before.
import { figuresMeant, wordsOf } from './attributes.ts';
import type { Finding } from './check-claim.ts';
import { minuteOf } from './dates.ts';
import { type EvidenceRecord, type Figure, listOf } from './evidence-records.ts';
import { isSaidOf, valuesAs } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';

export const UP =
  /\b(?:rose|ris(?:e|es|en|ing)|grew|grown|grow(?:s|ing)|increas\w+|up(?! to)|climb\w*|rais(?:ed|es|ing)|widen\w*|jump\w*|gained|improv\w+|higher|doubled|expand\w*|surg\w+)\b/i;
export const DOWN =
  /\b(?:fell|fall(?:s|en|ing)?|drop\w*|declin\w+|decreas\w+|down|shrank|shrunk|lower(?:ed|s|ing)?|cut|narrow\w*|slipp\w+|slid|reduc\w+|lost|halved|tumbl\w+|sank|eased)\b/i;
const BEFORE_KEY = /^(?:previous|prev|prior|former|old|earlier|past|compare|was|baseline|initial|original)$/;
export const SAYS_BEFORE =
  /\b(?:previous\w*|prior|before|earlier|was|were|had|from|up|down|used to|former\w*|old|original\w*|initial\w*|last|since|than|against|compared|rose|fell|grew|lost|gained|dropped|climbed|slipped|moved|changed|instead|reduced|reduction|regular|list|normally|usual\w*|off|discount\w*|strike|crossed)\b/i;
const NOW = /\b(?:currently|current|now|right now|at present|at the moment|these days|nowadays|as of today|presently|today)\b/i;

export interface Change {
  from: SaidNumber;
  to: SaidNumber;
}

/** Pairs of numbers of which a text says that one came after the other. */
export function changesIn(text: string, all: readonly SaidNumber[]): Change[] {
  const numbers = all.filter(({ unit, shown }) => unit !== null || !/^(?:19|20)\d\d$/.test(shown));
  return numbers.slice(1).flatMap((second, at) => {
    const first = numbers[at];
    if (first === undefined) return [];
    const [before, gap] = [
      text.slice(Math.max(0, first.at - 12), first.at),
      text.slice(first.end, second.at).replace(/ in (?:19|20)\d\d/g, ''),
    ];
    if (/\bfrom\b[^.;]{0,6}$/i.test(before) && /^[^.;,]{0,40}\bto (?:\w+ )?$/i.test(gap)) return [{ from: first, to: second }];
    if (
      /^[^.;]{0,40}\b(?:down|up|from|compared with|compared to|against|versus)(?: from)? (?:just |only )?$/i.test(gap) &&
      !/\bfrom $/i.test(before) &&
      /\bfrom\b|compar|against|versus|up|down/i.test(gap)
    )
      return [{ from: second, to: first }];
    return [];
  });
}

const isIt = (said: SaidNumber, figure: Figure): boolean =>
  valuesAs(said.unit, figure).some(
    (value) =>
      isSaidOf({ ...said, bound: 'about', value: Math.abs(said.value) }, Math.abs(value)) &&
      isSaidOf({ ...said, bound: 'exact', value: Math.abs(said.value) }, Math.abs(value)),
  );

/** When a record, or what its figure is called, stands: by its own day, by `previous`, by a quarter. */
function timeOf(record: EvidenceRecord, figure: Figure): number | null {
  if (figure.about.some((word) => BEFORE_KEY.test(word))) return -1;
  const quarter = figure.about.map((word) => /^q([1-4])$/.exec(word)?.[1]).find((found) => found !== undefined);
  const year = figure.about.find((word) => /^(?:19|20)\d\d$/.test(word));
  if (quarter !== undefined || year !== undefined) return Number(year ?? 0) * 4 + Number(quarter ?? 0);
  const days = record.days.filter(({ about }) => about[0] !== 'period').flatMap((day) => minuteOf({ ...day, day: day.day ?? 1 }) ?? []);
  return days.length === 0 ? null : Math.max(...days);
}

/** The records put the two in the other order. */
export function checkOrder(claim: string, numbers: readonly SaidNumber[], records: readonly EvidenceRecord[]): Finding[] {
  return changesIn(claim, numbers).flatMap(({ from, to }) => {
    const [isUp, isDown] = [UP.test(claim), DOWN.test(claim)];
    const shown = claim.slice(Math.min(from.at, to.at), Math.max(from.end, to.end));
    if (
      isUp !== isDown &&
      from.value !== to.value &&
      to.value > from.value !== isUp &&
      !/\b(?:rank|place|position|spot)/i.test(claim) &&
      from.unit?.dimension === to.unit?.dimension
    )
      return [{ shown, verdict: 'contradicted' as const, why: 'that is the other way' }];
    const isSwapped = records.some(({ changes }) =>
      changes.some((change) => change.from.value === to.value && change.to.value === from.value),
    );
    const isSo = records.some(({ changes }) => changes.some((change) => change.from.value === from.value && change.to.value === to.value));
    if (isSwapped && !isSo) return [{ shown, verdict: 'contradicted' as const, why: 'the record has it the other way round' }];
    const times = (said: SaidNumber): number[] =>
      records.flatMap((record) => record.figures.filter((figure) => isIt(said, figure)).map((figure) => timeOf(record, figure) ?? 0));
    const [early, late] = [times(from), times(to)];
    // Only where each stands in one place.
    if (early.length !== 1 || late.length !== 1 || early[0] === undefined || late[0] === undefined || early[0] * late[0] === 0) return [];
    const wasBefore = early[0] === -1 || (late[0] !== -1 && early[0] < late[0]);
    return wasBefore || early[0] === late[0]
      ? []
      : [{ shown, verdict: 'contradicted' as const, why: 'the record has it the other way round' }];
  });
}

/** What a record says it was before is not how it is. */
export function checkOutdated(claim: string, numbers: readonly SaidNumber[], records: readonly EvidenceRecord[]): Finding[] {
  if (SAYS_BEFORE.test(claim) && !NOW.test(claim)) return [];
  const changes = records.flatMap((record) => record.changes);
  return numbers.flatMap((said) => {
    const isFormer = changes.some(({ from, to }) => from.value === said.value && to.value !== said.value);
    const isLatest = changes.some(({ to }) => to.value === said.value);
    return isFormer && (NOW.test(claim) || !isLatest) && changes.length < MOST_CHANGES
      ? [{ shown: said.shown, verdict: 'contradicted' as const, why: 'a record says that it has changed since' }]
      : [];
  });
}
const MOST_CHANGES = 20;

/** A figure called previous is not how it is. */
export const isOfBefore = (claim: string, { about }: Figure): boolean =>
  !SAYS_BEFORE.test(claim) && about.some((word) => BEFORE_KEY.test(word));

/** Of several states of one thing only the last is how it is now. */
export function latestOf(claim: string, records: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  if (!NOW.test(claim) || records.length < 2) return records;
  const timed = records.map((record) => ({
    record,
    at: Math.max(
      ...record.days
        .filter(({ about }) => /fetch|snapshot|captur|crawl|as|updated|period|checked|recorded/.test(about.join(' ')))
        .flatMap((day) => minuteOf(day) ?? []),
    ),
  }));
  const last = Math.max(...timed.map(({ at }) => at));
  return Number.isFinite(last) ? timed.filter(({ at }) => at === last || !Number.isFinite(at)).map(({ record }) => record) : records;
}

const COMPARED = /\b(?:compared (?:with|to)|against|since|versus|vs\.?|over|from|on)\b/i;

/** Up or down against the one other record there is of its kind. */
export function checkMove(claim: string, named: readonly EvidenceRecord[], records: readonly EvidenceRecord[]): Finding[] {
  const [isUp, isDown] = [UP.test(claim), DOWN.test(claim)];
  const at = COMPARED.exec(claim)?.index;
  const [before] = named;
  if (isUp === isDown || at === undefined || /\d/.test(claim.slice(0, at)) || named.length !== 1 || before === undefined || before.isText)
    return [];
  const others = records.filter((record) => record !== before && listOf(record) === listOf(before) && record.figures.length > 0);
  const [now] = others;
  if (others.length !== 1 || now === undefined) return [];
  const near = wordsOf(claim.slice(0, at));
  const [best] = figuresMeant([now], near, null).filter(({ score }) => score > CLEAR);
  if (best === undefined) return [];
  const was = figuresMeant([before], near, null).find(({ figure }) => figure.about.at(-1) === best.figure.about.at(-1));
  if (was === undefined || was.figure.value === best.figure.value || was.figure.value < best.figure.value === isUp) return [];
  return [
    { shown: claim.slice(0, at).trim(), verdict: 'contradicted', why: `the records say ${was.figure.value}, then ${best.figure.value}` },
  ];
}

const CLEAR = 0.6;
