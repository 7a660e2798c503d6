// Kinds of failure by type and status, what is done about each, a smaller context, and breakers that always close again.
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createBreakers } from '../../src/adapters/breakers.ts';
import { InvalidInput, Upstream } from '../../src/core/errors.ts';
import { type CallFailureKind, ModelCallFailure } from '../../src/domain/brain/call-failure.ts';
import type { ChatMessage } from '../../src/domain/brain/chat-model.ts';
import { failureToGoBy, isOfAccount, kindOfFailure, type Situation, treatCall } from '../../src/domain/brain/failure.ts';
import { shrinkContext } from '../../src/domain/brain/shrink.ts';
import type { BreakerState } from '../../src/domain/tools/breakers.ts';

const ofModel = (kind: CallFailureKind, status: number | null = null, words = 'author of a timeout, 429 network auth'): Upstream =>
  new Upstream(words, { retryable: true, cause: new ModelCallFailure(words, { kind, sent: true, mayCost: true, status }) });

test.for<[string, unknown]>([
  ['rate_limit', ofModel('rate_limited', 429)],
  ['timeout', ofModel('timeout')],
  ['network', ofModel('connect')],
  ['network', ofModel('network')],
  ['model_error', ofModel('server', 500)],
  ['model_error', ofModel('rejected', 404)],
  ['invalid_response', ofModel('garbled')],
  ['auth', ofModel('rejected', 401)],
  ['auth', ofModel('rejected', 402)],
  ['tool_error', new Upstream('Rate limit! Timeout! 401!', { retryable: true })],
  ['rate_limit', new Upstream('It is busy.', { retryable: true, retryAfterMs: 900_000 })],
  ['tool_error', new InvalidInput('no such network')],
  ['unknown', new Error('ECONNRESET timeout 429')],
])('%s is told from types and status codes, never from words', ([kind, error]) => {
  expect(kindOfFailure(error)).toBe(kind);
});

const now: Situation = {
  kind: 'model_error',
  ofAccount: false,
  retryable: true,
  retryAfterMs: null,
  tooLong: false,
  waited: 0,
  degraded: false,
  canDegrade: true,
  hasNext: true,
};

test.for<[string, Partial<Situation>, string]>([
  ['a short pause is honoured', { kind: 'rate_limit', retryAfterMs: 2_000 }, 'wait'],
  ['a second short pause is not', { kind: 'rate_limit', retryAfterMs: 2_000, waited: 1 }, 'switch'],
  ['a long pause makes another model step in', { kind: 'rate_limit', retryAfterMs: 120_000 }, 'switch'],
  ['a long pause of the only model waits as a row', { kind: 'rate_limit', retryAfterMs: 120_000, hasNext: false }, 'give_up'],
  ['a wrong key fails fast', { kind: 'auth', ofAccount: true, retryable: false }, 'give_up'],
  ['a model that this key may not use is switched', { kind: 'auth', retryable: false }, 'switch'],
  ['a slow model is switched', { kind: 'timeout' }, 'switch'],
  ['a slow model that is the only one gets less to read', { kind: 'timeout', hasNext: false }, 'degrade'],
  ['but only once', { kind: 'timeout', hasNext: false, degraded: true }, 'give_up'],
  ['a prompt that is too long is shortened', { kind: 'model_error', tooLong: true, retryable: false }, 'degrade'],
  ['or goes to another model', { kind: 'model_error', tooLong: true, retryable: false, canDegrade: false }, 'switch'],
  ['nonsense makes another model step in', { kind: 'invalid_response' }, 'switch'],
  ['the unknown fails fast', { kind: 'unknown' }, 'give_up'],
])('%s', ([, over, treatment]) => {
  expect(treatCall({ ...now, ...over }).do).toBe(treatment);
});

test('of several failures the one that says when to come back counts, so another one costs no attempt', () => {
  const told = new Upstream('later', { retryable: true, retryAfterMs: 3_600_000 });
  expect(failureToGoBy([told, ofModel('server', 500)])).toBe(told);
  expect(failureToGoBy([told, new Upstream('sooner', { retryable: true, retryAfterMs: 60_000 })])).toMatchObject({ reply: 'sooner' });
  expect(failureToGoBy([])).toBeUndefined();
  expect(isOfAccount(ofModel('rejected', 403))).toBe(false);
});

test('a smaller context keeps the system’s words, the question, the calls and the newest messages', () => {
  const tool = (id: string, size: number): ChatMessage => ({ role: 'tool', toolCallId: id, content: 'x'.repeat(size) });
  const messages: ChatMessage[] = [
    { role: 'system', content: 'S'.repeat(3_000) },
    { role: 'user', content: 'Q'.repeat(3_000) },
    { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 't', arguments: '{}' }] },
    tool('a', 30_000),
    { role: 'assistant', content: '', toolCalls: [{ id: 'b', name: 't', arguments: '{}' }] },
    tool('b', 5_000),
    { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 't', arguments: '{}' }] },
    tool('c', 5_000),
  ];
  const shrunk = shrinkContext(messages);
  expect(shrunk?.map(({ content }) => content.length)).toEqual([3_000, 3_000, 0, 425, 0, 5_000, 0, 5_000]);
  expect(shrinkContext(shrunk ?? [])).toBeNull();
});

describe('a breaker', () => {
  afterEach(() => vi.useRealTimers());
  const LIMITS = { failures: 3, halfOpenAfterMs: 1_000 };
  const calls = {
    well: async () => 'well',
    outage: () => Promise.reject(new Error('down')),
    nothing: () => Promise.reject(new Error('stopped')),
  };

  test('that has been through any outage closes with the first call that goes well, and says each change', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const step = fc.record({ word: fc.constantFrom('well', 'outage', 'nothing'), laterMs: fc.constantFrom(0, 10, 1_000, 5_000) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const breakers = createBreakers(LIMITS);
        const told: BreakerState[] = [];
        breakers.onChange((state) => told.push(state));
        for (const { word, laterMs } of steps) {
          vi.setSystemTime(Date.now() + laterMs);
          await breakers.run('s', calls[word as keyof typeof calls], () => word as never).catch(() => undefined);
        }
        vi.setSystemTime(Date.now() + LIMITS.halfOpenAfterMs);
        expect(breakers.restMs('s')).toBe(0);
        expect(await breakers.run('s', calls.well, () => 'well')).toBe('well');
        expect(breakers.isFailing('s')).toBe(false);
        expect(told.at(-1)?.state ?? 'closed').toBe('closed');
      }),
      { numRuns: process.env['JUG_TEST_LONG'] === '1' ? 5_000 : 200 },
    );
  });

  test('asks a service that is down once a pause, and one that refuses us is there', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const breakers = createBreakers(LIMITS);
    let asked = 0;
    const ask = (word: 'outage' | 'well') =>
      breakers
        .run(
          's',
          () => {
            asked += 1;
            return Promise.reject(new Error(`asked ${asked}`));
          },
          () => word,
        )
        .catch((error: unknown) => error);
    for (let n = 0; n < 50; n += 1) await ask('outage');
    expect(asked).toBe(3);
    expect(await ask('outage')).toMatchObject({ retryable: true, retryAfterMs: 1_000 });
    for (let n = 0; n < 5; n += 1) {
      vi.setSystemTime(Date.now() + 1_000);
      await ask('outage');
      await ask('outage');
    }
    expect(asked).toBe(8);
    vi.setSystemTime(Date.now() + 1_000);
    expect(await ask('well')).toMatchObject({ message: 'asked 9' });
    expect(breakers.isFailing('s')).toBe(false);
  });
});
