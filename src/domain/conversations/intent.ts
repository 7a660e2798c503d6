// What a question about the state of things wants to read: which reading tool, with which input. Pure. A real model gets it as a hint;
// the practice model, which reads no prose, goes by it alone.
import { readPeriod } from './period.ts';

export interface Intent {
  tool: string;
  input: Record<string, string | number>;
}

export interface Setting {
  /** The books' day, `2026-11-23`. */
  today: string;
  /** The goal in whose thread it was asked. */
  goalId: number | null;
}

const named = (text: string, kinds: string): number | null => {
  const match = new RegExp(`\\b(?:${kinds})\\s*(?:number |no\\.? ?|#)?\\s*(\\d{1,15})\\b`, 'i').exec(text);
  return match === null ? null : Number(match[1]);
};

const MONEY =
  /\b(?:earn(?:ed|ing|ings|s)?|revenue|profits?|loss(?:es)?|income|turnover|sales|sold|margins?|roi|refund(?:s|ed)?|fees?|in the red|in the black|(?:did|have|has|are) (?:we|you|it) (?:ma[dk]e|making|spen[dt]|lose|losing|lost))\b|\bhow much (?:money|did|have|has)\b|\bma[dk]e any money\b|\b(?:model|tool) costs?\b|\bspent\b/i;
const LIVE = /\b(?:live|real) (?:money|dollars?|costs?|mode)\b|\bmodel costs?\b|\bapi costs?\b/i;
const BY = /\b(?:by|per|each|every) (day|goal|offer|agent|tool|model)\b/i;
const OWN_COST =
  /\b(?:this|our|the|that) (?:conversation|chat|thread|talk)\b.*\b(?:cost|tokens?)\b|\b(?:cost|tokens?)\b.*\b(?:this|our|the) (?:conversation|chat|thread|talk)\b/i;

/** Tried in this order; the first that fits is meant. */
const PLAIN: readonly [RegExp, string][] = [
  [
    /\bforecast\b|\bpredict|\boutlook\b|\bexpect(?:ed)? (?:to|in|for|over|next|revenue)|\bnext (?:week|two weeks|14 days|fortnight|month)\b/i,
    'forecast',
  ],
  [/\bbudgets?\b|\bcaps?\b|\bleft to spend\b|\bmay (?:you|we|it) spend\b|\bspending limits?\b/i, 'budget'],
  [
    /\bwait(?:s|ing)? for (?:me|us|a (?:decision|person|yes)|approval)|\bapprovals?\b|\bneeds? (?:me|us|my|a decision|approv)|\bdo you need (?:from|of)\b|\bpending requests?\b|\bto approve\b/i,
    'approvals',
  ],
  [/\bdocuments?\b|\breports? (?:did|have|are|were)|\bwritten\b|\bdeliverables?\b/i, 'documents'],
  [/\bdigest\b|\bsummary of (?:the day|today|yesterday)\b|\bdaily report\b/i, 'digest'],
];
const STATUS =
  /\bwhat(?:['’]s| is| are)? (?:you |it |the (?:bot|agent) |we )?(?:doing|going on|happening|up to|working on|running|new)\b|\bwhat do you do\b|\bare you (?:busy|idle|working|doing|paused|stuck|ok|alive|there|running|awake)\b|\bstatus\b|\bstate of (?:things|affairs|play)\b|\b(?:why|are you) (?:so )?idle\b|\bpaused\b|\bhow (?:is|are|goes) (?:it|things|you|everything)\b|\bhow['’]s it going\b|\bdoing (?:right )?now\b|\bmarket day\b/i;
const GOALS = /\bgoals?\b/i;
const WHY =
  /\bwhy\b|\bexplain\b|\bhow come\b|\breasons?\b|\bwho (?:approved|denied|decided|gave|cancelled|stopped)\b|\bstory\b|\bhistory\b/i;
const HERE =
  /\b(?:this|the|that|our) goal\b|\bhow (?:is|are|goes) (?:it|this|things)\b|\bhow['’]s (?:it|this)\b|\bprogress\b|\bstatus\b|\bhow far\b|\bdone yet\b/i;

type Ids = Record<'goal' | 'task' | 'approval' | 'experiment', number | null>;

/** Null when the words name nothing that can be read. */
export function readIntent(text: string, setting: Setting): Intent | null {
  const ids: Ids = {
    goal: named(text, 'goals?'),
    task: named(text, 'tasks?'),
    approval: named(text, 'approvals?|requests?'),
    experiment: named(text, 'experiments?'),
  };
  if (OWN_COST.test(text)) return { tool: 'conversation_cost', input: {} };
  const why = WHY.test(text) ? readWhy(text, ids, setting) : null;
  if (why !== null) return why;
  if (MONEY.test(text) && !/\bforecast\b|\bnext\b/i.test(text))
    return readMoney(text, { ...setting, goalId: ids.goal ?? readHere(text, setting) });
  return readThing(text, ids) ?? readState(text, setting);
}

function readWhy(text: string, ids: Ids, { goalId }: Setting): Intent | null {
  const subject = (['experiment', 'approval', 'task', 'goal'] as const).find((kind) => ids[kind] !== null);
  if (subject !== undefined) return { tool: 'why', input: { [subject]: ids[subject] ?? 0 } };
  return goalId === null || STATUS.test(text) || MONEY.test(text) ? null : { tool: 'why', input: { goal: goalId } };
}

function readThing(text: string, ids: Ids): Intent | null {
  if (ids.task !== null) return { tool: 'task', input: { id: ids.task } };
  if (ids.approval !== null) return { tool: 'approvals', input: { id: ids.approval } };
  const tool = PLAIN.find(([pattern]) => pattern.test(text))?.[1];
  if (tool !== undefined) return { tool, input: tool === 'documents' && ids.goal !== null ? { goal: ids.goal } : {} };
  return ids.goal === null ? null : { tool: 'goal', input: { id: ids.goal } };
}

function readState(text: string, { goalId }: Setting): Intent | null {
  if (goalId !== null && HERE.test(text)) return { tool: 'goal', input: { id: goalId } };
  if (STATUS.test(text)) return { tool: 'status', input: {} };
  return GOALS.test(text) ? { tool: 'goals', input: {} } : null;
}

/** In a goal's thread money is the goal's, unless everything is asked for. */
const readHere = (text: string, { goalId }: Setting): number | null =>
  /\b(?:all|total|overall|everything|altogether)\b/i.test(text) ? null : goalId;

function readMoney(text: string, { today, goalId }: Setting): Intent {
  const offer = /\boffer[ _#]*(\d{1,6})\b/i.exec(text)?.[1];
  const by = BY.exec(text)?.[1]?.toLowerCase();
  return {
    tool: 'revenue',
    input: {
      ...(goalId === null ? {} : { goal: goalId }),
      ...(offer === undefined ? {} : { offer: `offer_${offer}` }),
      ...readPeriod(text, today),
      ...(LIVE.test(text) ? { mode: 'live' } : {}),
      ...(by === undefined ? {} : { by }),
    },
  };
}
