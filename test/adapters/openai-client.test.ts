// The real openai package against a scripted server on loopback: what comes back, and what every failure becomes.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createOpenAiModel, type OpenAiOptions } from '../../src/adapters/openai-client.ts';
import { Upstream } from '../../src/core/errors.ts';
import { ModelCallFailure } from '../../src/domain/brain/call-failure.ts';
import type { ChatModel, ChatRequest, ModelOffer } from '../../src/domain/brain/chat-model.ts';
import { type ModelDouble, startModelDouble } from '../support/model-double.ts';
import type { Failure, ScriptedReply } from '../support/model-double-replies.ts';

const OFFER: ModelOffer = { model: 'alpha', price: null, practice: false };
const SEARCH = { name: 'search', description: 'Searches.', parameters: { type: 'object', properties: { q: { type: 'string' } } } };

let double: ModelDouble;
beforeEach(async () => {
  double = await startModelDouble();
});
afterEach(async () => {
  vi.useRealTimers();
  await double.stop();
});

function model(overrides: Partial<OpenAiOptions> = {}): ChatModel {
  return createOpenAiModel({
    baseUrl: double.baseUrl,
    apiKey: double.apiKey,
    models: { plan: { primary: 'alpha', fallbacks: ['beta'] }, execute: { primary: 'alpha', fallbacks: [] } },
    prices: { alpha: { inputMicros: 2_000_000n, outputMicros: 8_000_000n } },
    practice: false,
    timeoutMs: 5_000,
    ...overrides,
  });
}

function request(overrides: Partial<ChatRequest> = {}): ChatRequest {
  return {
    mode: 'plan',
    messages: [{ role: 'user', content: 'Hello' }],
    tools: [],
    schema: null,
    maxOutputTokens: 100,
    signal: new AbortController().signal,
    ...overrides,
  };
}

async function failureOf(call: Promise<unknown>): Promise<{ upstream: Upstream; cause: ModelCallFailure }> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Upstream) || !(error.cause instanceof ModelCallFailure)) throw new Error(`no Upstream: ${String(error)}`);
  return { upstream: error, cause: error.cause };
}

async function replyTo(reply: ScriptedReply, overrides: Partial<ChatRequest> = {}) {
  double.enqueue(reply);
  const answer = await model().chat(OFFER, request(overrides));
  double.assertComplete();
  return answer;
}

async function failWith(reply: ScriptedReply, options: Partial<OpenAiOptions> = {}) {
  double.enqueue(reply);
  return failureOf(model(options).chat(OFFER, request()));
}

describe('a good reply', () => {
  test('streams its text piece by piece and counts its tokens', async () => {
    const pieces: string[] = [];
    const reply = await replyTo({ text: 'A short answer.' }, { onText: (piece) => pieces.push(piece) });
    expect(reply).toEqual({
      text: 'A short answer.',
      toolCalls: [],
      finish: 'stop',
      usage: { inputTokens: 10, outputTokens: 5, reportedCostMicros: null },
      model: 'alpha',
    });
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe('A short answer.');
  });

  test('asks with only the fields it needs', async () => {
    await replyTo({ text: 'ok' });
    expect(double.requests[0]?.path).toBe('/v1/chat/completions');
    expect(double.requests[0]?.body).toEqual({
      model: 'alpha',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 100,
    });
  });

  test('asks for structured output without the limits that strict mode refuses', async () => {
    const jsonSchema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        maxLength: { type: 'string', minLength: 3, maxLength: 9 },
        list: { type: 'array', items: { type: 'object', properties: {} } },
      },
    };
    const reply = await replyTo({ text: '{"maxLength":"abc"}' }, { schema: { name: 'thing', jsonSchema } });
    expect(reply.text).toBe('{"maxLength":"abc"}');
    expect(double.requests[0]?.body.response_format).toEqual({
      type: 'json_schema',
      json_schema: {
        name: 'thing',
        strict: true,
        schema: {
          type: 'object',
          properties: {
            maxLength: { type: 'string' },
            list: { type: 'array', items: { type: 'object', properties: {}, required: [], additionalProperties: false } },
          },
          required: ['maxLength', 'list'],
          additionalProperties: false,
        },
      },
    });
  });

  test('puts tool calls together from their fragments', async () => {
    const reply = await replyTo(
      {
        toolCalls: [
          { name: 'search', arguments: { q: 'first thing' } },
          { name: 'search', arguments: 'no { json' },
        ],
      },
      { tools: [SEARCH] },
    );
    expect(reply.finish).toBe('tool_calls');
    expect(reply.toolCalls).toEqual([
      { id: 'call_d0', name: 'search', arguments: '{"q":"first thing"}' },
      { id: 'call_d1', name: 'search', arguments: 'no { json' },
    ]);
    expect(double.requests[0]?.body.tools).toEqual([{ type: 'function', function: SEARCH }]);
  });

  test('gives every call its own id when ids are missing, repeated or all at one index', async () => {
    const reply = await replyTo({
      toolCalls: [
        { name: 'a', arguments: { n: 1 }, id: 'same' },
        { name: 'b', arguments: { n: 2 }, id: 'same' },
        { name: 'c', arguments: { n: 3 }, id: null },
        { name: 'd', arguments: { n: 4 }, index: null },
        { name: 'e', arguments: { n: 5 }, index: 0, id: 'other' },
      ],
    });
    expect(reply.toolCalls).toEqual([
      { id: 'same', name: 'a', arguments: '{"n":1}' },
      { id: 'call_1', name: 'b', arguments: '{"n":2}' },
      { id: 'call_2', name: 'c', arguments: '{"n":3}' },
      { id: 'call_d3', name: 'd', arguments: '{"n":4}' },
      { id: 'other', name: 'e', arguments: '{"n":5}' },
    ]);
  });

  test('keeps 64 of 500 parallel calls', async () => {
    const toolCalls = Array.from({ length: 500 }, (_, n) => ({ name: 'search', arguments: { n } }));
    const reply = await replyTo({ toolCalls });
    expect(reply.toolCalls).toHaveLength(64);
    expect(reply.toolCalls.at(-1)).toEqual({ id: 'call_d63', name: 'search', arguments: '{"n":63}' });
  });

  test.each([
    [{ text: 'cut', finish: 'length' }, 'length'],
    [{ text: 'no', finish: 'content_filter' }, 'refusal'],
    [{ refusal: 'I will not.' }, 'refusal'],
    [{ text: 'x', finish: 'constructor' }, 'stop'],
    [{ toolCalls: [{ name: 'a', arguments: {} }], finish: 'stop' }, 'tool_calls'],
    [{ toolCalls: [{ name: 'a', arguments: '{"q' }], finish: 'length' }, 'length'],
    [{ text: 'x', finish: 'tool_calls' }, 'stop'],
  ] as const)('ends as it should: %j is %s', async (reply, finish) => {
    const answer = await replyTo(reply as ScriptedReply);
    expect(answer.finish).toBe(finish);
    if ('refusal' in reply) expect(answer.text).toBe('I will not.');
  });

  test.each([
    [{ prompt_tokens: 7, completion_tokens: 3, cost: 0.0001 }, '100'],
    [{ prompt_tokens: 7, completion_tokens: 3, cost: 0.00000001 }, '1'],
    [{ prompt_tokens: 7, completion_tokens: 3, cost: 0 }, '0'],
    [{ prompt_tokens: 7, completion_tokens: 3, cost: -1 }, 'none'],
    [{ prompt_tokens: 7, completion_tokens: 3, cost: 'free' }, 'none'],
    [{ prompt_tokens: 7, completion_tokens: 3, cost: 0.01, is_byok: true, cost_details: { upstream_inference_cost: 0.2 } }, '210000'],
    [{ prompt_tokens: 7, completion_tokens: 3, cost: 0.01, is_byok: true }, 'none'],
  ])('with usage %j reports a cost of %s micro-dollars', async (usage, cost) => {
    const answer = await replyTo({ text: 'x', usage });
    expect(answer.usage).toEqual({ inputTokens: 7, outputTokens: 3, reportedCostMicros: cost === 'none' ? null : BigInt(cost) });
  });

  test.each([
    { prompt_tokens: -7, completion_tokens: 3 },
    { prompt_tokens: 1.5, completion_tokens: 3 },
    { prompt_tokens: 'many', completion_tokens: 3 },
    null,
  ])('has no usage when the count makes no sense: %j', async (usage) => {
    expect((await replyTo({ text: 'x', usage })).usage).toBeNull();
  });

  test('is understood from a server that ignores streaming', async () => {
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c9', type: 'function', function: { name: 'search', arguments: '{}' } }],
    };
    const answer = await replyTo({
      json: { choices: [{ index: 0, message, finish_reason: 'tool_calls' }], usage: { prompt_tokens: 1, completion_tokens: 2 } },
    });
    expect(answer.toolCalls).toEqual([{ id: 'c9', name: 'search', arguments: '{}' }]);
    expect(answer.usage?.outputTokens).toBe(2);
  });

  test('survives chunks of the wrong shape', async () => {
    const events = [
      null,
      7,
      [],
      { choices: [] },
      { usage: null },
      { choices: [{}] },
      { choices: [{ delta: { content: 5, tool_calls: [null, 'x'] } }] },
    ];
    const lines = events.map((event) => `data: ${JSON.stringify(event)}\n\n`);
    const end = { choices: [{ delta: { content: 'fine' }, finish_reason: 'stop' }] };
    const answer = await replyTo({ events: [...lines, end] });
    expect(answer.text).toBe('fine');
  });

  test.each([[{ choices: 'none' }], [{ choices: [null] }], [{ choices: 5 }]])(
    'is refused when no server would send it: %j',
    async (event) => {
      const { upstream, cause } = await failWith({ events: [event] });
      expect(upstream.retryable).toBe(false);
      expect(cause.kind).toBe('garbled');
    },
  );

  test('sends a history back that every server accepts', async () => {
    await replyTo(
      { text: 'ok' },
      {
        messages: [
          { role: 'system', content: 'Rules' },
          { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'search', arguments: '{broken' }] },
          { role: 'tool', toolCallId: 'c1', content: 'half an emoji \ud83d' },
          { role: 'assistant', content: 'Thinking', toolCalls: [] },
        ],
      },
    );
    expect(double.requests[0]?.body.messages).toEqual([
      { role: 'system', content: 'Rules' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'search', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'half an emoji \ufffd' },
      { role: 'assistant', content: 'Thinking' },
    ]);
  });
});

describe('a provider that refuses', () => {
  test.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after-ms': '350', 'retry-after': '9' }, 350],
    [{ 'retry-after': '86400' }, 3_600_000],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('is asked again when it says so: 429 with %j', async (headers, retryAfterMs) => {
    const { upstream, cause } = await failWith({ status: 429, headers });
    expect(upstream).toMatchObject({ retryable: true, retryAfterMs });
    expect(cause).toMatchObject({ kind: 'rate_limited', status: 429, sent: true, mayCost: false });
  });

  test('may name the moment as an HTTP date', async () => {
    const { upstream } = await failWith({ status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } });
    expect(upstream.retryAfterMs).toBeGreaterThan(55_000);
    expect(upstream.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test.each([
    [500, true, 'server', true],
    [503, true, 'server', true],
    [408, true, 'server', false],
    [400, false, 'rejected', false],
    [401, false, 'rejected', false],
    [402, false, 'rejected', false],
    [403, false, 'rejected', false],
    [404, false, 'rejected', false],
    [422, false, 'rejected', false],
  ])('with %d is retryable: %s', async (status, retryable, kind, mayCost) => {
    const { upstream, cause } = await failWith({ status });
    expect(upstream.retryable).toBe(retryable);
    expect(cause).toMatchObject({ kind, status, sent: true, mayCost });
    expect(double.requests).toHaveLength(1);
  });

  test('for want of credit is not asked again', async () => {
    const { upstream } = await failWith({ status: 429, body: { error: { message: 'quota', code: 'insufficient_quota' } } });
    expect(upstream.retryable).toBe(false);
    expect(upstream.reply).toContain('credit');
  });

  test('with a redirect is not followed, so the key goes nowhere else', async () => {
    const { upstream } = await failWith({ status: 307, headers: { location: `${double.baseUrl}/elsewhere` } });
    expect(upstream).toMatchObject({ retryable: false, reply: expect.stringContaining('redirect') });
    expect(double.requests).toHaveLength(1);
  });

  test('never shows its words or our key', async () => {
    const { upstream, cause } = await failWith({ status: 401, body: { error: { message: `bad key ${double.apiKey}` } } });
    expect(upstream.reply).not.toContain('bad key');
    expect(cause.message).toContain('bad key [secret]');
  });

  test('inside the stream counts as its failure', async () => {
    const events = [{ choices: [{ delta: { content: 'Hm' } }] }, { error: { code: 502, message: 'upstream died' } }];
    const { upstream, cause } = await failWith({ events });
    expect(upstream.retryable).toBe(true);
    expect(cause).toMatchObject({ kind: 'server', status: 502, sent: true, mayCost: true });
  });

  test('with a huge error body costs nothing to read', async () => {
    const { cause } = await failWith({ status: 500, body: 'z'.repeat(20_000_000) });
    expect(cause.kind).toBe('server');
    expect(cause.message.length).toBeLessThanOrEqual(300);
  });
});

describe('a connection that goes wrong', () => {
  test('was never made, so nothing was sent', async () => {
    await double.close();
    const { upstream, cause } = await failureOf(model().chat(OFFER, request()));
    expect(upstream.retryable).toBe(true);
    expect(cause).toMatchObject({ kind: 'connect', sent: false, mayCost: false });
  });

  test('speaks no TLS where it should, so nothing was sent', async () => {
    const { cause } = await failureOf(model({ baseUrl: double.baseUrl.replace('http:', 'https:') }).chat(OFFER, request()));
    expect(cause).toMatchObject({ kind: 'connect', sent: false });
    expect(double.requests).toHaveLength(0);
  });

  test.each([
    ['reset', 'network', true],
    ['reset_mid_stream', 'network', true],
    ['truncate', 'garbled', true],
    ['garbage', 'garbled', false],
    ['garbage_mid_stream', 'garbled', true],
    ['html', 'garbled', false],
    ['endless_line', 'garbled', false],
    ['endless_text', 'garbled', true],
  ] as [Failure, string, boolean][])('by %s is %s, retryable: %s', async (fail, kind, retryable) => {
    const { upstream, cause } = await failWith({ fail });
    expect({ kind: cause.kind, retryable: upstream.retryable }).toEqual({ kind, retryable });
    expect(cause).toMatchObject({ sent: true, mayCost: true });
  });

  test.each(['hang', 'hang_after_headers'] as Failure[])('by %s ends at the first-byte limit', async (fail) => {
    const started = performance.now();
    const { upstream, cause } = await failWith({ fail }, { timeoutMs: 100 });
    expect(upstream).toMatchObject({ retryable: true, reply: expect.stringContaining('did not begin') });
    expect(cause).toMatchObject({ kind: 'timeout', sent: true, mayCost: true });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await double.requests[0]?.ended).toBe('hung_up');
  });

  test.each(['hang_mid_stream', 'drip'] as Failure[])('by %s ends at the limit for the whole call', async (fail) => {
    const { upstream, cause } = await failWith({ fail }, { timeoutMs: 100 });
    expect(upstream).toMatchObject({ retryable: true, reply: expect.stringContaining('did not finish') });
    expect(cause.kind).toBe('timeout');
    expect(await double.requests[0]?.ended).toBe('hung_up');
  });

  test('by hang_after_finish still gives the reply, without usage', async () => {
    double.enqueue({ fail: 'hang_after_finish' });
    const reply = await model({ timeoutMs: 100 }).chat(OFFER, request());
    expect(reply).toMatchObject({ text: 'All of it.', finish: 'stop', usage: null });
    expect(await double.requests[0]?.ended).toBe('hung_up');
  });

  test('by endless_line is read no further than two megabytes and a bit', async () => {
    const { cause } = await failWith({ fail: 'endless_line' });
    expect(Number(/\((\d+) bytes\)/.exec(cause.message)?.[1])).toBeLessThan(2_300_000);
  });
});

describe('a stopped call', () => {
  test('is not sent when it was stopped before', async () => {
    const { upstream, cause } = await failureOf(model().chat(OFFER, request({ signal: AbortSignal.abort() })));
    expect(upstream.retryable).toBe(false);
    expect(cause).toMatchObject({ kind: 'stopped', sent: false });
    expect(double.requests).toHaveLength(0);
  });

  test.each(['hang', 'hang_mid_stream', 'hang_after_finish'] as Failure[])('hangs up at once during %s', async (fail) => {
    const stop = new AbortController();
    double.enqueue({ fail });
    const call = failureOf(model().chat(OFFER, request({ signal: stop.signal })));
    await vi.waitFor(() => expect(double.requests).toHaveLength(1));
    stop.abort();
    const { upstream, cause } = await call;
    expect(upstream.retryable).toBe(false);
    expect(cause).toMatchObject({ kind: 'stopped', sent: true, mayCost: true });
    expect(await double.requests[0]?.ended).toBe('hung_up');
  });
});

describe('the circuit breaker', () => {
  const open = async (chat: ChatModel): Promise<void> => {
    for (let n = 0; n < 5; n += 1) {
      double.enqueue({ status: 500 });
      await failureOf(chat.chat(OFFER, request()));
    }
  };

  test('opens after five failures in a row, asks nobody, and closes by itself after the outage', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const chat = model();
    await open(chat);
    const { upstream, cause } = await failureOf(chat.chat(OFFER, request()));
    expect(upstream).toMatchObject({ retryable: true, retryAfterMs: 30_000 });
    expect(cause).toMatchObject({ kind: 'breaker_open', sent: false, mayCost: false });
    expect(double.requests).toHaveLength(5);
    expect(chat.health()).toBe('down');

    // The probe fails: another pause.
    vi.setSystemTime(Date.now() + 30_000);
    double.enqueue({ status: 500 });
    expect((await failureOf(chat.chat(OFFER, request()))).cause.kind).toBe('server');
    expect((await failureOf(chat.chat(OFFER, request()))).cause.kind).toBe('breaker_open');

    vi.setSystemTime(Date.now() + 30_000);
    double.enqueue({ text: 'back' }, { text: 'again' });
    expect((await chat.chat(OFFER, request())).text).toBe('back');
    expect(chat.health()).toBe('ok');
    expect((await chat.chat(OFFER, request())).text).toBe('again');
    double.assertComplete();
  });

  test('is one per model: the fallback still answers', async () => {
    const chat = model({ models: { plan: { primary: 'alpha', fallbacks: ['beta'] }, execute: { primary: 'beta', fallbacks: [] } } });
    await open(chat);
    expect(chat.health()).toBe('degraded');
    double.enqueue({ text: 'from the fallback' });
    const reply = await chat.chat({ ...OFFER, model: 'beta' }, request());
    expect(reply).toMatchObject({ text: 'from the fallback', model: 'beta' });
  });

  test('lets one probe through and sends the others away, and a stopped probe proves nothing', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const chat = model();
    await open(chat);
    vi.setSystemTime(Date.now() + 30_000);
    const stop = new AbortController();
    double.enqueue({ fail: 'hang' });
    const probe = failureOf(chat.chat(OFFER, request({ signal: stop.signal })));
    await vi.waitFor(() => expect(double.requests).toHaveLength(6));
    expect((await failureOf(chat.chat(OFFER, request()))).cause.kind).toBe('breaker_open');
    stop.abort();
    expect((await probe).cause.kind).toBe('stopped');
    expect((await failureOf(chat.chat(OFFER, request()))).cause.kind).toBe('breaker_open');
  });

  test.each([429, 401, 400])('does not open on %d: the provider is there', async (status) => {
    const chat = model();
    double.otherwise({ status });
    for (let n = 0; n < 6; n += 1) expect((await failureOf(chat.chat(OFFER, request()))).cause.status).toBe(status);
    expect(chat.health()).toBe(status === 401 ? 'down' : 'ok');
  });

  test('opens when connections are refused and closes when the server is back', async () => {
    const chat = model({ breaker: { failures: 2, halfOpenAfterMs: 0 } });
    await double.close();
    for (let n = 0; n < 4; n += 1) expect((await failureOf(chat.chat(OFFER, request()))).cause.kind).toBe('connect');
    expect(chat.health()).toBe('down');
    await double.listen();
    double.enqueue({ text: 'back' });
    expect((await chat.chat(OFFER, request())).text).toBe('back');
    expect(chat.health()).toBe('ok');
  });
});

test('offers name each model once, with its price only where one was stated', () => {
  const chat = model({
    models: { plan: { primary: 'alpha', fallbacks: ['beta', 'alpha', 'constructor'] }, execute: { primary: 'beta', fallbacks: [] } },
  });
  expect(chat.offers('plan')).toEqual([
    { model: 'alpha', price: { inputMicros: 2_000_000n, outputMicros: 8_000_000n }, practice: false },
    { model: 'beta', price: null, practice: false },
    { model: 'constructor', price: null, practice: false },
  ]);
});
