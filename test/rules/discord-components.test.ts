// What a card looks like on Discord: every limit is kept whatever is in it, data stays data, and buttons mean the same when they come back.
import { ButtonStyle, ComponentType } from 'discord.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPressed, renderButtons } from '../../src/adapters/discord/button-rows.ts';
import { renderCard } from '../../src/adapters/discord/components.ts';
import { escapeData, renderMarkdown } from '../../src/adapters/discord/markdown.ts';
import { encodeButton } from '../../src/chat/button-code.ts';
import type { Card } from '../../src/chat/card.ts';

const OPTIONS = { mark: 'm1f.1', publicUrl: null, altText: 'A chart' };

interface Walked {
  type: number;
  content?: string;
  label?: string;
  custom_id?: string;
  components?: Walked[];
  items?: { description: string }[];
}

function walk(component: Walked): Walked[] {
  return [component, ...(component.components ?? []).flatMap(walk)];
}

const all = (card: Card, options = OPTIONS) => walk(renderCard(card, options).container as unknown as Walked);
const texts = (card: Card, options = OPTIONS) => all(card, options).flatMap(({ content }) => (content === undefined ? [] : [content]));

const words = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ maxLength: 60, unit: 'grapheme' }),
  fc.lorem({ maxCount: 400, mode: 'words' }),
);
const nasty = fc.constantFrom(
  '@everyone',
  '<@123>',
  '<@&9>',
  '[safe](https://evil.example)',
  '```',
  '**',
  '`',
  '||',
  '\u202Eabc',
  '# big',
  '\n- x',
  '\\',
  '\ud800',
);
const data = fc.array(fc.oneof(words, nasty), { maxLength: 12 }).map((parts) => parts.join(' '));
const args = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(data, fc.integer(), fc.boolean()), { maxKeys: 3 });
const anyCard: fc.Arbitrary<Card> = fc.record(
  {
    title: data,
    tone: fc.constantFrom('info', 'ask', 'good', 'bad', 'muted'),
    text: fc.array(data, { maxLength: 40 }).map((lines) => lines.join('\n')),
    fields: fc.array(fc.record({ label: data, value: data }), { maxLength: 30 }),
    table: fc.record({ columns: fc.array(data, { maxLength: 6 }), rows: fc.array(fc.array(data, { maxLength: 7 }), { maxLength: 60 }) }),
    chart: fc.record({
      kind: fc.constantFrom('line', 'bar'),
      title: data,
      series: fc.array(fc.record({ name: data, points: fc.array(fc.record({ x: data, y: fc.double() }), { maxLength: 5 }) }), {
        maxLength: 3,
      }),
    }),
    progress: fc.record({ done: fc.double(), total: fc.double() }),
    buttons: fc.array(
      fc.record(
        {
          label: data,
          command: fc.constantFrom('approve', 'goal', 'deny'),
          args,
          style: fc.constantFrom('primary', 'danger', 'plain'),
          confirm: data,
        },
        { requiredKeys: ['label', 'command', 'args', 'style'] },
      ),
      { maxLength: 45 },
    ),
  },
  { requiredKeys: ['title', 'tone'] },
) as fc.Arbitrary<Card>;

describe('limits', () => {
  test('whatever a card holds, the message keeps every limit of Discord', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const rendered = renderCard(card, { ...OPTIONS, altText: 'x'.repeat(5000) });
        const parts = walk(rendered.container as unknown as Walked);
        expect(parts.length).toBeLessThanOrEqual(40);
        const shown = parts.flatMap(({ content }) => (content === undefined ? [] : [content]));
        expect(shown.every((content) => content.trim().length > 0)).toBe(true);
        expect(shown.join('').length).toBeLessThanOrEqual(4000);
        const ids = parts.flatMap(({ custom_id }) => (custom_id === undefined ? [] : [custom_id]));
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.every((id) => id.length >= 1 && id.length <= 100)).toBe(true);
        const labels = parts.flatMap(({ label }) => (label === undefined ? [] : [label]));
        expect(labels.every((label) => label.length >= 1 && label.length <= 80)).toBe(true);
        const rows = parts.filter(({ type }) => type === ComponentType.ActionRow);
        expect(rows.every(({ components }) => (components?.length ?? 0) >= 1 && (components?.length ?? 0) <= 5)).toBe(true);
        expect(parts.flatMap(({ items }) => items ?? []).every(({ description }) => description.length <= 1024)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('whatever a card holds, nothing in it pings and no link hides behind words', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        for (const content of texts(card)) {
          expect(content).not.toMatch(/@(everyone|here)/i);
          expect(content).not.toMatch(/(?<!\\)<[@#!&][^\u200B]*?\d+>/);
          expect(content).not.toMatch(/\]\(https?:/);
          expect(content).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what does not fit is attached whole, and the message says so', () => {
    const text = Array.from({ length: 300 }, (_, line) => `line ${line} of a long story`).join('\n');
    const rendered = renderCard({ title: 'Long', tone: 'info', text }, OPTIONS);
    expect(rendered.text).toContain('line 299 of a long story');
    expect(texts({ title: 'Long', tone: 'info', text }).join('\n')).toContain('Shortened: all of it is in the attached file.');
    expect(all({ title: 'Long', tone: 'info', text }).some(({ type }) => type === ComponentType.File)).toBe(true);
  });

  test('a long table keeps its first rows in the message and all of them in the file', () => {
    const rows = Array.from({ length: 400 }, (_, row) => [String(row), `Customer ${row}`, '$1.00']);
    const card: Card = { title: 'Sales', tone: 'info', table: { columns: ['No', 'Who', 'Amount'], rows } };
    expect(texts(card).join('\n')).toContain('Customer 0');
    expect(renderCard(card, OPTIONS).text).toContain('Customer 399');
  });

  test('a short card has no file and no note', () => {
    const card: Card = { title: 'Short', tone: 'good', text: 'All is well.', fields: [{ label: 'Mode', value: 'practice' }] };
    expect(renderCard(card, OPTIONS).text).toBeNull();
    expect(texts(card)).toEqual(['### ✅ Short', 'All is well.', '**Mode:** practice']);
  });
});

describe('words', () => {
  test.each([
    ['**Bold** and *soft* and `code`', '**Bold** and *soft* and `code`'],
    ['- one\n- two', '- one\n- two'],
    ['# Heading', '**Heading**'],
    ['kept \\*as it is\\*', 'kept \\*as it is\\*'],
    ['~~gone~~ ||spoiler||', '\\~\\~gone\\~\\~ \\|\\|spoiler\\|\\|'],
    ['<@42> and @everyone', '\\<@42\\> and @\u200Beveryone'],
    ['[cheap pills](https://evil.example/x)', 'cheap pills (https://evil.example/x)'],
    ['[run me](javascript:alert)', '\\[run me\\]\\(javascript:alert\\)'],
    ['-# small print', '\\-\\# small print'],
    ['```\na `b` c\n```', "```\na 'b' c\n```"],
  ])('%j reads %j', (source, shown) => {
    expect(renderMarkdown(source, null)).toBe(shown);
  });

  test('our own pages are links where they can be reached, and a path elsewhere', () => {
    expect(renderMarkdown('[All of it](/tasks/3)', 'https://jug.example')).toBe('[All of it](https://jug.example/tasks/3)');
    expect(renderMarkdown('[All of it](/tasks/3)', null)).toBe('All of it (console: /tasks/3)');
  });

  test('a moment in a field is shown in the reader’s own time, and counts down', () => {
    const card: Card = { title: 'x', tone: 'ask', fields: [{ label: 'Decide by', value: '2026-11-23T10:00:00.000Z' }] };
    expect(texts(card)[1]).toBe('**Decide by:** <t:1795428000:f> (<t:1795428000:R>)');
  });

  test('a narrow table is aligned, a wide one has a line for each row', () => {
    const narrow: Card = {
      title: 'x',
      tone: 'info',
      table: {
        columns: ['No', 'What'],
        rows: [
          ['1', 'read'],
          ['12', 'write'],
        ],
      },
    };
    expect(texts(narrow)[1]).toBe('```\nNo  What\n 1  read\n12  write\n```');
    const wide: Card = { title: 'x', tone: 'info', table: { columns: ['No', 'What'], rows: [['1', 'a very '.repeat(12)]] } };
    expect(texts(wide)[1]).toBe(`-# No · What\n- **1** · ${'a very '.repeat(12).trim()}`);
  });

  test('escaped data shows every character it had', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        expect(
          escapeData(text)
            .replaceAll('\u200B', '')
            .replace(/\\([\\`*_~|[\]()<>#])/g, '$1'),
        ).toBe(text);
      }),
    );
  });
});

describe('buttons', () => {
  test('what comes back from a button is its command with its arguments, and its question', () => {
    fc.assert(
      fc.property(args, fc.option(fc.string({ maxLength: 40 }), { nil: undefined }), (given, confirm) => {
        const code = encodeButton('approve', given);
        const { rows, unpressable } = renderButtons([
          { label: 'Go', command: 'approve', args: given, style: 'primary', ...(confirm === undefined ? {} : { confirm }) },
        ]);
        const id = rows[0]?.components[0]?.custom_id;
        if (id === undefined) {
          expect(unpressable).toContain('/approve');
          return;
        }
        expect(code).not.toBeNull();
        const pressed = readPressed(id);
        expect(pressed).toMatchObject({ command: 'approve', args: given });
        expect(pressed?.confirm === null).toBe(confirm === undefined);
      }),
    );
  });

  test('a button that asks keeps its question', () => {
    const [row] = renderButtons([{ label: 'Cancel', command: 'cancel', args: { goal: 3 }, style: 'danger', confirm: 'Stop goal 3?' }]).rows;
    expect(row?.components[0]).toMatchObject({ style: ButtonStyle.Danger, label: 'Cancel' });
    expect(readPressed(row?.components[0]?.custom_id ?? '')).toEqual({ command: 'cancel', args: { goal: 3 }, confirm: 'Stop goal 3?' });
  });

  test('buttons that do the same under other words are all there, each with an id of its own, and mean the same', () => {
    const { rows, unpressable } = renderButtons([
      { label: 'Approve $60', command: 'approve', args: { id: 1, amount: '' }, style: 'primary' },
      { label: 'Approve less…', command: 'approve', args: { id: 1, amount: '' }, style: 'plain' },
      { label: 'Stop', command: 'cancel', args: { goal: 3 }, style: 'danger', confirm: 'Stop goal 3?' },
      { label: 'End', command: 'cancel', args: { goal: 3 }, style: 'danger', confirm: 'Stop goal 3?' },
    ]);
    const buttons = rows[0]?.components ?? [];
    expect(buttons.map((button) => ('label' in button ? button.label : ''))).toEqual(['Approve $60', 'Approve less…', 'Stop', 'End']);
    expect(new Set(buttons.map(({ custom_id }) => custom_id)).size).toBe(4);
    expect(readPressed(buttons[1]?.custom_id ?? '')).toEqual({ command: 'approve', args: { id: 1, amount: '' }, confirm: null });
    expect(readPressed(buttons[3]?.custom_id ?? '')).toEqual({ command: 'cancel', args: { goal: 3 }, confirm: 'Stop goal 3?' });
    expect(unpressable).toBe('');
  });

  test('a button too long for the wire is said in words to type', () => {
    const { rows, unpressable } = renderButtons([
      { label: 'Example', command: 'goal', args: { text: 'earn '.repeat(40) }, style: 'plain' },
    ]);
    expect(rows).toEqual([]);
    expect(unpressable).toContain('/goal text:earn earn');
  });

  test.each([
    '',
    '?',
    '??',
    '2!',
    '1!approve:id=1',
    '2!2!approve:id=1',
    '?2!approve:id=1',
    'nonsense here',
    'approve:id=1%?x',
    '?approve:id=%?x',
    '__proto__:a=1',
    'a'.repeat(200),
  ])('nobody else’s id is taken for a button: %j', (id) => {
    expect(readPressed(id)).toBeNull();
  });
});
