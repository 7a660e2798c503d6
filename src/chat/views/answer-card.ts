// An answer as a card: while it is being written, when it is given with its sources, and when it could not be.
import type { Answer } from '../../domain/conversations/answer-store.ts';
import { answerText } from '../answer-text.ts';
import type { Button, Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { REAL_MODEL_LINE } from './draft-card.ts';

/** Questions that the practice model can answer; shown where it has no answer to another. */
export const EXAMPLE_QUESTIONS = ['What are you doing?', 'What did we earn this week?', 'What is waiting for approval?'] as const;

export type Shown = Pick<Answer, 'id' | 'status' | 'question' | 'text' | 'error' | 'records' | 'cancelled_by'>;

export interface AnswerLook {
  /** What is being read just now. */
  reading?: string | undefined;
  /** The practice model gave it, and had nothing to read for it. */
  hasNoAnswer?: boolean;
}

const THINKING = 'Thinking…';

/** What a card of an answer that is being written shows: what is said so far, and what is done just now; null for any other card. */
export function readUnderWay({ ref, tone, text = '', buttons = [] }: Card): { said: string; doing: string; reading: string | null } | null {
  if (ref?.kind !== 'answer' || tone !== 'muted' || !buttons.some(({ command, args }) => command === 'ask' && args['stop'] === ref.id))
    return null;
  const at = text.lastIndexOf('\n\n');
  const doing = at === -1 ? text : text.slice(at + 2);
  return { said: at === -1 ? '' : text.slice(0, at), doing, reading: doing === THINKING ? null : doing };
}

const titleOf = (question: string): string => plainLine(question, 120);

export function answerCard(answer: Shown, look: AnswerLook = {}): Card {
  const ref = { kind: 'answer', id: answer.id };
  const said = answer.text === '' ? '' : answerText(answer.text);
  const title = titleOf(answer.question);
  switch (answer.status) {
    case 'pending':
    case 'answering':
      return {
        title,
        tone: 'muted',
        text: [said, look.reading === undefined ? THINKING : `Reading ${escapeMarkdown(look.reading, 60)}…`]
          .filter((line) => line !== '')
          .join('\n\n'),
        buttons: [{ label: 'Stop', command: 'ask', args: { stop: answer.id }, style: 'plain' }],
        ref,
      };
    case 'done':
      return look.hasNoAnswer === true
        ? { title, tone: 'muted', text: [said, escapeMarkdown(REAL_MODEL_LINE, 400)].join('\n\n'), buttons: exampleQuestions(), ref }
        : {
            title,
            tone: 'info',
            text: [said === '' ? 'The model gave no answer.' : said, sources(answer)].filter((line) => line !== '').join('\n\n'),
            ref,
          };
    case 'failed':
      return { title, tone: 'bad', text: broken('I could not answer this', said, answer.error), buttons: [again(answer.id)], ref };
    case 'cancelled':
      return {
        title,
        tone: 'muted',
        text: broken(`Stopped by ${plainLine(answer.cancelled_by ?? 'somebody', 80)}`, said, null),
        buttons: [again(answer.id)],
        ref,
      };
    case 'interrupted':
      return {
        title,
        tone: 'bad',
        text: broken('I was interrupted while answering', said, 'The process that wrote it ended. What was read changed nothing.'),
        buttons: [again(answer.id)],
        ref,
      };
  }
}

const exampleQuestions = (): Button[] =>
  EXAMPLE_QUESTIONS.map((text) => ({ label: text, command: 'ask', args: { text }, style: 'plain' as const }));

const again = (id: number): Button => ({ label: 'Ask again', command: 'ask', args: { again: id }, style: 'primary' });

function broken(what: string, said: string, why: string | null): string {
  const lines = [`**${what}.**`, why === null ? '' : escapeMarkdown(why, 600), said === '' ? '' : `As far as it came:\n${said}`];
  return lines.filter((line) => line !== '').join('\n\n');
}

/** Every reading that stands behind an answer, with the page that shows the same. */
function sources({ records }: Shown): string {
  const seen = new Map(records.filter((record) => record.ok).map((record) => [sourceName(record), record.link]));
  if (seen.size === 0) return 'Sources: none of our rows were read for this.';
  return `Sources: ${[...seen].map(([name, link]) => (link === null ? escapeMarkdown(name, 120) : `[${escapeMarkdown(name, 120)}](${link})`)).join(', ')}`;
}

function sourceName({ tool, input }: Shown['records'][number]): string {
  const words = Object.entries(input)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${String(value)}`);
  return `${tool.replaceAll('_', ' ')}${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
}

/** What a person sees at once where the answer itself comes as a card of its own. */
export function askedCard(question: string, answerId: number): Card {
  return { title: 'Asked', tone: 'muted', text: escapeMarkdown(question, 600), ref: { kind: 'answer', id: answerId } };
}
