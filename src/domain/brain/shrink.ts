// A smaller context for a model that takes no larger one, or is too slow with it: what tools brought long ago is cut, the rest stays.
import type { ChatMessage } from './chat-model.ts';

/** The newest messages stay whole. */
const KEPT_WHOLE = 4;
const LONGEST_OLD = 400;
const WORTH_IT = 0.9;

const sizeOf = (messages: readonly ChatMessage[]): number => messages.reduce((sum, message) => sum + message.content.length, 0);

/** Null when nothing worth the try can be cut. The system's words, the question and all calls are kept. */
export function shrinkContext(messages: readonly ChatMessage[]): ChatMessage[] | null {
  const shrunk = messages.map((message, at) =>
    message.role === 'tool' && at < messages.length - KEPT_WHOLE && message.content.length > LONGEST_OLD
      ? { ...message, content: `${message.content.slice(0, LONGEST_OLD).toWellFormed()} … (the rest is left out)` }
      : message,
  );
  return sizeOf(shrunk) < sizeOf(messages) * WORTH_IT ? shrunk : null;
}
