// Reading a model's structured answer: parse, check, and on failure one more try with the error shown.
import { z } from 'zod';
import { findUnstorable } from '../../core/canonical-json.ts';
import { redactText } from '../../core/redact.ts';
import type { ChatMessage, ChatReply } from './chat-model.ts';

export type Structured<T> = { kind: 'value'; value: T; model: string } | { kind: 'unusable'; why: string };

/**
 * @param ask sends messages and returns the reply (money and fallbacks are its business).
 * @param check says what is wrong beyond the schema, or null.
 */
export async function askStructured<T>(
  schema: z.ZodType<T>,
  messages: ChatMessage[],
  ask: (messages: ChatMessage[]) => Promise<ChatReply>,
  check: (value: T) => string | null,
): Promise<Structured<T>> {
  const first = await ask(messages);
  const answer = readStructured(schema, first, check);
  if (answer.kind === 'value') return { ...answer, model: first.model };
  const repair: ChatMessage[] = [
    ...messages,
    { role: 'assistant', content: first.text.slice(0, 20_000), toolCalls: [] },
    { role: 'user', content: `That answer cannot be used: ${answer.why}. Answer again with JSON of the schema only.` },
  ];
  const second = await ask(repair);
  const repaired = readStructured(schema, second, check);
  return repaired.kind === 'value' ? { ...repaired, model: second.model } : repaired;
}

function readStructured<T>(
  schema: z.ZodType<T>,
  reply: ChatReply,
  check: (value: T) => string | null,
): { kind: 'value'; value: T } | { kind: 'unusable'; why: string } {
  if (reply.finish === 'refusal') return { kind: 'unusable', why: 'the model refused' };
  if (reply.finish === 'length') return { kind: 'unusable', why: 'the answer was cut off' };
  let raw: unknown;
  try {
    raw = JSON.parse(redactText(reply.text));
  } catch {
    return { kind: 'unusable', why: 'it is not JSON' };
  }
  const trouble = findUnstorable(raw);
  if (trouble !== null) return { kind: 'unusable', why: trouble };
  const parsed = schema.safeParse(raw);
  if (!parsed.success) return { kind: 'unusable', why: z.prettifyError(parsed.error).slice(0, 1500) };
  const wrong = check(parsed.data);
  return wrong === null ? { kind: 'value', value: parsed.data } : { kind: 'unusable', why: wrong };
}
