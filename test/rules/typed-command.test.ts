// A typed line against a command's own schema: what goes into which field, what stays in the words, and that nothing a person types is lost.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commands } from '../../commands/index.ts';
import { defineCommand } from '../../src/chat/command.ts';
import { wordsField } from '../../src/chat/fields.ts';
import { readFields, readTyped } from '../../src/chat/typed-command.ts';

const typed = (line: string) => readTyped(line, commands);

describe('which command a line names', () => {
  test.each([
    ['status', 'status'],
    ['/status', 'status'],
    ['  Status  ', 'status'],
    ['GOALS', 'goals'],
    ['goal\nEarn $5', 'goal'],
  ])('%j names %s', (line, name) => {
    expect(typed(line)?.name).toBe(name);
  });

  test.each(['', '   ', '/', 'earn $50', 'goal: earn $50', 'goalkeeper gloves', 'approve17', '//status', '“status”'])(
    '%j is free text',
    (line) => {
      expect(typed(line)).toBeNull();
    },
  );
});

describe('fields of a line', () => {
  test.each<[string, Record<string, unknown>]>([
    // Bare words fill the positional field; named ones their own, wherever they stand.
    ['goal earn $50 budget:20', { text: 'earn $50', budget: '20' }],
    ['goal budget:20 earn $50', { text: 'earn $50', budget: '20' }],
    ['goal earn budget:20 $50', { text: 'earn $50', budget: '20' }],
    ['goal earn $50 --budget 20', { text: 'earn $50', budget: '20' }],
    ['goal earn $50 --budget=20 --deadline=2026-12-31', { text: 'earn $50', budget: '20', deadline: '2026-12-31' }],
    ['goal earn $50 Budget: 20', { text: 'earn $50', budget: '20' }],
    ['goal id:3 budget:20', { id: '3', budget: '20' }],
    ['goal text:Earn $50 budget:20', { text: 'Earn $50', budget: '20' }],
    // Colons that name no field belong to the words.
    ['goal earn: budget: 5', { text: 'earn:', budget: '5' }],
    ['goal read https://example.com/budget:5 now', { text: 'read https://example.com/budget:5 now' }],
    ['goal earn subbudget:5', { text: 'earn subbudget:5' }],
    ['goal Write a text: hello', { text: 'Write a text: hello' }],
    // Quotes hold words together and keep field names inside them plain.
    ['goal "Earn the first dollar" --budget 50', { text: 'Earn the first dollar', budget: '50' }],
    ['goal text:"Earn the first dollar" budget:50', { text: 'Earn the first dollar', budget: '50' }],
    ['goal sell the "budget: 5" shirt budget:20', { text: 'sell the "budget: 5" shirt', budget: '20' }],
    ['goal “Earn the first dollar” budget:50', { text: 'Earn the first dollar', budget: '50' }],
    ["goal don't spend budget:5", { text: "don't spend", budget: '5' }],
    ['goal a 5" screen budget:20', { text: 'a 5" screen', budget: '20' }],
    // A number first, then a sentence.
    ['deny 17 too dear', { id: '17', reason: 'too dear' }],
    ['deny #17 too dear', { id: '17', reason: 'too dear' }],
    ['deny 17 reason: too dear', { id: '17', reason: 'too dear' }],
    ['deny 17 reason:"too dear"', { id: '17', reason: 'too dear' }],
    ['deny id:17 too dear', { id: '17', reason: 'too dear' }],
    ['deny too dear id:17', { id: '17', reason: 'too dear' }],
    ['deny 17 reason:"Cheap" is not cheap', { id: '17', reason: '"Cheap" is not cheap' }],
    ['deny 17 "too dear"', { id: '17', reason: 'too dear' }],
    ['deny 17', { id: '17' }],
    // What bare words have filled is not asked for again: its name is a word like any other.
    ['change 17 only one launch, id: the first', { id: '17', note: 'only one launch, id: the first' }],
    ['change 17 "no note: at all"', { id: '17', note: 'no note: at all' }],
    ['approve #17 amount:30', { id: '17', amount: '30' }],
    ['approve 17 --amount $30 --only 41,42', { id: '17', amount: '$30', only: '41,42' }],
    ['pause 3 things look wrong', { reason: '3 things look wrong' }],
    ['team link:discord:1 to:slack:T1/U1', { link: 'discord:1', to: 'slack:T1/U1' }],
    ['grant market_launch each:20 total:60 uses:3 hours:24', { tool: 'market_launch', each: '20', total: '60', uses: '3', hours: '24' }],
    // An empty value is the same as none; dispatch drops it.
    ['goal earn $50 budget:', { text: 'earn $50', budget: '' }],
    ['goal earn $50 --budget', { text: 'earn $50', budget: '' }],
    // Words that fit nowhere are kept under `_`, so that dispatch refuses them instead of running something half understood.
    ['resume the campaign tomorrow', { _: 'the campaign tomorrow' }],
    ['approve 17 30', { id: '17', _: '30' }],
    ['budget 20', { _: '20' }],
    ['approve 17 amount:30 amount:300', { id: '17', amount: '30', _: 'amount:300' }],
    ['audit export action:verify', { action: 'verify', _: 'export' }],
  ])('%s', (line, input) => {
    expect(typed(line)?.input).toEqual(input);
  });

  test('the longest field name wins over one that it begins with', () => {
    const command = defineCommand({
      name: 'x',
      summary: '',
      role: 'viewer',
      input: z.object({ to: z.string(), total: z.string(), note: wordsField('words') }),
      examples: [],
      run: async () => ({ title: '', tone: 'info' }),
    });
    expect(readFields('total:5 to:me note: from here to there', command)).toEqual({ total: '5', to: 'me', note: 'from here to there' });
  });
});

test('whatever is typed, reading it never throws and every field is one the command has', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('"', '“', '”', '--', '--budget', 'budget:', 'id:17', '#17', '17', 'text:', 'reason: x', '\n', '$&', '__proto__:', '\\'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...commands), fc.array(word, { maxLength: 12 }), (command, words) => {
      const read = readTyped(`${command.name} ${words.join(' ')}`, commands);
      expect(read?.name).toBe(command.name);
      const known = new Set([...Object.keys(command.input.shape), '_']);
      for (const [field, value] of Object.entries(read?.input ?? {})) {
        expect(known).toContain(field);
        expect(typeof value).toBe('string');
      }
    }),
    { numRuns: process.env['JUG_TEST_LONG'] === '1' ? 20_000 : 500 },
  );
});

test('a goal in plain words keeps every word', () => {
  const plain = fc.array(fc.stringMatching(/^[A-Za-z$0-9,.!?'-]{1,12}$/), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(plain, (words) => {
      const text = words.join(' ');
      fc.pre(!/(^|\s)--(text|budget|deadline|draft|id)(\s|$)/.test(text));
      expect(typed(`goal ${text}`)?.input).toEqual({ text });
    }),
  );
});

test('200 KB of quotes and colons are read in a blink', () => {
  for (const piece of ['"', '“', 'budget:', '--budget ', ' "a', ' id:"'])
    expect(typed(`goal ${piece.repeat(200_000 / piece.length)}`)?.name).toBe('goal');
}, 5_000);
