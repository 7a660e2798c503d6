// The grounding gate: what a model says is shown only as far as the records of its tools bear it out.
import { checkClaim, type Evidence, type Finding, type Verdict } from './check-claim.ts';
import { toSentences } from './sentences.ts';

export interface Gated {
  /** The text as it may be shown: what is not borne out is marked, what the records contradict is withheld. */
  text: string;
  /** Sentences checked, by verdict. */
  supported: number;
  unverified: number;
  contradicted: number;
  findings: Finding[];
}

function show(sentence: string, verdict: 'unverified' | 'contradicted', findings: readonly Finding[]): string {
  const body = sentence.trimEnd();
  const space = sentence.slice(body.length);
  if (verdict === 'unverified') return `${body} (unverified)${space}`;
  const why = findings.find((finding) => finding.verdict === 'contradicted')?.why ?? 'the records say otherwise';
  return `[withheld: ${why}]${space}`;
}

/** One sentence with the white space around it. */
export function gateSentence(sentence: string, evidence: Evidence): { text: string; verdict: Verdict; findings: Finding[] } {
  const { verdict, findings } = checkClaim(sentence.trim(), evidence);
  return { text: verdict === 'supported' ? sentence : show(sentence, verdict, findings), verdict, findings };
}

export function gateText(text: string, evidence: Evidence): Gated {
  const gated: Gated = { text: '', supported: 0, unverified: 0, contradicted: 0, findings: [] };
  for (const sentence of toSentences(text)) {
    const { text: shown, verdict, findings } = gateSentence(sentence, evidence);
    gated[verdict] += 1;
    gated.findings.push(...findings);
    gated.text += shown;
  }
  return gated;
}
