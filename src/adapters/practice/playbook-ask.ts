// Answering: reads what our own parser of the question's words points at, and shows it as it was read. It knows nothing else, and says so.
import type { AskFacts } from '../../domain/brain/facts.ts';
import { type Answer, callTools, say, type Turn } from './playbook-step.ts';

const NO_ANSWER =
  'I follow fixed playbooks and am no language model, so I have no answer to this. ' +
  'I can tell what I am doing, what was earned and spent, what waits for approval, how a goal, task or request stands and why, the budget, the forecast and the documents; ' +
  'and I remember what you tell me to.';
const MOST_ROWS = 12;

export function answerStep({ intent }: AskFacts, turns: Turn[], tools: ReadonlySet<string>): Answer {
  const last = turns.at(-1)?.[0];
  if (last !== undefined)
    return say(last.output === null ? `I could not read that: ${last.error || 'no reason given'}` : wordsOf(last.output));
  if (intent === null || !tools.has(intent.tool)) return say(NO_ANSWER);
  return callTools(intent.tool, [intent.input]);
}

/** A card in lines: every figure stands as the tool shows it. */
function wordsOf(card: Record<string, unknown>): string {
  const fields = list(card['fields']).flatMap((field) => {
    const { label, value } = field as { label?: unknown; value?: unknown };
    return typeof label === 'string' && typeof value === 'string' ? [`- ${label}: ${value}`] : [];
  });
  const table = card['table'] as { columns?: unknown; rows?: unknown } | undefined;
  const rows = list(table?.rows);
  const shown = rows.slice(0, MOST_ROWS).map(
    (row) =>
      `- ${list(row)
        .map(String)
        .filter((cell) => cell !== '')
        .join(' · ')}`,
  );
  const rest = rows.length > MOST_ROWS ? [`- and ${rows.length - MOST_ROWS} more`] : [];
  const title = typeof card['title'] === 'string' ? [`**${card['title'].replaceAll('*', '')}**`] : [];
  const text = typeof card['text'] === 'string' && card['text'] !== '' ? [card['text']] : [];
  return [...title, ...text, fields.join('\n'), [...shown, ...rest].join('\n')].filter((part) => part !== '').join('\n\n');
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
