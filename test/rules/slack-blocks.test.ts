// Card → Block Kit: whatever the card holds, Slack takes it, all of it is there or said to be missing, and nobody is pinged.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countText } from '../../src/adapters/slack/block-parts.ts';
import { renderBlocks } from '../../src/adapters/slack/blocks.ts';
import type { Card } from '../../src/chat/card.ts';
import { escapeMarkdown } from '../../src/chat/escape.ts';
import { takeBlocks, takeView } from '../support/slack-double-blocks.ts';
import type { World } from '../support/slack-double-model.ts';

const message = { surface: 'message' as const, publicUrl: 'https://jug.example' };
const world = { nextId: () => 'b1', faults: [], now: () => 0 } as unknown as World;

const nasty = fc.constantFrom(
  '<!channel>',
  '<@U1>',
  '<!subteam^S1>',
  '@everyone @here',
  '&lt;!here&gt;',
  '[pay](https://evil.example)',
  '<https://evil.example|our page>',
  '\u202Egnp.exe',
  '\u200B',
  '*b* _i_ ~s~ `c` :white_check_mark:',
  '> quote',
  '👩‍👩‍👧',
  '```',
  '\\<!channel\\>',
  '',
);
const words = fc.oneof(
  nasty,
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(nasty, { maxLength: 6 }).map((all) => all.join('')),
);
const long = fc.oneof(
  words,
  fc.tuple(words, fc.integer({ min: 1, max: 3000 })).map(([one, times]) => one.repeat(times).slice(0, 30_000)),
  fc.array(words, { maxLength: 80 }).map((lines) => lines.join('\n')),
);
const value = fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(''));
const point = fc.record({ x: words, y: fc.oneof(fc.double(), fc.integer()) });
const day = (at: number): string => new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10);
const days = fc.array(fc.integer(), { minLength: 1, maxLength: 200 }).map((all) => all.map((y, at) => ({ x: day(at), y })));
const card: fc.Arbitrary<Card> = fc.record(
  {
    title: long,
    tone: fc.constantFrom('info', 'ask', 'good', 'bad', 'muted'),
    text: long,
    fields: fc.array(fc.record({ label: words, value: long }), { maxLength: 45 }),
    table: fc.record({
      columns: fc.array(words, { maxLength: 25 }),
      rows: fc.array(fc.array(words, { maxLength: 22 }), { maxLength: 110 }),
    }),
    chart: fc.record({
      kind: fc.constantFrom('line', 'bar'),
      title: words,
      series: fc.array(fc.record({ name: words, points: fc.oneof(days, fc.array(point, { maxLength: 40 })) }), { maxLength: 9 }),
    }),
    progress: fc.record({ done: fc.integer({ min: -5, max: 50 }), total: fc.integer({ min: -5, max: 50 }) }),
    buttons: fc.array(
      fc.record(
        {
          label: words,
          command: fc.constantFrom('approve', 'goal', 'deny'),
          args: fc.dictionary(fc.constantFrom('id', 'text', 'reason'), value),
          style: fc.constantFrom('primary', 'danger', 'plain'),
          confirm: words,
        },
        { requiredKeys: ['label', 'command', 'args', 'style'] },
      ),
      { maxLength: 30 },
    ),
  },
  { requiredKeys: ['title', 'tone'] },
) as fc.Arbitrary<Card>;

/** Everything Slack could read as a mention, a link or a hidden sign; links to our own pages and addresses shown whole are none. */
function findTricks(rendered: unknown): string[] {
  const honest = /<https:\/\/jug\.example\/[^|>]*\|[^<>]*>|<https:\/\/[^|<>]*>/g;
  return (
    JSON.stringify(rendered)
      .replaceAll(honest, '')
      .match(/<[^>]*>|[\u202A-\u202E\u2066-\u2069]/g) ?? []
  );
}

test('any card gives blocks that Slack takes, within its limits, and pings nobody', () => {
  fc.assert(
    fc.property(card, (given) => {
      const { blocks, text } = renderBlocks(given, message);
      expect(takeBlocks(world, 'test', blocks)).toHaveLength(blocks.length);
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(countText(blocks)).toBeLessThanOrEqual(13_000);
      expect(text.length).toBeGreaterThan(0);
      expect(text.length).toBeLessThanOrEqual(4_000);
      expect(findTricks([blocks, text])).toEqual([]);
    }),
    { numRuns: 120 },
  );
}, 120_000);

test('any card gives blocks that a modal and the home tab take', () => {
  fc.assert(
    fc.property(card, (given) => {
      const { blocks } = renderBlocks(given, { surface: 'view', publicUrl: null, prefix: 'home' });
      expect(takeView(world, { type: 'home', blocks })['type']).toBe('home');
      expect(findTricks(blocks)).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 120_000);

const textOf = (given: Partial<Card>): string => {
  const { blocks } = renderBlocks({ title: 'T', tone: 'info', ...given }, message);
  const [, second] = blocks as { text?: { text: string } }[];
  return second?.text?.text ?? '';
};

test.each([
  ['**bold** and *italics*, _too_', '*bold* and _italics_, _too_'],
  ['- one\n- two', '• one\n• two'],
  ['`a < b`', '`a &lt; b`'],
  ['[Goal 3](/goals/3)', '<https://jug.example/goals/3|Goal 3>'],
  ['[Docs](https://docs.example/a?b=1&c=2)', 'Docs (<https://docs.example/a?b=1&amp;c=2>)'],
  ['snake_case stays, 2*3 too', 'snake_case stays, 2*3 too'],
  ['R&D <b>', 'R&amp;D &lt;b&gt;'],
])('our Markdown %j reads %j in Slack', (given, expected) => {
  expect(textOf({ text: given })).toBe(expected);
});

test.each(['*not bold*', '_not italics_', '~not struck~', '`not code`', '<!channel>', '[a](https://b.example)', '> no quote', ':tada:'])(
  'data %j is shown sign by sign',
  (data) => {
    const shown = textOf({ text: escapeMarkdown(data) });
    const readable = shown.replaceAll('\u200B', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    expect(readable).toBe(data);
    expect(shown).not.toMatch(/^[*_~`]|^&gt;|<|:tada:/);
  },
);

test('a long text is split between its lines and nothing of it is lost', () => {
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at} ${'x'.repeat(70)}`);
  const { blocks } = renderBlocks({ title: 'T', tone: 'info', text: lines.join('\n') }, message);
  const sections = blocks.slice(1) as { text: { text: string } }[];
  expect(sections.length).toBeGreaterThan(1);
  expect(sections.map((one) => one.text.text).join('\n')).toBe(lines.join('\n'));
});

test('what does not fit is said, and then nobody can say yes to it here', () => {
  const given: Card = {
    title: 'T',
    tone: 'ask',
    text: '&'.repeat(20_000),
    buttons: [
      { label: 'Approve', command: 'approve', args: { id: 1 }, style: 'primary' },
      { label: 'Deny', command: 'deny', args: { id: 1, reason: '' }, style: 'danger' },
    ],
  };
  const drawn = JSON.stringify(renderBlocks(given, message).blocks);
  expect(drawn).toContain('Shortened');
  expect(drawn).not.toContain('"approve:id=1"');
  expect(drawn).toContain('deny:id=1');
  expect(drawn).toContain('say yes in the console');
});

test('rows of a table that do not fit are counted', () => {
  const rows = Array.from({ length: 130 }, (_, at) => [String(at), 'x']);
  const { blocks } = renderBlocks({ title: 'T', tone: 'info', table: { columns: ['A', 'B'], rows } }, message);
  expect(blocks.find((block) => block.type === 'table')).toMatchObject({ rows: expect.objectContaining({ length: 100 }) });
  expect(JSON.stringify(blocks)).toContain('31 more rows');
});

test('forty days of a bar chart become weeks that add up', () => {
  const points = Array.from({ length: 40 }, (_, at) => ({ x: day(at), y: 1 }));
  const { blocks } = renderBlocks(
    { title: 'T', tone: 'info', chart: { kind: 'bar', title: 'Revenue', series: [{ name: 'all', points }] } },
    message,
  );
  expect(blocks[1]).toMatchObject({
    type: 'data_visualization',
    chart: { series: [{ data: [7, 7, 7, 7, 7, 5].map((one, at) => ({ label: day(at * 7), value: one })) }] },
  });
});

test('a button that asks twice for the same keeps two different ids', () => {
  const button = { label: 'Approve', command: 'approve', args: { id: 1, amount: '' }, style: 'primary' as const };
  const { blocks } = renderBlocks({ title: 'T', tone: 'ask', buttons: [button, { ...button, label: 'Approve less…' }] }, message);
  const row = blocks.at(-1) as { elements: { action_id: string; value: string }[] };
  expect(new Set(row.elements.map((one) => one.action_id)).size).toBe(2);
  expect(row.elements.map((one) => one.value)).toEqual(["approve:id=1;amount='", "approve:id=1;amount='"]);
});

test('a command too long for a button is said as words to type', () => {
  const button = { label: 'Start', command: 'goal', args: { text: 'ä'.repeat(90) }, style: 'plain' as const };
  const { blocks } = renderBlocks({ title: 'T', tone: 'ask', buttons: [button] }, message);
  expect(blocks.some((block) => block.type === 'actions')).toBe(false);
  expect(JSON.stringify(blocks)).toContain(`goal text:${'ä'.repeat(90)}`);
});
