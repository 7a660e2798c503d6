// What is said to be certain, or done, in words that no record has.
import type { Evidence, Finding } from './check-claim.ts';
import { type State, statesIn } from './states.ts';
import { meanings, phraseOf, sameness } from './words.ts';

const CERTAIN =
  /\b(certain|certainly|confirmed|definite|definitely|guaranteed|assured|decided|committed to|undoubtedly|for sure|without doubt)\b/gi;
const DONE =
  /\b(?:has|have|had|was|were|is|are|been|being|already|since) (?:\w+ly |already |now |just |been )?(signed|cleared|lapsed|agreed|accepted|approved|launched|landed|rejected|declined|terminated|resigned|hired|fired|sued|acquired|merged|certified|audited|banned|recalled|suspended|renewed|withdrawn|bankrupt|discontinued|completed|finished|stopped|cancelled|canceled|delivered|shipped|refunded|resolved|solved|expired|closed|published|released)\b/gi;
const NOT = /\b(?:not|never|no|nothing|n['’]t|isn['’]t|hasn['’]t|haven['’]t|wasn['’]t|weren['’]t|yet)\b/i;

/** Another word for it is there. */
function isStateOf(said: readonly State[], words: string): boolean {
  if (said.length === 0) return false;
  const known = statesIn(words, true);
  return said.some(({ row, place }) => known.some((other) => other.row === row && other.place === place));
}

export function checkCertain(claim: string, { vocabulary, words, question, failures }: Evidence): Finding[] {
  if (NOT.test(claim) || failures.length > 0) return [];
  const asked = phraseOf(question);
  return [CERTAIN, DONE].flatMap((pattern) =>
    [...claim.matchAll(pattern)].flatMap(([, word = '']) => {
      const said = meanings(word);
      const isKnown =
        said.length === 0 ||
        said.some((each) => vocabulary.some((other) => sameness(each, other) >= 0.8) || asked.includes(` ${each} `)) ||
        isStateOf(statesIn(word, true), words);
      return isKnown ? [] : [{ shown: word, verdict: 'unverified' as const, why: 'no tool result says so' }];
    }),
  );
}
