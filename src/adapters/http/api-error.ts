// How a failed request reads over HTTP: a status and {"error":{code,message,ref,fields?}}, with the card for people.
import { randomBytes } from 'node:crypto';
import type { Answer } from '../../chat/answer.ts';
import type { Card } from '../../chat/card.ts';

const STATUS = {
  invalid_input: 400,
  not_allowed: 403,
  not_found: 404,
  conflict: 409,
  limit_exceeded: 429,
  upstream: 502,
  broken: 500,
} as const;

export type ErrorStatus = (typeof STATUS)[keyof typeof STATUS] | 401 | 413 | 421;

export interface ErrorBody {
  ok: false;
  error: { code: string; message: string; ref: string; fields?: Record<string, string> };
  card?: Card;
}

/** A short name for one failure, to be found in the log. */
export function createRef(): string {
  return randomBytes(4).toString('hex');
}

export function toError(code: string, message: string, ref = createRef()): ErrorBody {
  return { ok: false, error: { code, message, ref } };
}

export function toStatus(answer: Answer): ErrorStatus | 200 {
  return answer.ok ? 200 : STATUS[answer.code ?? 'broken'];
}

/** The public JSON of an answer, good or bad. */
export function toBody(answer: Answer): { ok: true; card: Card } | ErrorBody {
  if (answer.ok) return { ok: true, card: answer.card };
  const body = toError(answer.code ?? 'broken', answer.card.text ?? answer.card.title, answer.ref);
  if (answer.fields !== undefined) body.error.fields = answer.fields;
  return { ...body, card: answer.card };
}
