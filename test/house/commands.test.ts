// Every command in the menu, held to what each surface needs of it: a schema to make forms from, examples that work as typed, a place in help.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commands } from '../../commands/index.ts';
import { describeMenu } from '../../src/adapters/http/menu.ts';
import { parseWords } from '../../src/adapters/terminal/words.ts';
import { readTyped } from '../../src/chat/typed-command.ts';
import { type Story, startStory } from '../support/story.ts';

const menu = describeMenu(commands);
const everyCommand = commands.map((command) => [command.name, command] as const);
const everyExample = commands.flatMap((command) => command.examples.map((example) => [example, command] as const));

test('names are single words, each used once', () => {
  for (const { name } of commands) expect(name).toMatch(/^[a-z]{2,20}$/);
  expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
});

describe.each(everyCommand)('%s', (_name, command) => {
  test('has a summary and an example of itself', () => {
    expect(command.summary.length).toBeGreaterThan(5);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) expect(example.split(' ')[0]).toBe(command.name);
  });

  test('has a JSON schema of which every field says its type and meaning', () => {
    const schema = z.toJSONSchema(command.input, { io: 'input' }) as { properties?: Record<string, Record<string, unknown>> };
    expect(Object.keys(schema.properties ?? {}).toSorted()).toEqual(Object.keys(command.input.shape).toSorted());
    for (const [field, shape] of Object.entries(schema.properties ?? {})) {
      expect(shape['description'], `${field} needs describe()`).toBeTypeOf('string');
      expect(shape['type'] ?? shape['anyOf'] ?? shape['enum'], `${field} has no type a form could show`).toBeDefined();
    }
  });

  test('puts bare words into a field that it has', () => {
    if (command.positional !== undefined) expect(Object.keys(command.input.shape)).toContain(command.positional);
  });
});

describe('examples', () => {
  test.each(everyExample)('%s', (example, command) => {
    const typed = readTyped(example, commands);
    expect(typed?.name).toBe(command.name);
    const parsed = command.input.strict().safeParse(typed?.input);
    expect(parsed.error?.issues ?? []).toEqual([]);
    // The terminal reads the same words with a parser of its own; both must mean the same.
    const words = parseWords(example.split(' '), menu);
    expect(words.kind).toBe('command');
    expect(words.kind === 'command' ? command.input.strict().parse(words.input) : null).toEqual(parsed.data);
  });
});

describe('on a running bot', () => {
  let story: Story;
  beforeAll(async () => {
    story = await startStory();
  });
  afterAll(async () => {
    await story?.stop();
  });

  test('help lists every command with its summary and an example', async () => {
    const answer = await story.type('help');
    expect(answer.error).toBeUndefined();
    expect(answer.card.table?.rows).toEqual(commands.map(({ name, summary, examples }) => [name, summary, examples[0]]));
  });

  test('help shows every command in detail: role, examples, every field', async () => {
    for (const command of commands) {
      const { ok, card } = await story.type(`help ${command.name}`);
      expect({ ok, title: card.title }).toEqual({ ok: true, title: command.name });
      expect(card.text).toContain(typeof command.role === 'string' ? command.role : 'owner');
      for (const example of command.examples) expect(card.text).toContain(example);
      expect(card.table?.rows.map((row) => row[0]).toSorted()).toEqual(Object.keys(command.input.shape).toSorted());
    }
  });

  test('every example, typed into the command box, is understood: what it names may be missing, but nothing is bad input or broken', async () => {
    for (const [example] of everyExample) {
      const answer = await story.type(example);
      expect(['ok', 'not_found', 'conflict'], `${example}: ${answer.card.text}`).toContain(answer.error?.code ?? 'ok');
    }
  });

  test('words that fit no field are refused, and nothing runs', async () => {
    await story.say('pause');
    const answer = await story.type('resume the campaign next week');
    expect(answer).toMatchObject({ status: 400, error: { code: 'invalid_input', fields: { _: expect.stringContaining('resume') } } });
    expect((await story.say('status')).card.title).toBe('Paused');
  });

  test.each([
    ['approve', { id: 'is missing' }],
    ['approve seventeen', { id: 'must be the number of a request' }],
    ['approve 17 amount:much', { amount: 'is not an amount in dollars, like 50 or 12.50' }],
    ['goal Earn $5 deadline:soon', { deadline: 'is not a date like 2026-12-31' }],
    ['grant market_launch each:5', { total: 'is missing', uses: 'is missing', hours: 'is missing' }],
  ])('"%s" is refused with every bad field in words', async (text, fields) => {
    expect((await story.type(text)).error).toMatchObject({ code: 'invalid_input', fields });
  });
});
