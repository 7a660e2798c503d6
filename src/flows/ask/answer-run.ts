// One answer being found, in memory: who asks, what was said before, what may be read, what was read so far.
import type { Caller } from '../../chat/command.ts';
import type { ReadTool } from '../../chat/read-tool.ts';
import { dayOf } from '../../core/calendar.ts';
import { ASK_SYSTEM, askPrompt } from '../../domain/brain/ask-prompt.ts';
import type { ChatMessage, RequestedCall } from '../../domain/brain/chat-model.ts';
import { toolResult } from '../../domain/brain/prompts.ts';
import { type Answer, findAnswer, type ReadRecord } from '../../domain/conversations/answer-store.ts';
import { newestThatFit } from '../../domain/conversations/context.ts';
import { type Conversation, findConversation, listSaid, setSummary } from '../../domain/conversations/conversation-store.ts';
import { readIntent } from '../../domain/conversations/intent.ts';
import { findPerson } from '../../domain/people/people-store.ts';
import type { Deps } from '../deps.ts';
import { recallFacts } from '../recall-facts.ts';
import { type AnswerGate, createAnswerGate } from './ground-answer.ts';
import { memoryReads } from './memory-reads.ts';
import { ownReads } from './own-reads.ts';
import { shortenTalk } from './shorten-talk.ts';

/** Remembered facts that are shown with a question. */
const MOST_FACTS = 5;

export interface AnswerRun {
  answer: Answer;
  conversation: Conversation;
  asker: Caller;
  tools: ReadonlyMap<string, ReadTool>;
  /** The question with all that belongs to it. */
  opening: ChatMessage[];
  turns: { text: string; calls: RequestedCall[]; records: ReadRecord[] }[];
  records: ReadRecord[];
  /** Holds what it says against what was read. */
  gate: AnswerGate;
  /** Something a stranger wrote was read for it, now or earlier in the conversation. */
  tainted: boolean;
  model: string | null;
  inputTokens: number;
  outputTokens: number;
  signal: AbortSignal;
}

/** Null when the answer is gone or whoever asked may not look any more. */
export async function openRun(
  deps: Deps,
  menu: ReadonlyMap<string, ReadTool>,
  answerId: number,
  signal: AbortSignal,
): Promise<AnswerRun | null> {
  const answer = await findAnswer(deps.db, answerId);
  const conversation = answer === undefined ? undefined : await findConversation(deps.db, answer.conversation_id);
  if (answer === undefined || conversation === undefined) return null;
  const person = await findPerson(deps.db, answer.platform_id, deps.config.people);
  if (!person.roles.has('viewer')) return null;
  const asker: Caller = { ...person, surface: answer.surface as Caller['surface'], goalId: conversation.goal_id };
  const past = await readPast(deps, conversation, answer, signal);
  const facts = await recallFacts(
    deps,
    { mode: deps.mode, person: person.person },
    { about: answer.question.slice(0, 1000), match: 'any', limit: MOST_FACTS },
    { goalId: null, conversationId: conversation.id, signal },
  );
  const records: ReadRecord[] = [];
  const told = facts.filter(({ kind }) => kind === 'told').map(({ text }) => text);
  const gate = createAnswerGate(records, {
    said: [answer.question, ...past.asked, ...told].join('\n'),
    measured: facts.filter(({ kind }) => kind === 'measured').map(({ text }) => text),
  });
  const run: AnswerRun = {
    answer,
    conversation,
    asker,
    tools: menu,
    opening: [],
    turns: [],
    records,
    gate,
    tainted: past.tainted || facts.some((fact) => fact.tainted),
    model: null,
    inputTokens: 0,
    outputTokens: 0,
    signal,
  };
  const mine = [...ownReads(deps, conversation), ...memoryReads(deps, { answerId, asker, isTainted: () => run.tainted })];
  run.tools = new Map([...menu, ...mine.map((tool) => [tool.name, tool] as const)]);
  const today = dayOf(deps.clock.now(), deps.config.timezone);
  const prompt = askPrompt({
    facts: {
      ask: 'question',
      intent: readIntent(answer.question, { today, goalId: conversation.goal_id }),
      goalId: conversation.goal_id,
      today,
      mode: deps.mode,
    },
    question: { by: `question of ${answer.platform_id}`, text: answer.question },
    history: past.history,
    summary: past.summary,
    memory: facts.map((fact) => ({ id: fact.id, kind: fact.kind, text: fact.text, outside: fact.tainted })),
  });
  run.opening = [
    { role: 'system', content: ASK_SYSTEM },
    { role: 'user', content: prompt },
  ];
  return run;
}

/** What was said before, as far as it has room; what has none is put in short, once. */
async function readPast(deps: Deps, conversation: Conversation, answer: Answer, signal: AbortSignal) {
  const said = await listSaid(deps.db, {
    conversationId: conversation.id,
    after: conversation.summarised_to ?? 0,
    before: answer.reply_to ?? 0,
  });
  const longer = await shortenTalk(deps, conversation, said, signal);
  if (longer !== null) await setSummary(deps.db, conversation.id, longer);
  const shown = newestThatFit(said);
  return {
    summary: longer?.summary ?? conversation.summary,
    history: shown.map((line) => ({ by: line.role === 'person' ? line.platform_id : 'your answer', text: line.text })),
    asked: said.filter((line) => line.role === 'person').map((line) => line.text),
    // A summary may hold what came from outside as well.
    tainted: conversation.summary !== null || said.some((line) => line.tainted),
  };
}

/** The conversation with the model so far. */
export function messagesOf(run: AnswerRun): ChatMessage[] {
  return [
    ...run.opening,
    ...run.turns.flatMap((turn): ChatMessage[] => [
      { role: 'assistant', content: turn.text, toolCalls: turn.calls },
      ...turn.records.map((record, at): ChatMessage => {
        const result = record.ok ? { output: record.output as never } : { error: record.error ?? 'it failed' };
        return {
          role: 'tool',
          toolCallId: turn.calls[at]?.id ?? '',
          content: toolResult(record.id, result, true).slice(0, LONGEST_RESULT),
        };
      }),
    ]),
  ];
}

const LONGEST_RESULT = 16_000;
