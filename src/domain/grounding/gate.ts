// The grounding gate: what a model says is shown only as far as the records of its tools bear it out.
import { checkClaim, type Evidence, type Finding } from './check-claim.ts';

export interface Gated {
  /** The text as it may be shown: what is not borne out is marked, what the records contradict is withheld. */
  text: string;
  /** Sentences checked, by verdict. */
  supported: number;
  unverified: number;
  contradicted: number;
  findings: Finding[];
}

/** Not after an abbreviation, an initial or inside a number. */
const SENTENCE_END =
  /(?<=[.!?]["”')]?)(?<!\b(?:e\.g|i\.e|etc|vs|approx|no|nr|dr|mr|mrs|ms|st|\p{Lu})\.)\s+(?=["“(]?[\p{Lu}\p{N}$€£#*_-])|(?<=\n)/giu;

/** Sentences and lines with the white space around them: joined they are the text again. */
export function toClaims(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(SENTENCE_END)) {
    const end = match.index + match[0].length;
    if (end > from) parts.push(text.slice(from, end));
    from = end;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function show(sentence: string, verdict: 'unverified' | 'contradicted', findings: readonly Finding[]): string {
  const body = sentence.trimEnd();
  const space = sentence.slice(body.length);
  if (verdict === 'unverified') return `${body} (unverified)${space}`;
  const why = findings.find((finding) => finding.verdict === 'contradicted')?.why ?? 'the records say otherwise';
  return `[withheld: ${why}]${space}`;
}

export function gateText(text: string, evidence: Evidence): Gated {
  const gated: Gated = { text: '', supported: 0, unverified: 0, contradicted: 0, findings: [] };
  for (const sentence of toClaims(text)) {
    const { verdict, findings } = checkClaim(sentence.trim(), evidence);
    gated[verdict] += 1;
    gated.findings.push(...findings);
    gated.text += verdict === 'supported' ? sentence : show(sentence, verdict, findings);
  }
  return gated;
}
