// ask: talk to the agent; or look at an answer, stop it, ask it again.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField, wordsField } from '../src/chat/fields.ts';
import { askAgain, askDraft, askQuestion, LONGEST_QUESTION, lookAtAnswer, stopAnswer } from '../src/flows/ask/ask-question.ts';

export const ask = defineCommand({
  name: 'ask',
  summary: 'ask it anything about its work; remember, recall, forget',
  role: 'viewer',
  input: z.object({
    text: wordsField('your question, or: remember that …, what do you know about …, forget …', LONGEST_QUESTION).optional(),
    answer: idField('an answer, to look at it').optional(),
    stop: idField('an answer, to stop it').optional(),
    again: idField('an answer, to ask its question again').optional(),
    draft: idField('a draft that was only a question').optional(),
  }),
  positional: 'text',
  examples: ['ask What did we earn this week?', 'ask remember that Anna pays late', 'ask what do you know about Anna?', 'ask stop:12'],
  run: async ({ input, caller, deps }) => {
    if (input.stop !== undefined) return stopAnswer(deps, input.stop, caller);
    if (input.again !== undefined) return askAgain(deps, input.again, caller);
    if (input.draft !== undefined) return askDraft(deps, input.draft, caller);
    if (input.answer !== undefined) return lookAtAnswer(deps, input.answer, caller);
    return askQuestion(deps, input.text ?? '', caller);
  },
});
