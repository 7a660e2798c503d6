// Whether free text asks something rather than wants something done. Pure, and shy: what it is not sure of becomes a draft, which runs nothing.

const GREETING = /^(?:(?:hey|hi|hello|ok|okay|so|well|and|but|please|juggernaut|jug)[\s,:!]+)+/i;
/** "Can you earn …" is a wish, however politely it is put. */
const WISH =
  /^(?:(?:can|could|would|will|why don['’]?t|why not|how about|let['’]?s|i want|i['’]?d like)\b(?: (?:you|we|us|to|like|please|try|kindly|not))*) ?(?:earn|mak|sell|launch|writ|build|creat|find|get|start|run|grow|increas|doubl|publish|promot|draft|plan|design|prepar|produc|deliver|research|open|set|do|go|buy|spend|invest|send|work|use|take|cancel|stop|pause|approv|retry)/i;
const ASKS_TO_SAY =
  /^(?:(?:can|could|would|will) you (?:please )?)?(?:tell (?:me|us)|show (?:me|us)|explain (?:to me |to us )?(?:why|how|what|who|when|where|which)|say (?:why|how|what|who|when|where|which)|let me know)\b/i;
const QUESTION_WORD = /^(?:what|why|how|who|whom|whose|what['’]s|how['’]s|who['’]s|where['’]s)\b/i;
const NAMES_A_MOMENT =
  /^(?:when|where|which)\s+(?:is|are|was|were|will|do|does|did|can|could|should|would|has|have|had|of|goals?|tasks?|offers?)\b/i;
const TURNED_ROUND =
  /^(?:is|are|am|was|were|do|does|did|has|have|had|will|would|should|can|could)(?:n['’]t)?\s+(?:it|you|we|they|there|the|i|any|anything|anyone|our|my|your|this|that|these|those|goals?|tasks?|offers?|money|revenue)\b/i;
const ASKS_FOR_A_LIST =
  /^(?:list|give me|give us)\s+(?:the |my |all |our |a |an |your )*(?:goals|tasks|approvals|requests|documents|status|budget|revenue|forecast|digest)\b/i;

/** @param text as typed */
export function isQuestion(text: string): boolean {
  const words = text.trim().replace(GREETING, '').replace(/\s+/g, ' ');
  if (words === '' || WISH.test(words)) return false;
  if (ASKS_TO_SAY.test(words) || ASKS_FOR_A_LIST.test(words)) return true;
  if (/\?["')\]]*$/.test(words)) return true;
  return QUESTION_WORD.test(words) || NAMES_A_MOMENT.test(words) || TURNED_ROUND.test(words);
}
