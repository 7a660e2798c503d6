// "Remember that …", "what do you know about …", "forget …": what memory is told without a model. Pure.

export type MemoryWords =
  | { kind: 'remember'; text: string }
  | { kind: 'recall'; about: string }
  | { kind: 'forget'; about: string }
  /** One fact by its number, as cards show it. */
  | { kind: 'forget_fact' | 'keep_fact'; id: number };

export const LONGEST_FACT = 2000;

const MANNERS = String.raw`^(?:(?:hey|hi|ok|okay|please|and|juggernaut|jug)[\s,:!]+)*`;
const REMEMBER = new RegExp(
  String.raw`${MANNERS}(?:remember|keep in mind|don['’]?t forget|do not forget|memori[sz]e)(?:\s*[:,]|\s+that\b|\b)(?!\s*to\b)\s*([\s\S]+)$`,
  'i',
);
const RECALL = new RegExp(
  String.raw`${MANNERS}(?:(?:tell me |show me )?what (?:do|did|have) (?:you|we) (?:know|knew|remember|remembered|learn|learned|learnt)|do you (?:know|remember) (?:anything|something))(?:\s+(?:about|of|on|regarding)\s+([\s\S]+?))?[\s?!.]*$`,
  'i',
);
const FORGET = new RegExp(
  String.raw`${MANNERS}forget\s+(?:(?:about|that|everything about|all about|what you know about|everything you know about)\s+)?([\s\S]+?)[\s?!.]*$`,
  'i',
);
const FACT = /^(?:fact\s*#?|#)(\d{1,15})$/i;

/** Null when the words are none of memory's. */
export function readMemoryWords(text: string): MemoryWords | null {
  const said = text.trim().slice(0, LONGEST_FACT + 100);
  const told = REMEMBER.exec(said)?.[1]?.trim();
  if (told !== undefined && told !== '') {
    const known = FACT.exec(told)?.[1];
    return known === undefined ? { kind: 'remember', text: told.slice(0, LONGEST_FACT) } : { kind: 'keep_fact', id: Number(known) };
  }
  const recall = RECALL.exec(said);
  if (recall !== null) return { kind: 'recall', about: (recall[1] ?? '').slice(0, 300) };
  const about = FORGET.exec(said)?.[1]?.trim();
  if (about === undefined || about === '') return null;
  const id = FACT.exec(about)?.[1];
  return id === undefined ? { kind: 'forget', about: about.slice(0, 300) } : { kind: 'forget_fact', id: Number(id) };
}
