// The Markdown of cards, read once for every surface: what is markup, what is a link, and that nothing is lost or added on the way.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLines, readOwnLink, readSpans, type Span } from '../../src/chat/card-markup.ts';

const words = (spans: readonly Span[]): string =>
  spans.map((span) => ('text' in span ? span.text : 'spans' in span ? words(span.spans) : span.words)).join('');

test.each<[string, unknown]>([
  ['a **bold** *one* and _other_', ['a ', { kind: 'bold' }, ' ', { kind: 'italic' }, ' and ', { kind: 'italic' }]],
  ['snake_case_name and 2*3*4', ['snake_case_name and 2', { kind: 'italic' }, '4']],
  ['a \\*\\*b\\_c', ['a **b_c']],
  ['`code **as is**`', [{ kind: 'code', text: 'code **as is**' }]],
  ['[page](/goals/1)', [{ kind: 'link', words: 'page', to: { page: '/goals/1' } }]],
  ['[a\\]b](https://x.example/)', [{ kind: 'link', words: 'a]b', to: { url: expect.any(URL) } }]],
])('%j', (text, read) => {
  const short = readSpans(text).map((span) => (span.kind === 'text' ? span.text : span));
  expect(short).toMatchObject(read as object);
});

test.each([
  '[x](//evil.example)',
  '[x](javascript:alert(1))',
  '[x](http://x.example)',
  '[x](https://u:p@x.example/)',
  '[x](/a b)',
  '[x](\\\\evil)',
])('%s is no link', (text) => expect(readSpans(text).every(({ kind }) => kind === 'text')).toBe(true));

describe('lines', () => {
  test('lists, quotes, headings, tables and code', () => {
    const text = '# Head\n- one\n  * two\n3) three\n> said\n| a | b \\| c |\n```\n- no list\n**\n```\nend';
    expect(readLines(text)).toEqual([
      { kind: 'heading', level: 1, text: 'Head' },
      { kind: 'bullet', indent: 0, text: 'one' },
      { kind: 'bullet', indent: 2, text: 'two' },
      { kind: 'number', number: '3', text: 'three' },
      { kind: 'quote', text: 'said' },
      { kind: 'row', cells: ['a', 'b \\| c'] },
      { kind: 'code', lines: ['- no list', '**'] },
      { kind: 'plain', text: 'end' },
    ]);
  });

  test('a fence that is never closed ends with the text', () => {
    expect(readLines('```\na')).toEqual([{ kind: 'code', lines: ['a'] }]);
  });
});

test('text without any sign of ours is read as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab <>&@#:,. é世') }), (text) => {
      expect(words(readSpans(text))).toBe(text);
    }),
    { numRuns: process.env['JUG_TEST_LONG'] === '1' ? 5_000 : 300 },
  );
});

test('a whole value is a link only to one of our own pages', () => {
  expect(readOwnLink('[Goal 3](/goals/3)')).toEqual({ words: 'Goal 3', page: '/goals/3' });
  for (const value of ['[x](//evil)', '[x](https://x.example)', 'see [x](/y)', '[x](/y) z']) expect(readOwnLink(value)).toBeNull();
});
