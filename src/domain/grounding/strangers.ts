// Names, ids and sources in a claim that neither a record nor the user knows.
import { isOrdinary } from './ordinary-words.ts';
import { fold, phraseOf, singular, tokens } from './words.ts';

const CODE =
  /\b[A-Za-z]{1,12}[_-]\d[\w-]*|\b(?=[A-Fa-f]*\d)(?=\d*[A-Fa-f])[0-9a-fA-F]{7,}\b|\b[A-Z]{1,5}\d{2,}\w*|\b\d+(?:\.\d+){2,}\b|\b[A-Z]{2} \d{2,5}\b|(?<![\w./@-])(?=[\w-]*\d[\w-]*\d)(?=[\w-]*[A-Za-z][\w-]*[A-Za-z])(?!\d[\d.,]*(?:\p{L}{1,4}|-\p{L}+)(?![\w-]))[\w-]{5,}(?![\w@-]|\.[a-z])/gu;
const NAME =
  /(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{N}'’.&-]*(?:(?: (?:of|the|and|de|van|von|del|la|&|for) | )(?=\p{Lu})\p{Lu}[\p{L}\p{N}'’.&-]*)*/gu;
const REPORTS =
  /^ (?:says?|said|puts?|reports?|reported|claims?|claimed|estimates?|rates?|rated|confirms?|confirmed|notes?|noted|writes?|wrote|expects?|predicts?|announced|states?|stated|warns?|warned|lists?|listed|shows?|believes?)\b/;
const DOES =
  /\b(?:filed|opened|reported|raised|created|written|authored|owned|signed|approved|closed|assigned|merged|submitted|posted|made|led|managed|maintained|founded|directed)(?: \w+)? (?:by|to) ([a-z][\w-]{2,})\b(?=[.,;!?]|$| (?:on|in|at|and)\b)/g;
const ACTS =
  /^(?:['’]s? |['’]s$| (?:is|was|has|will|had|gives|gave|lists|rates|ranks|values|prices|charges|sells|offers|makes|runs|owns|pays|looks|expects|won|led|signed|sent|wrote)\b)/;
const TITLES: Record<string, readonly string[]> = {
  ceo: ['chief executive', 'ceo'],
  cfo: ['chief financial', 'cfo', 'finance chief', 'head of finance'],
  cto: ['chief technology', 'chief technical', 'cto'],
  coo: ['chief operating', 'coo'],
  cmo: ['chief marketing', 'cmo'],
};
const HOST = /(?<![\w@/.-])(?=[a-z][\w.-]*[a-z])[\w-]{2,}(?:\.[\w-]{2,})+(?![\w@-])/gi;
const NO_NAMES = new Set(
  `someone somebody anyone anybody everyone everybody something anything everything i a an the it its this that these those there they he she we you in on at for from by with of to and or but no not as if when while after before during
   since both each every all most more less about over under only overall total average according monday tuesday wednesday thursday friday saturday sunday
   january february march april may june july august september october november december usd eur gbp roi csv pdf api id url http https html json ok yes our your
   his her their profit revenue orders sales visitors customers q1 q2 q3 q4 am pm utc today yesterday none nothing nobody neither either however also then compared
   between across out half twice three two one four five six seven eight nine ten arr mrr ctr cpu ram ups crm sla kpi eta vat sql hr it pr ci
   celsius fahrenheit kwh kw mw gb mb tb kb english european american crm's sek aud cad chf nok dkk us uk eu swiss british german french italian spanish dutch japanese chinese canadian australian swedish danish norwegian`.split(
    /\s+/,
  ),
);
/** What kind of source or house a name says it is; the record may leave it out. */
const COMMON = new Set('inc ltd gmbh co company corp group team mr mrs ms dr prof the hub site room region campaign'.split(' '));

export interface Stranger {
  at: number;
  end: number;
  shown: string;
}

/** @param isKnown by any record or the user, as ` a b `; @param isFree whether nothing else was found there */
export function findStrangers(
  claim: string,
  isKnown: (phrase: string) => boolean,
  isFree: (at: number, end: number) => boolean,
): Stranger[] {
  const found: Stranger[] = [];
  const add = (at: number, shown: string): void => {
    if (isFree(at, at + shown.length) && !found.some((other) => at < other.end && other.at < at + shown.length))
      found.push({ at, end: at + shown.length, shown });
  };
  for (const match of claim.matchAll(CODE)) if (!isKnown(phraseOf(match[0]))) add(match.index, match[0]);
  for (const match of claim.matchAll(HOST)) if (!isKnown(phraseOf(match[0]))) add(match.index, match[0]);
  for (const match of claim.matchAll(NAME)) addName(match.index, match[0].replace(/(?:['’]s)?[.,;:!?'’]*$/u, ''));
  for (const match of claim.matchAll(DOES)) {
    const [, who = ''] = match;
    if (!isKnown(phraseOf(who)) && !NO_NAMES.has(who) && !/(?:ing|ly)$/.test(who)) add(match.index + match[0].length - who.length, who);
  }
  return found;

  function addName(start: number, whole: string): void {
    let [at, shown] = [start, whole];
    const leading = /^(\S+) /.exec(shown)?.[1] ?? '';
    if (NO_NAMES.has(leading.toLowerCase())) {
      at += leading.length + 1;
      shown = shown.slice(leading.length + 1);
    }
    if (shown.length < 2 || NO_NAMES.has(fold(shown))) return;
    const isOpening = at === 0 || /[.!?:]\s*["“]?$/.test(claim.slice(0, at));
    if (isOpening && !isNamed(shown, claim.slice(at + shown.length))) return;
    if (isAlias(shown, isKnown)) return;
    if (isStrange(shown, isOpening, isKnown)) add(at, shown);
  }
}

/** Known from an address, or by its title. */
const isAlias = (shown: string, isKnown: (phrase: string) => boolean): boolean =>
  isKnown(` ${tokens(shown.replaceAll('&', 'and')).join('')} `) || TITLES[fold(shown)]?.some((title) => isKnown(` ${title} `)) === true;

/** A first word alone is a name only where it is written like one, or does what names do. */
function isNamed(shown: string, after: string): boolean {
  if (isOrdinary(shown)) return false;
  return shown.includes(' ') || REPORTS.test(after) || ACTS.test(after) || /^\p{Lu}{3,}$/u.test(shown);
}

/** Whether a name holds words that nobody knows; a sentence's first word may be none of it. */
function isStrange(shown: string, isOpening: boolean, isKnown: (phrase: string) => boolean): boolean {
  const words = tokens(shown).filter((word) => !COMMON.has(word) && !NO_NAMES.has(word));
  const isCompound = /^\S+-\S+$/.test(shown);
  const strange = words.filter(
    (word) => !(isCompound && isOrdinary(word)) && !isKnown(` ${word} `) && !isKnown(` ${singular(word)} `) && !/^\d+$/.test(word),
  );
  if (!isOpening || strange.length === 0) return strange.length > 0;
  return strange.length === words.length || (strange.length === words.length - 1 && strange.includes(words.at(-1) ?? ''));
}
