// The documents are held to the code: commands, files and functions that they name exist, and the lines to put into .env are ones that work.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { readTyped } from '../../src/chat/typed-command.ts';
import { environment, readConfig } from '../../src/config.ts';
import { ROLES } from '../../src/domain/people/role.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const listDocuments = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? listDocuments(`${folder}/${entry.name}`) : entry.name.endsWith('.md') ? [`${folder}/${entry.name}`] : [],
  );
const documents = ['README.md', 'CHANGELOG.md', ...listDocuments('docs')];

const readme = read('README.md');
const contract = read('docs/contract.md');
const walkthrough = read('docs/walkthrough.md');

/** Rows of the tables whose first column names things in backticks: name → the other cells. */
function tableRows(text: string): Map<string, string[]> {
  const rows = [...text.matchAll(/^\| `([^`]+)` \|(.+)\|$/gm)];
  return new Map(rows.map(([, name = '', rest = '']) => [name, rest.split('|').map((cell) => cell.trim())]));
}

/** The roles a command's own examples need: some need more to set a thing than to look at it. */
function rolesOf(command: (typeof commands)[number]): string[] {
  const { role } = command;
  if (typeof role === 'string') return [role];
  const needed = command.examples.map((example) => role(command.input.parse(readTyped(example, commands)?.input)));
  return [...new Set(needed)];
}

describe.each([
  ['README.md', readme],
  ['docs/contract.md', contract],
])('the commands in %s', (_path, text) => {
  const rows = tableRows(text.slice(text.indexOf('\n## Commands'), text.indexOf('\n## ', text.indexOf('\n## Commands') + 5)));

  test('are all there are, in the order of the menu', () => {
    expect([...rows.keys()]).toEqual(commands.map(({ name }) => name));
  });

  test.each(commands.map((command) => [command.name, command] as const))('%s has its role', (name, command) => {
    const words = rows.get(name)?.[0]?.match(/\w+/g) ?? [];
    expect(words.filter((word) => ROLES.some((role) => role === word))).toEqual(rolesOf(command));
  });
});

test('the walkthrough is short enough to be read', () => {
  expect(walkthrough.split('\n').length).toBeLessThanOrEqual(200);
});

const FILE = /^(?:src|commands|migrations|test|bench|docs|bin|\.ci)\/[\w./-]*$|^[\w.-]+\.(?:md|json|ts|mjs)$|^\.env\.example$/;

describe.each(documents.map((path) => [path] as const))('%s', (path) => {
  const text = read(path);

  test('names only files and folders that exist', () => {
    const named = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '').filter((token) => FILE.test(token));
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('links only to what exists', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '').filter((link) => !/^(?:https?:|#)/.test(link));
    expect(links.filter((link) => !existsSync(resolve(root, dirname(path), link)))).toEqual([]);
  });

  test('runs only npm scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  test('names only environment variables that are read', () => {
    const others = new Set(['JUG_TEST_LONG', 'TEST_DATABASE_URL']);
    const named = [...text.matchAll(/`((?:JUG|PRACTICE|OPENAI|DATABASE|LOG|TEST)_[A-Z_]+)(?:=[^`]*)?`/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !Object.hasOwn(environment.shape, name) && !others.has(name))).toEqual([]);
  });
});

/** `name()` in a document belongs to the file named last before it. */
function namedFunctions(text: string): { file: string; name: string }[] {
  let file = '';
  const found: { file: string; name: string }[] = [];
  for (const [, token = ''] of text.matchAll(/`([^`\n]+)`/g)) {
    if (/^(?:src|commands|bench|test)\/.+\.ts$/.test(token)) file = token;
    const name = /^(\w+)\(\)$/.exec(token)?.[1];
    if (name !== undefined) found.push({ file, name });
  }
  return found;
}

const isDefined = (source: string, name: string): boolean =>
  new RegExp(`(?:function\\*? |const |class )${name}\\b|^\\s+(?:async )?${name}(?:\\(.*\\)(?:: [^{]+)? \\{$|: (?:async )?\\()`, 'm').test(
    source,
  );

describe('functions that the walkthrough names', () => {
  const named = namedFunctions(walkthrough);

  test('are many', () => {
    expect(named.length).toBeGreaterThan(50);
  });

  test.each(named)('$name() is in $file', ({ file, name }) => {
    expect(isDefined(read(file), name)).toBe(true);
  });
});

test('functions that the other documents name are in their files', () => {
  const others = documents.filter((path) => path !== 'docs/walkthrough.md').flatMap((path) => namedFunctions(read(path)));
  expect(others.filter(({ file, name }) => !isDefined(read(file), name))).toEqual([]);
});

test('the architecture names every signal', () => {
  const signals = new Set(read('src/db/presence.ts').match(/jug_\w+/g));
  expect(signals.size).toBeGreaterThan(3);
  const named = new Set(read('docs/architecture.md').match(/jug_\w+/g));
  expect([...named].toSorted()).toEqual([...signals].toSorted());
});

test('every table of the migrations is in the architecture', () => {
  const tables = readdirSync(join(root, 'migrations')).flatMap((file) =>
    [...read(`migrations/${file}`).matchAll(/create table (\w+)/g)].map((match) => match[1] ?? ''),
  );
  expect(tables.length).toBeGreaterThan(25);
  const architecture = read('docs/architecture.md');
  expect(tables.filter((table) => !architecture.includes(`\`${table}\``))).toEqual([]);
});

test('every folder of the source is in the architecture', () => {
  const folders = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${join(entry.parentPath, entry.name).slice(root.length + 1)}/`);
  const architecture = read('docs/architecture.md');
  expect(folders.filter((folder) => !architecture.includes(`\`${folder}\``))).toEqual([]);
});

test('the lines to put into .env give a configuration that boots', () => {
  const blocks = [...readme.matchAll(/```sh\n([^`]*)```/g)].map((match) => match[1] ?? '').filter((block) => /^[A-Z_]+=/.test(block));
  expect(blocks.length).toBeGreaterThanOrEqual(2);
  for (const block of blocks) expect(readConfig(parseEnv(block) as Record<string, string>, root).brain).not.toBeNull();
});

test('decisions are numbered, short, and say what would change our mind', () => {
  const decisions = documents.filter((path) => path.startsWith('docs/decisions/'));
  expect(decisions.length).toBeGreaterThan(0);
  for (const path of decisions) {
    expect(path).toMatch(/\/\d{4}-[a-z0-9-]+\.md$/);
    const text = read(path);
    expect(text.split('\n').length, path).toBeLessThanOrEqual(41);
    for (const heading of ['## Context', '## Decision', '## Cost', '## What would change our mind']) expect(text, path).toContain(heading);
  }
});
