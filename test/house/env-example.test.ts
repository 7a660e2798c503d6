// .env.example and the configuration say the same: every variable, no other, and the defaults as they are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { environment, readConfig } from '../../src/config.ts';

const text = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8');
const example = parseEnv(text) as Record<string, string>;
const known = Object.keys(environment.shape);

/** What a variable is when nobody sets it; undefined where it has no default. */
const defaults = environment.parse({}) as Record<string, unknown>;

test('it lists every variable that the configuration reads, and no other', () => {
  expect(Object.keys(example).toSorted()).toEqual(known.toSorted());
});

test('in the same order, each named once', () => {
  const named = [...text.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]);
  expect(named).toEqual(known);
});

test.each(known)('%s is explained by the comment above its group', (name) => {
  const lines = text.split('\n');
  let line = lines.findIndex((candidate) => candidate.startsWith(`${name}=`)) - 1;
  while (/^[A-Z_]+=/.test(lines[line] ?? '')) line -= 1;
  expect(lines[line]).toMatch(/^# \S.{10,}/);
});

test.each(Object.entries(example).filter(([, value]) => value !== ''))('%s=%s is the default', (name, value) => {
  const stated = environment.safeParse({ [name]: value }).data as Record<string, unknown> | undefined;
  expect(stated?.[name]).toEqual(defaults[name]);
});

test('what is left blank has no fixed default to state', () => {
  const fixed = known.filter((name) => example[name] === '' && defaults[name] !== undefined && String(defaults[name]) !== '');
  // The system's time zone differs from machine to machine.
  expect(fixed).toEqual(['JUG_TIMEZONE']);
});

test('used as it stands, it changes nothing', () => {
  expect(readConfig(example, '/home/bot')).toEqual(readConfig({}, '/home/bot'));
});
