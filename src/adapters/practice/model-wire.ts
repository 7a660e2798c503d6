// An answer of the practice model in the words of the OpenAI chat API: whole, or as a stream of chunks.
import type { Answer } from './playbook-step.ts';

export const PRACTICE_MODEL = 'practice-playbooks';

const PIECE_CHARACTERS = 400;
const CHARACTERS_PER_TOKEN = 4;

interface WireCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export function wholeCompletion(answer: Answer, prompt: string): object {
  const calls = wireCalls(answer, prompt);
  const message = {
    role: 'assistant',
    content: answer.text === '' ? null : answer.text,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    ...envelope('chat.completion'),
    choices: [{ index: 0, message, finish_reason: finishReason(answer) }],
    usage: countTokens(answer, prompt),
  };
}

/** Server-sent events, the last one `[DONE]`. */
export function* streamCompletion(answer: Answer, prompt: string, includeUsage: boolean): Generator<string> {
  const chunk = (delta: object, finish: string | null = null): string =>
    event({ ...envelope('chat.completion.chunk'), choices: [{ index: 0, delta, finish_reason: finish }] });
  yield chunk({ role: 'assistant', content: '' });
  for (const content of pieces(answer.text)) yield chunk({ content });
  for (const [index, call] of wireCalls(answer, prompt).entries()) {
    yield chunk({ tool_calls: [{ ...call, index, function: { name: call.function.name, arguments: '' } }] });
    for (const piece of pieces(call.function.arguments)) yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  yield chunk({}, finishReason(answer));
  if (includeUsage) yield event({ ...envelope('chat.completion.chunk'), choices: [], usage: countTokens(answer, prompt) });
  yield 'data: [DONE]\n\n';
}

function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** No clock and no counter: the same request gets the same bytes. */
function envelope(object: string): object {
  return { id: 'practice', object, created: 0, model: PRACTICE_MODEL };
}

/** A conversation only grows, so its length makes ids that never repeat in it. */
function wireCalls(answer: Answer, prompt: string): WireCall[] {
  return answer.calls.map((call, index) => ({
    id: `call_${prompt.length}_${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.input) },
  }));
}

function finishReason(answer: Answer): string {
  return answer.calls.length > 0 ? 'tool_calls' : 'stop';
}

function pieces(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / PIECE_CHARACTERS) }, (_, at) =>
    text.slice(at * PIECE_CHARACTERS, (at + 1) * PIECE_CHARACTERS),
  );
}

/** Estimated from lengths: there is no tokenizer behind this model. */
function countTokens(answer: Answer, prompt: string): Usage {
  const written = answer.text + JSON.stringify(answer.calls);
  const prompt_tokens = Math.ceil(prompt.length / CHARACTERS_PER_TOKEN);
  const completion_tokens = Math.ceil(written.length / CHARACTERS_PER_TOKEN);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
