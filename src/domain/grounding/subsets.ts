// The parts of a list that a claim may speak of: those with a label it says, those without, those with some and those with none.
import { keyOf, namedKeys, wordsOf } from './attributes.ts';
import { type EvidenceRecord, listOf } from './evidence-records.ts';
import { isSigned, valuesAs } from './match-number.ts';
import { findNumbers } from './numbers.ts';
import { statesIn } from './states.ts';
import { meanings, sameness } from './words.ts';

export interface Subset {
  records: EvidenceRecord[];
  /** The claim says what they have in common. */
  isSaid: boolean;
}

const NOT =
  /\b(?:not|no|never|non|without|isn['’]t|aren['’]t|hasn['’]t|haven['’]t|weren['’]t|wasn['’]t|un\w+|other|rest|remaining|except|excluding)\b/i;
const MOST_SUBSETS = 40;

const saysAll = (words: readonly string[], said: readonly string[]): boolean =>
  words.length > 0 && words.every((word) => said.some((other) => sameness(word, other) >= 0.8));

/** The records of each label; what a yes-or-no field says is named by its key. */
function byLabel(members: readonly EvidenceRecord[]): Map<string, { words: readonly string[]; value: string; records: EvidenceRecord[] }> {
  const found = new Map<string, { words: readonly string[]; value: string; records: EvidenceRecord[] }>();
  for (const record of members)
    for (const { about, value, words } of record.labels) {
      if (words.length > 4) continue;
      const isFlag = value === 'true' || value === 'false';
      const key = `${about.join(' ')}=${value}`;
      const group = found.get(key) ?? { words: isFlag ? about : words, value, records: [] };
      if (!group.records.includes(record)) group.records.push(record);
      found.set(key, group);
    }
  return found;
}

/** Words for a state that the labels put in another way: an open deal is one that was not closed. */
function byState(members: readonly EvidenceRecord[], claim: string): EvidenceRecord[][] {
  return statesIn(claim).flatMap(({ row, place }) => {
    const places = members.map(
      ({ labels }) =>
        new Set(
          labels.flatMap(({ value }) =>
            statesIn(value, true)
              .filter((state) => state.row === row)
              .map((state) => state.place),
          ),
        ),
    );
    if (places.every(({ size }) => size === 0)) return [];
    const same = members.filter((_, at) => places[at]?.has(place));
    const notOther = members.filter((_, at) => places[at]?.size === 0);
    return [same.length > 0 ? same : notOther];
  });
}

/** Records with nought, and with more, of what the claim counts. */
function byNought(members: readonly EvidenceRecord[], said: readonly string[]): EvidenceRecord[][] {
  const has = (record: EvidenceRecord, isSome: boolean): boolean =>
    record.figures.some(
      ({ about, value }) => about.some((word) => said.some((other) => sameness(word, other) >= 0.8)) && (value !== 0) === isSome,
    );
  return [members.filter((record) => has(record, true)), members.filter((record) => has(record, false))];
}

/** Those beyond a bound that is said, and those of which one figure is beyond another that is named: below their reorder point. */
function byBound(members: readonly EvidenceRecord[], claim: string): EvidenceRecord[][] {
  const bounds = findNumbers(claim).filter(({ bound }) => bound !== 'exact' && bound !== 'about');
  const beyond = bounds.map((said) =>
    members.filter(({ figures }) =>
      figures.some(
        (figure) =>
          (said.unit === null) === (figure.unit === null) &&
          valuesAs(said.unit, figure).some((value) =>
            said.bound === 'over' || said.bound === 'atLeast' ? value > said.value : value < said.value,
          ),
      ),
    ),
  );
  const side = BEYOND.exec(claim);
  if (side === null) return beyond;
  const isUnder = /below|under|less|fewer|short/i.test(side[0]);
  const named = wordsOf(claim.slice(side.index, side.index + 40));
  const limit = namedKeys(members, named)[0]?.key;
  const keys = new Set(members.flatMap(({ figures }) => figures.map(keyOf)));
  const figureOf = ({ figures }: EvidenceRecord, key: string): number | null =>
    figures.find((figure) => keyOf(figure) === key)?.value ?? null;
  const against = [...keys].filter((key) => limit !== undefined && key !== limit && !key.includes('many')).slice(0, 3);
  return [
    ...beyond,
    ...against.map((key) =>
      members.filter((member) => {
        const [own, other] = [figureOf(member, key), figureOf(member, limit ?? '')];
        return own !== null && other !== null && (isUnder ? own < other : own > other);
      }),
    ),
  ];
}
/** Those at a loss, and those in profit. */
function bySign(members: readonly EvidenceRecord[], claim: string): EvidenceRecord[][] {
  const has = (isBelow: boolean): EvidenceRecord[] =>
    members.filter(({ figures }) => figures.some((figure) => isSigned(figure) && (isBelow ? figure.value < 0 : figure.value > 0)));
  return [...(LOSES.test(claim) ? [has(true)] : []), ...(EARNS.test(claim) ? [has(false)] : [])];
}
const LOSES = /\b(?:lost|lose|losing|losses|a loss|in the red|negative|unprofitable)\b/i;
const EARNS = /\b(?:profitable|in profit|in the black|positive|a profit|made money)\b/i;

const BEYOND = /\b(?:below|under|above|over|beyond|exceed\w*|short of|past)\b(?= (?:its|their|the|his|her|our)? ?[a-z])/i;

/** @param members of one list; in the order of how likely they are meant */
export function subsetsOf(members: readonly EvidenceRecord[], claim: string): Subset[] {
  const said = meanings(claim);
  const isDenied = NOT.test(claim);
  const found: Subset[] = [];
  const add = (records: EvidenceRecord[], isSaid: boolean): void => {
    if (records.length === 0 || records.length === members.length || found.length >= MOST_SUBSETS) return;
    found.push({ records, isSaid });
  };
  for (const records of byState(members, claim)) add(records, true);
  const groups = [...byLabel(members).values()];
  const spoken = groups.filter(({ words }) => saysAll(words, said));
  for (const { words, value, records } of spoken) {
    const isFlag = value === 'true' || value === 'false';
    add(records, !isFlag || (value === 'true') !== isDenied || words.length === 0);
    if (isDenied && !isFlag)
      add(
        members.filter((record) => !records.includes(record)),
        true,
      );
  }
  if (spoken.length > 1) add([...new Set(spoken.flatMap(({ records }) => records))], true);
  for (const records of byNought(members, said)) add(records, true);
  for (const records of byBound(members, claim)) add(records, true);
  for (const records of bySign(members, claim)) add(records, true);
  return found;
}

/** The list that a record is of, without what a later call made old. */
export const membersOf = (record: EvidenceRecord, all: readonly EvidenceRecord[]): EvidenceRecord[] =>
  all.filter((other) => !other.isOld && listOf(other) === listOf(record));
