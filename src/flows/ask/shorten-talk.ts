// The older part of a long conversation in short, by a model where one is named for it; else by the first sentence of each message. The messages stay.
import { AppError } from '../../core/errors.ts';
import { SUMMARISE_SYSTEM } from '../../domain/brain/judge-prompt.ts';
import { fenceData } from '../../domain/brain/prompts.ts';
import { olderThanShown, type Said, summarise } from '../../domain/conversations/context.ts';
import type { Conversation } from '../../domain/conversations/conversation-store.ts';
import { callModel } from '../call-model.ts';
import type { Deps } from '../deps.ts';

const LONGEST_SUMMARY = 4_000;

/** @returns the new summary and the message it reaches to; null while nothing is long enough. */
export async function shortenTalk(
  deps: Deps,
  conversation: Conversation,
  said: readonly Said[],
  signal: AbortSignal,
): Promise<{ summary: string; upTo: number } | null> {
  const byRule = summarise(conversation.summary, said);
  if (byRule === null || deps.config.brain?.summarised !== true) return byRule;
  const older = olderThanShown(said).map(({ role, text }) =>
    fenceData(role === 'person' ? 'a person' : 'your answer', text.slice(0, 3_000)),
  );
  const before = conversation.summary === null ? [] : [fenceData('what was in short before', conversation.summary)];
  try {
    const reply = await callModel(deps, {
      ...{
        mode: 'summarise',
        goalId: null,
        taskId: null,
        conversationId: conversation.id,
        agent: 'assistant',
        tools: [],
        schema: null,
        signal,
      },
      messages: [
        { role: 'system', content: SUMMARISE_SYSTEM },
        { role: 'user', content: [...before, ...older].join('\n') },
      ],
    });
    const summary = reply.text.trim().slice(0, LONGEST_SUMMARY).toWellFormed();
    return reply.finish === 'refusal' || summary === '' ? byRule : { summary, upTo: byRule.upTo };
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error;
    deps.log.warn({ conversation: conversation.id, why: error.reply }, 'a conversation was put in short by rule');
    return byRule;
  }
}
