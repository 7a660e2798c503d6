// How much of a conversation a model is shown: the newest messages that fit, and the rest in short. Pure; the messages themselves stay as they are.

export interface Said {
  id: number;
  role: 'person' | 'agent';
  text: string;
}

/** Messages and characters of a conversation that are shown whole. */
const MOST_MESSAGES = 16;
const MOST_CHARACTERS = 12_000;
const LONGEST_MESSAGE = 3_000;
/** What is older is put in short when so many messages have come behind the last summary. */
const SUMMARISE_BEHIND = 8;
const LONGEST_SUMMARY = 4_000;
const LONGEST_LINE = 220;
const SHORTEST_SENTENCE = 8;

/** The newest messages that have room, oldest first. */
export function newestThatFit<Message extends Said>(messages: readonly Message[]): Message[] {
  let room = MOST_CHARACTERS;
  const kept: Message[] = [];
  for (const message of messages.toReversed().slice(0, MOST_MESSAGES)) {
    const text = message.text.slice(0, LONGEST_MESSAGE);
    room -= text.length;
    if (room < 0) break;
    kept.unshift({ ...message, text });
  }
  return kept;
}

/** Of the messages behind the last summary those that have no room any more. */
export function olderThanShown<Message extends Said>(messages: readonly Message[]): Message[] {
  const shown = new Set(newestThatFit(messages).map(({ id }) => id));
  return messages.filter(({ id }) => !shown.has(id));
}

/**
 * A longer summary, when enough was said that is shown no more. One line a message, its first sentence, in its own words: no model is asked,
 * so nothing comes into it that nobody said.
 * @param messages those behind the last summary, oldest first
 */
export function summarise(summary: string | null, messages: readonly Said[]): { summary: string; upTo: number } | null {
  const older = olderThanShown(messages);
  const last = older.at(-1);
  if (last === undefined || older.length < SUMMARISE_BEHIND) return null;
  const lines = older.map(({ role, text }) => `${role === 'person' ? 'Asked' : 'Answered'}: ${firstSentence(text)}`);
  const all = [...(summary === null ? [] : summary.split('\n')), ...lines];
  while (all.length > 1 && all.join('\n').length > LONGEST_SUMMARY) all.shift();
  return { summary: all.join('\n').slice(0, LONGEST_SUMMARY), upTo: last.id };
}

export function firstSentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const end = /[.!?](?=\s|$)/.exec(line.slice(SHORTEST_SENTENCE, LONGEST_LINE));
  return line.slice(0, end === null ? LONGEST_LINE : end.index + SHORTEST_SENTENCE + 1).toWellFormed();
}

const TITLE_LENGTH = 60;

/** A conversation is called by its first question. */
export function titleOf(question: string): string {
  const line = question.replace(/\s+/g, ' ').trim();
  if (line.length <= TITLE_LENGTH) return line;
  const cut = line.slice(0, TITLE_LENGTH).toWellFormed();
  return `${cut.slice(0, cut.lastIndexOf(' ') > 20 ? cut.lastIndexOf(' ') : TITLE_LENGTH)}…`;
}
