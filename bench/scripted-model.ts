// The agent of the approvals bench as data: launch, then read back, then finish. Spoken over HTTP by the model double,
// or in the bot's own process by a ChatModel that costs nothing, for whoever measures only what lies between model and act.
import type { ChatModel, ChatReply } from '../src/domain/brain/chat-model.ts';

export interface ScriptedCall {
  name: string;
  arguments: object;
}

/** What the agent of this task does next. @param results the outputs of its calls so far */
export function nextCall(taskId: number, results: readonly string[]): ScriptedCall {
  if (results.length === 0) return { name: 'market_launch', arguments: { offerId: `task-${taskId}`, budgetUsd: 1 } };
  if (results.length > 1) return { name: 'finish', arguments: { outcome: 'done', summary: 'launched and read back' } };
  const first = JSON.parse(results[0] ?? '{}') as { output?: { id?: string } };
  return { name: 'market_results', arguments: { launchId: first.output?.id ?? 'none' } };
}

/** Reads the task's number out of the facts that every prompt carries. */
export function readTaskId(messages: readonly { content: string }[]): number {
  return Number(/"task":\{"id":(\d+)/.exec(messages[1]?.content ?? '')?.[1]);
}

export const resultsIn = (messages: readonly { role: string; content: string }[]): string[] =>
  messages.filter((message) => message.role === 'tool').map((message) => message.content);

/** @param mayAnswer is waited for before the question after the act is answered */
export function createScriptedModel(mayAnswer: (taskId: number) => Promise<void>): ChatModel {
  const offer = { model: 'bench', price: { inputMicros: 0n, outputMicros: 0n }, practice: false };
  return {
    offers: () => [offer],
    chat: async (_offer, request): Promise<ChatReply> => {
      const taskId = readTaskId(request.messages);
      const results = resultsIn(request.messages);
      if (results.length > 0) await mayAnswer(taskId);
      const call = nextCall(taskId, results);
      const toolCalls = [{ id: 'call_1', name: call.name, arguments: JSON.stringify(call.arguments) }];
      const usage = { inputTokens: 10, outputTokens: 5, reportedCostMicros: null };
      return { text: 'next', toolCalls, finish: 'tool_calls', usage, model: 'bench' };
    },
    health: () => 'ok',
  };
}
