// What of a conversation a model is shown, what of a half-written answer people are shown, and what of a model's markup stays markup.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerText } from '../../src/chat/answer-text.ts';
import { firstSentence, newestThatFit, type Said, summarise, titleOf } from '../../src/domain/conversations/context.ts';
import { isQuestion } from '../../src/domain/conversations/question.ts';
import { readMemoryWords } from '../../src/domain/memory/memory-words.ts';

const talk = (count: number, length = 40): Said[] =>
  Array.from({ length: count }, (_, at) => ({
    id: at + 1,
    role: at % 2 === 0 ? 'person' : 'agent',
    text: `Message ${at + 1} of many. ${'x'.repeat(length)}`,
  }));

test('the newest messages that have room are shown whole, in order', () => {
  expect(newestThatFit(talk(5)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  expect(newestThatFit(talk(40)).map(({ id }) => id)).toEqual(Array.from({ length: 16 }, (_, at) => at + 25));
  expect(newestThatFit(talk(10, 5_000)).map(({ id, text }) => [id, text.length])).toEqual([7, 8, 9, 10].map((id) => [id, 3_000]));
});

test('the rest is put in short once enough has come, in its own words; nothing is put in short twice', () => {
  expect(summarise(null, talk(20))).toBeNull();
  const first = summarise(null, talk(30));
  expect(first?.upTo).toBe(14);
  expect(first?.summary.split('\n').slice(0, 2)).toEqual(['Asked: Message 1 of many.', 'Answered: Message 2 of many.']);
  const behind = talk(60).filter(({ id }) => id > 14);
  const second = summarise(first?.summary ?? null, behind);
  expect(second?.upTo).toBe(44);
  expect(second?.summary.split('\n')).toHaveLength(44);
  expect(summarise('x\n'.repeat(5_000), talk(60))?.summary.length).toBeLessThanOrEqual(4_000);
});

test('titles and first sentences are short', () => {
  expect(titleOf('  What did\n we earn? ')).toBe('What did we earn?');
  expect(titleOf('word '.repeat(40)).length).toBeLessThanOrEqual(61);
  expect(firstSentence('We earned $3.50 this week. Then nothing.')).toBe('We earned $3.50 this week.');
});

test.each([
  ['**bold** and [goal 3](/goals/3)', '**bold** and [goal 3](/goals/3)'],
  ['[x](https://evil.example) ![y](/goals/1)', String.raw`\[x\]\(https://evil.example\) ![y](/goals/1)`],
  ['[y](//evil.example) [z](/\\evil)', String.raw`\[y\]\(//evil.example\) \[z\]\(/\\evil\)`],
  ['<!channel> `code` _x_ ~y~ |z|', String.raw`\<!channel\> \`code\` \_x\_ \~y\~ \|z\|`],
  ['# Title\n- one\n* two', '**Title**\n- one\n- two'],
  [String.raw`copied \(practice\)`, String.raw`copied \(practice\)`],
  ['a\u202Eb', 'a⟦U+202E⟧b'],
])('%j is shown as %j', (text, shown) => expect(answerText(text)).toBe(shown));

test('no text leads out of our own pages, however it is nested', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '(',
    ')',
    '**',
    '\\',
    '!',
    '/',
    '//',
    'https://evil.example',
    '/goals/1',
    'x',
    '\n',
    '<',
    '>',
    '`',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      for (const [, target = ''] of answerText(pieces.join('')).matchAll(/(?<!\\)\]\(([^)]*)\)/g))
        expect(target).toMatch(/^\/(?!\/)[\w\-./?=&%#]*$/);
    }),
    { numRuns: 300 },
  );
});

test('made to be slow, ten thousand characters of words are sorted at once', () => {
  const begun = performance.now();
  for (const unit of ['forget ', ' ', '? ', 'what do you know about ', 'can you ', 'hey, ', 'remember '])
    for (const text of [unit.repeat(10_000 / unit.length), `forget ${unit.repeat(9_000 / unit.length)}x`]) {
      isQuestion(text);
      readMemoryWords(text);
    }
  expect(performance.now() - begun).toBeLessThan(3_000);
});
