// A text in its sentences and lines, none of it lost.

/** Not after an abbreviation, an initial or inside a number. */
const SENTENCE_END =
  /(?<=[.!?]["”')*_\]]{0,3})(?<!\b(?:e\.g|i\.e|etc|vs|approx|no|nr|dr|mr|mrs|ms|st|\p{Lu})\.)\s+(?=["“(]?[\p{Lu}\p{N}$€£#*_-])|(?<=\n)/giu;

/** Sentences and lines with the white space around them: joined they are the text again. */
export function toSentences(text: string): string[] {
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

/** The sentences of a text still being written that are whole: what may be checked and shown of it. */
export function wholeSentences(text: string): string {
  const all = toSentences(text);
  return (text.endsWith('\n') ? all : all.slice(0, -1)).join('');
}
