// `npm run bench` without a name, or with one that is none, says which benches there are. What they measure is no test: timing never is.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;
/** The names the contract promises for what is built. */
const BUILT = [
  'approvals',
  'chat',
  'claims',
  'forecast',
  'grounding',
  'learning',
  'ledger',
  'ltv',
  'market',
  'recovery',
  'start',
  'verdicts',
  'webhook',
];

const run = (...words: string[]) =>
  spawnSync(process.execPath, ['bin/bot.mjs', 'bench/main.ts', ...words], { cwd: ROOT, encoding: 'utf8' });

test.each([
  { words: [], says: 'Which benchmark?' },
  { words: ['--json'], says: 'Which benchmark?' },
  { words: ['constructor'], says: 'There is no benchmark "constructor".' },
])('bench $words lists the benches and exits with 2', ({ words, says }) => {
  const { status, stdout, stderr } = run(...words);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(says);
  expect([...stderr.matchAll(/npm run bench -- (\w+)/g)].map((match) => match[1])).toEqual(BUILT);
});

test('the listed benches are in the contract', () => {
  const contract = readFileSync(`${ROOT}docs/contract.md`, 'utf8');
  for (const name of BUILT) expect(contract).toContain(`- \`${name}\` \`{`);
});
