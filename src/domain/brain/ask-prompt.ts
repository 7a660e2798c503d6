// The words of answering a question. The system prompt is a constant; what people said, what is remembered and what tools bring is fenced data.
import { type AskFacts, writeFacts } from './facts.ts';
import { fenceData, RULES } from './prompts.ts';

export const ASK_SYSTEM = `${RULES}
Answer the person's question, briefly and in plain words. You can read and remember; you cannot act: whoever wants something done gives a goal.
Read with the tools before you state anything about goals, tasks, money, requests or documents; never answer such a thing from memory or from earlier answers alone.
"intent" in the facts is a parser's guess at what to read; use it or not. Copy figures exactly as the tools show them. Say what you could not find out.
Link to the pages that the tools name, like [goal 3](/goals/3). Use no other markup than **bold**, lists and such links.`;

export interface AskPrompt {
  facts: AskFacts;
  question: { by: string; text: string };
  /** What was said before in this conversation, oldest first, as far as it has room. */
  history: { by: string; text: string }[];
  /** The part before that, in short. */
  summary: string | null;
  memory: { id: number; kind: string; text: string; outside: boolean }[];
}

export function askPrompt({ facts, question, history, summary, memory }: AskPrompt): string {
  return [
    writeFacts(facts),
    ...(summary === null ? [] : ['What was said long before, in short:', fenceData('earlier conversation', summary)]),
    ...(memory.length === 0 ? [] : ['What is remembered and may bear on it (measured, told by a person, or only assumed):']),
    ...memory.map((fact) => fenceData(`memory ${fact.id}, ${fact.kind}${fact.outside ? ', from outside' : ''}`, fact.text)),
    ...(history.length === 0 ? [] : ['The conversation so far:']),
    ...history.map((line) => fenceData(line.by, line.text)),
    'The question:',
    fenceData(question.by, question.text),
  ].join('\n');
}
