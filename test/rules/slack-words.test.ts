// What a person typed in Slack, as the bot reads it: without Slack's markup, and otherwise as it was typed.
import { expect, test } from 'vitest';
import { readText } from '../../src/adapters/slack/read-text.ts';

test.each([
  ['<@UBOT> earn $5', 'earn $5'],
  ['hey <@UBOT> earn $5', 'hey earn $5'],
  ['<@UBOT|jug>   status', 'status'],
  ['<@UBOT> a list:\n  - one\n    - two\n\ttabbed', 'a list:\n  - one\n    - two\n\ttabbed'],
  ['write  "a   b"  down', 'write  "a   b"  down'],
  ['see <https://example.com|example.com> &amp; <#C1|goals> <!here>', 'see example.com & #goals @here'],
  ['ask <@U2|ann> and &lt;b&gt;', 'ask slack:T1/U2 and <b>'],
])('%j is read as %j', (typed, read) => {
  expect(readText(typed, 'UBOT', 'T1')).toBe(read);
});
