// Turns that code writes, in the form of a model's replies.
import type { Json } from '../core/canonical-json.ts';
import type { ChatReply } from '../domain/brain/chat-model.ts';

/** What stands in a turn's row in the place of a model's name. */
const POLICY_MODEL = 'policy';

export interface PolicyCall {
  tool: string;
  arguments: { [key: string]: Json };
}

export const say = (text: string, calls: readonly PolicyCall[]): ChatReply => ({
  text,
  toolCalls: calls.map((call, index) => ({ id: String(index), name: call.tool, arguments: JSON.stringify(call.arguments) })),
  finish: 'tool_calls',
  usage: null,
  model: POLICY_MODEL,
});

export const finish = (outcome: 'done' | 'nothing_done', summary: string): ChatReply =>
  say(summary, [{ tool: 'finish', arguments: { outcome, summary } }]);
