// What an answer says, held against what was read for it before anybody sees it.
import type { Json } from '../../core/canonical-json.ts';
import type { ReadRecord } from '../../domain/conversations/answer-store.ts';
import { type Evidence, prepareEvidence } from '../../domain/grounding/check-claim.ts';
import type { ToolRecord } from '../../domain/grounding/evidence-records.ts';
import { gateSentence } from '../../domain/grounding/gate.ts';
import { toSentences } from '../../domain/grounding/sentences.ts';

export interface Known {
  /** What people said in this conversation and told us before: it may be repeated as theirs. */
  said: string;
  /** Measured facts that were remembered. */
  measured: readonly string[];
}

export interface AnswerGate {
  /** @returns the text as it may be shown, sentence by sentence: of a text that goes on, what was shown before stays as it is. */
  check(text: string): string;
}

/** @param records what was read so far; it may grow. Each sentence is checked once for what was read. */
export function createAnswerGate(records: readonly ReadRecord[], known: Known): AnswerGate {
  let prepared: { evidence: Evidence; records: number; shown: Map<string, string> } | null = null;
  const open = () => {
    if (prepared?.records !== records.length)
      prepared = { evidence: prepareEvidence(toEvidence(records, known), known.said), records: records.length, shown: new Map() };
    return prepared;
  };
  return {
    check: (text) => {
      const { evidence, shown } = open();
      return toSentences(text)
        .map((sentence) => {
          const gated = shown.get(sentence) ?? gateSentence(sentence, evidence).text;
          shown.set(sentence, gated);
          return gated;
        })
        .join('');
    },
  };
}

function toEvidence(records: readonly ReadRecord[], { measured }: Known): ToolRecord[] {
  return [
    ...measured.map((text) => ({ tool: 'memory', input: null, output: text })),
    ...records.map(({ tool, input, ok, output, error }) =>
      ok ? { tool, input: input as Json, output: plainCard(output) } : { tool, input: input as Json, output: { error }, failed: true },
    ),
  ];
}

/** A card's figures by their names; each field and row also as the one line that people read. */
function plainCard(output: unknown): Json {
  const { title, text, fields, table } = (output ?? {}) as {
    title?: string;
    text?: string;
    fields?: { label: string; value: string }[];
    table?: { columns: string[]; rows: string[][] };
  };
  const lines = [
    ...(fields ?? []).map(({ label, value }) => `${label}: ${value}`),
    ...(table?.rows ?? []).map((row) => row.filter((cell) => cell !== '').join(' · ')),
  ];
  return {
    ...(title === undefined ? {} : { title }),
    ...(text === undefined ? {} : { text: text.replace(/\\(?=[\\`*_{}[\]()#+\-.!|~<>@&:])/g, '') }),
    ...(fields === undefined ? {} : { fields: Object.fromEntries(fields.map(({ label, value }) => [label, value])) }),
    ...(table === undefined ? {} : { table: { columns: table.columns, rows: table.rows } }),
    ...(lines.length === 0 ? {} : { lines }),
  };
}
