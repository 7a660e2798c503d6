// The short string behind a button: it comes back as it was, within 100 plain characters, and nothing else is taken for one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeButton, encodeButton } from '../../src/chat/button-code.ts';
import { exampleButtons } from '../../src/chat/views/draft-card.ts';

const COMMANDS = ['approve', 'deny', 'team', 'goal'];
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const args = fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), value, { maxKeys: 4, noNullPrototype: true });

test('an id makes a code one can read', () => {
  expect(encodeButton('approve', { id: 17 })).toBe('approve:id=17');
  expect(encodeButton('status', {})).toBe('status');
  expect(encodeButton('team', { add: 'slack:T1/U1', role: 'viewer' })).toBe("team:add='slack:T1/U1;role='viewer");
});

test('the example goals fit', () => {
  for (const button of exampleButtons()) expect(encodeButton(button.command, button.args)).not.toBeNull();
});

test('whatever is encoded fits into 100 plain characters and comes back with the same types', () => {
  let encoded = 0;
  fc.assert(
    fc.property(fc.constantFrom(...COMMANDS), args, (command, given) => {
      const code = encodeButton(command, given);
      if (code === null) return;
      encoded += 1;
      expect(code).toMatch(/^(?:(?![&<>"])[!-~]){1,100}$/);
      const expected = Object.fromEntries(Object.entries(given).map(([name, one]) => [name, Object.is(one, -0) ? 0 : one]));
      expect(decodeButton(code)).toStrictEqual({ command, args: expected });
    }),
    { numRuns: 2000 },
  );
  expect(encoded).toBeGreaterThan(500);
});

test('the text "17", the number 17 and the texts "true" and "" stay what they are', () => {
  for (const one of ['17', 17, 'true', true, '', '-1e3', "'", '%41', 'a&b=c;d<e>', ' x ', '\n'])
    expect(decodeButton(encodeButton('deny', { id: one }) ?? '')).toStrictEqual({ command: 'deny', args: { id: one } });
});

test.each([
  ['too long', 'deny', { reason: 'x'.repeat(100) }],
  ['no number', 'deny', { id: Number.NaN }],
  ['endless', 'deny', { id: Number.POSITIVE_INFINITY }],
  ['half a character', 'deny', { reason: '\uD800' }],
  ['a nameless argument', 'deny', { '': 1 }],
  ['a command with spaces', 'deny 1', {}],
  ['no command', '', { id: 1 }],
])('what cannot be carried makes no code: %s', (_, command, given) => {
  expect(encodeButton(command, given as Record<string, string | number>)).toBeNull();
});

test.each([
  '',
  ':',
  'approve:',
  'approve:id',
  'approve:id=',
  'approve:=17',
  'approve:id=017',
  'approve:id=1e3',
  'approve:id=0x11',
  'approve:id=NaN',
  'approve:id=17;',
  'approve:id=17;id=18',
  'approve:id=17 ',
  "approve:id='%",
  "approve:id='%61",
  "approve:id='a b",
  'Approve:id=17',
  'approve id=17',
  `approve:id='${'x'.repeat(100)}`,
])('anything else is no button: %j', (code) => {
  expect(decodeButton(code)).toBeNull();
});

test('any text at all is read without an error, and what is read encodes to that text again', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((tail) => `approve:${tail}`),
      ),
      (code) => {
        const button = decodeButton(code);
        if (button !== null) expect(encodeButton(button.command, button.args)).toBe(code);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a hostile name of an argument is only a name', () => {
  const button = decodeButton("deny:__proto__='x");
  expect(Object.keys(button?.args ?? {})).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(button?.args)).toBe(Object.prototype);
});
