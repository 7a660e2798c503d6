// What a model writes as arguments is read once: nothing that a database, a hash or a stack cannot take goes further. And when a run must stop.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson, findUnstorable, storableJson, storableText } from '../../src/core/canonical-json.ts';
import { findStopReason, MAX_STEPS, type PastCall } from '../../src/domain/tasks/stop-rule.ts';
import { readArguments, strictly } from '../../src/domain/tools/call-arguments.ts';

const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const whyOf = (text: string): string | null => {
  const read = readArguments(text);
  return read.ok ? null : read.why;
};

describe('arguments of a call', () => {
  test.for<[string, RegExp]>([
    ['{"a":', /not JSON/],
    ['{"a":NaN}', /not JSON/],
    ['[1]', /not a JSON object/],
    ['null', /not a JSON object/],
    ['"text"', /not a JSON object/],
    ['{"a":1e400}', /too large to keep/],
    ['{"a":[{"b":-1e999}]}', /too large to keep/],
    ['{"a":"\\u0000"}', /NUL/],
    ['{"a":["\\ud800"]}', /surrogate/],
    ['{"\\u0000":1}', /NUL/],
    [nested(64), /nested/],
    [nested(100_000), /nested/],
  ])('%s are refused', ([text, why]) => {
    expect(whyOf(text)).toMatch(why);
  });

  test('none at all are an empty object, and ordinary ones come back as they are', () => {
    expect(readArguments('')).toEqual({ ok: true, value: {}, kept: {}, hadSecret: false });
    expect(readArguments('{"a":[1,{"b":"é\\ud83d\\ude00"}]}')).toMatchObject({
      ok: true,
      value: { a: [1, { b: 'é😀' }] },
      hadSecret: false,
    });
    expect(whyOf(nested(60))).toBeNull();
  });

  test('a secret in them is cut, and told', () => {
    const read = readArguments(`{"url":"http://x.example/?k=sk-${'aB3'.repeat(16)}"}`);
    expect(read).toMatchObject({ ok: true, hadSecret: true });
    expect(JSON.stringify(read)).not.toContain('aB3aB3');
  });

  test('whatever is written: never a throw, and what is kept can be stored and hashed', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.json().map((json) => `{"x":${json}}`),
        ),
        (text) => {
          const read = readArguments(text);
          expect(findUnstorable(read.kept)).toBeNull();
          if (read.ok) expect(JSON.parse(canonicalJson(read.value))).toEqual(read.value);
        },
      ),
    );
  });

  test('a field that a tool does not know is refused, not dropped', () => {
    const input = strictly(z.object({ budgetUsd: z.number() }));
    expect(input.safeParse({ budgetUsd: 5 }).success).toBe(true);
    expect(input.safeParse({ budgetUsd: 5, currency: 'EUR' }).success).toBe(false);
    expect(input.safeParse(JSON.parse('{"budgetUsd":5,"__proto__":{"x":1}}')).success).toBe(false);
  });
});

test('text and JSON for the database lose only what it cannot take', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const clean = storableText(text);
      expect(clean.isWellFormed() && !clean.includes('\u0000')).toBe(true);
      expect(JSON.parse(storableJson({ [text]: [text] }))).toEqual({ [clean]: [clean] });
      if (findUnstorable(text) === null) expect(clean).toBe(text);
    }),
  );
  expect(JSON.parse(storableJson('a\\u0000b'))).toBe('a\\u0000b');
});

describe('a run stops', () => {
  const did = (...names: string[]): PastCall[] => names.map((name) => ({ fingerprint: name, tool: name, status: 'done' }));
  const failed = (...errors: string[]): PastCall[] =>
    errors.map((error) => ({ fingerprint: error, tool: 'fetch', status: 'failed', error }));
  /** One call a step, each another one. */
  const steps = (status: string, count: number, from = 1): PastCall[] =>
    Array.from({ length: count }, (_, at) => {
      const words = String.fromCharCode(97 + ((at + from) % 26)).repeat(at + 1);
      return { fingerprint: `${from} ${words}`, tool: 't', status, turnId: from + at, error: words };
    });
  const turns = { count: 1, wordsOnly: 0 };

  test.for<[string, { count: number; wordsOnly: number }, PastCall[], RegExp | null]>([
    ['nothing wrong', turns, did('a', 'b', 'c'), null],
    ['the same call three times', turns, did('a', 'a', 'a'), null],
    ['the same call four times', turns, did('a', 'b', 'a', 'c', 'a', 'd', 'a'), /same call 4 times/],
    ['two calls in turn', turns, did('a', 'b', 'a', 'b', 'a', 'b'), /same two calls in turn/],
    ['the same reads after each wait', turns, did('a', 'wait', 'a', 'wait', 'a', 'wait', 'a', 'wait', 'a'), null],
    [
      'five unusable calls',
      turns,
      ['1', '2', '3', '4', '5'].map((name) => ({ fingerprint: name, tool: 't', status: 'invalid' })),
      /invalid calls: 5/,
    ],
    ['three answers in words', { count: 3, wordsOnly: 3 }, [], null],
    ['four answers in words', { count: 4, wordsOnly: 4 }, [], /words only: 4/],
    ['too many steps', { count: MAX_STEPS, wordsOnly: 0 }, [], /step limit/],
    [
      'the same failure but for its numbers',
      turns,
      failed('order 17 is gone', 'order 18 is gone', 'order 190 is gone', 'order 2 is gone'),
      /same failure 4/,
    ],
    ['four different failures', turns, failed('no route', 'no key', 'no such page', 'a page too large'), null],
    ['eight steps that bring nothing', turns, steps('failed', 8), /no progress: nothing new in the last 8 steps/],
    ['seven steps that bring nothing', turns, steps('failed', 7), null],
    ['something new on the way', turns, [...steps('failed', 5), ...steps('done', 1, 50), ...steps('failed', 5, 60)], null],
  ])('%s', ([, count, calls, reason]) => {
    const stop = findStopReason(count, calls);
    if (reason === null) expect(stop).toBeNull();
    else expect(stop).toMatch(reason);
  });
});
