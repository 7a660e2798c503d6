// What dispatch gives back to an adapter: a card, and for HTTP and the terminal how it went.
import type { ErrorCode } from '../core/errors.ts';
import type { Card } from './card.ts';
import type { Caller } from './command.ts';

export interface Answer {
  ok: boolean;
  /** Null when ok; `broken` is anything unexpected, logged under `ref`. */
  code: ErrorCode | 'broken' | null;
  card: Card;
  /** For invalid_input: every bad field with what is wrong with it. */
  fields?: Record<string, string>;
  ref?: string;
}

/** Runs one command: find, authorise, parse, run, error → card. Never throws. */
export type Dispatch = (request: { name: string; input: Record<string, unknown>; caller: Caller }) => Promise<Answer>;

/** Text as a person typed it: a command with words (`approve 17`), or free text (answered with a draft goal). Never throws. */
export type Hear = (request: { text: string; caller: Caller }) => Promise<Answer>;

/** What was asked is answered by a card of its own, see flows/ask. */
export const isAsked = ({ ok, card }: Answer): boolean => ok && card.ref?.kind === 'answer';

/** The outbox shows a goal's live card in its thread: an answer with the same card would stand there twice. A draft has no such card. */
export function isShownByOutbox(answer: Answer): boolean {
  const { ok, card } = answer;
  if (isAsked(answer)) return true;
  return (
    ok && card.ref?.kind === 'goal' && !(card.buttons ?? []).some(({ command, args }) => command === 'goal' && args['id'] === undefined)
  );
}
