// Reads the tool calls so far out of a chat request's messages, with their results.
import type { PastCall, Turn } from './playbook-step.ts';

type Fields = Record<string, unknown>;

/** Results belong to the assistant message before them: ids may repeat from turn to turn. */
export function readConversation(messages: Fields[]): Turn[] {
  const turns: { calls: unknown[]; results: Map<string, string> }[] = [];
  for (const message of messages) {
    const { role, tool_calls: calls, tool_call_id: id } = message;
    if (role === 'assistant' && Array.isArray(calls)) turns.push({ calls, results: new Map() });
    if (role === 'tool') turns.at(-1)?.results.set(String(id), textOf(message['content']));
  }
  return turns.map(({ calls, results }) => calls.map((call) => readCall(call, results)));
}

function readCall(value: unknown, results: ReadonlyMap<string, string>): PastCall {
  const call = asRecord(value) ?? {};
  const called = asRecord(call['function']) ?? {};
  const text = results.get(String(call['id'])) ?? '';
  const result = parseObject(text);
  const output = asRecord(result?.['output']);
  return {
    name: String(called['name']),
    input: parseObject(textOf(called['arguments'])) ?? {},
    callId: typeof result?.['callId'] === 'number' ? result['callId'] : null,
    output,
    error: output === null ? errorOf(result) : '',
    changesRequested: output === null && asksForChanges(result),
  };
}

function errorOf(result: Fields | null): string {
  const error = result?.['error'];
  if (error === undefined) return '';
  return typeof error === 'string' ? error : JSON.stringify(error);
}

/** The field stands beside the error or in it, as JSON or as JSON in text. */
function asksForChanges(result: Fields | null): boolean {
  if (result === null) return false;
  if ('changesRequested' in result) return true;
  const error = asRecord(result['error']) ?? parseObject(textOf(result['error']));
  return error !== null && 'changesRequested' in error;
}

/** The JSON object in a text that may have a fence around it; null when there is none. */
function parseObject(text: string): Fields | null {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return null;
  try {
    return asRecord(JSON.parse(text.slice(start, end + 1)));
  } catch {
    return null;
  }
}

function asRecord(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
