// A chat request in the words of the OpenAI API, with no more fields than needed: compatible servers refuse unknown ones.
import type { OpenAI } from 'openai';
import type { ChatMessage, ChatRequest } from '../domain/brain/chat-model.ts';
import { strictSchema } from './strict-schema.ts';

type Body = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;
type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam;

export function toRequestBody(
  model: string,
  request: ChatRequest,
  { baseUrl, temperature }: { baseUrl: string; temperature: number | null },
): Body {
  return {
    model,
    messages: request.messages.map(toMessage),
    stream: true,
    stream_options: { include_usage: true },
    ...maxTokens(request.maxOutputTokens, baseUrl),
    ...(temperature === null ? {} : { temperature }),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }),
    ...(request.schema === null
      ? {}
      : {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: request.schema.name, schema: strictSchema(request.schema.jsonSchema), strict: true },
          },
        }),
  };
}

/** OpenAI's newer models refuse `max_tokens`; other servers know nothing else. */
function maxTokens(limit: number, baseUrl: string): Pick<Body, 'max_completion_tokens'> | Pick<Body, 'max_tokens'> {
  const { hostname } = new URL(baseUrl);
  const isOpenAi = hostname === 'api.openai.com' || hostname.endsWith('.api.openai.com');
  return isOpenAi ? { max_completion_tokens: limit } : { max_tokens: limit };
}

/** Half a surrogate pair (text cut in the middle of an emoji) is refused by several servers. */
function toMessage(message: ChatMessage): Message {
  const content = message.content.toWellFormed();
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId, content };
  if (message.role !== 'assistant') return { role: message.role, content };
  // An answer without words and calls happened, but several servers refuse to be reminded of it.
  if (message.toolCalls.length === 0) return { role: 'assistant', content: content === '' ? '(nothing)' : content };
  return {
    role: 'assistant',
    content: content === '' ? null : content,
    tool_calls: message.toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: nameOf(call.name), arguments: repeatable(call.arguments) },
    })),
  };
}

/** A model may call a tool by any name; servers refuse a history with names that no tool could have. */
const nameOf = (written: string): string => written.replace(/[^\w-]/g, '_').slice(0, 64) || 'unnamed';

/** What a model wrote may be no JSON; several servers refuse a history that holds it. */
function repeatable(written: string): string {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? written.toWellFormed() : '{}';
  } catch {
    return '{}';
  }
}
