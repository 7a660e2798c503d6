// The terminal as people and scripts use it: a real process against a real server.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureLocalToken, tokenPath } from '../../src/adapters/http/local-token.ts';
import { describeMenu } from '../../src/adapters/http/menu.ts';
import { renderCard } from '../../src/adapters/terminal/render-card.ts';
import { parseWords } from '../../src/adapters/terminal/words.ts';
import type { Card } from '../../src/chat/card.ts';
import { inTransaction } from '../../src/db/database.ts';
import { post, seedGoal } from '../support/console-rows.ts';
import { GOOD, type HttpBench, startHttpBench, TEST_COMMANDS } from '../support/http-bench.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

let bench: HttpBench;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'jug-terminal-'));
  bench = await startHttpBench(await ensureLocalToken(dataDir));
});
afterAll(async () => {
  await bench.stop();
  await rm(dataDir, { recursive: true });
});
afterEach(() => {
  bench.heard.length = 0;
  bench.answer(GOOD);
});

interface Running {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  exit: Promise<number | null>;
}

function start(words: string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [join(REPOSITORY, 'bin/bot.mjs'), join(REPOSITORY, 'src/jug.ts'), ...words], {
    cwd: dataDir,
    env: { PATH: process.env['PATH'] ?? '', JUG_DATA_DIR: dataDir, PORT: String(bench.http.port), JUG_TIMEZONE: 'UTC', ...env },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  return { child, out: () => out, err: () => err, exit: new Promise((done) => child.on('close', done)) };
}

async function jug(words: string[], env: Record<string, string> = {}) {
  const run = start(words, env);
  const status = await run.exit;
  return { status, out: run.out(), err: run.err() };
}

describe('jug', () => {
  it('runs a command with flags and prints its card', async () => {
    const run = await jug(['goal', 'Earn the first dollar', '--budget', '50']);
    expect(run).toEqual({ status: 0, out: '✓ Done\n  All fine.\n', err: '' });
    expect(bench.heard).toMatchObject([
      {
        name: 'goal',
        input: { text: 'Earn the first dollar', budget: '50' },
        caller: { platformId: 'console:owner', surface: 'terminal' },
      },
    ]);
  });

  it('prints nothing but the card as JSON with --json', async () => {
    const card: Card = { title: 'Bidi \u202E stays in data', tone: 'info', fields: [{ label: 'a', value: 'b' }] };
    bench.answer({ ok: true, code: null, card });
    const run = await jug(['status', '--json']);
    expect(JSON.parse(run.out)).toEqual(card);
    expect(run.out.trim().split('\n')).toHaveLength(1);
  });

  it('exits 1 when refused, 2 for bad usage, and names every bad field', async () => {
    bench.answer({ ok: false, code: 'conflict', card: { title: 'Too late', tone: 'bad', text: 'Ada decided.' } });
    expect(await jug(['approve', '17'])).toEqual({ status: 1, out: '✗ Too late\n  Ada decided.\n', err: '' });
    bench.answer({ ok: false, code: 'invalid_input', card: { title: 'Bad', tone: 'bad' }, fields: { id: 'is missing' } });
    expect(await jug(['approve'])).toMatchObject({ status: 2, err: 'id: is missing\n' });
    bench.heard.length = 0;
    expect(await jug(['frobnicate'])).toMatchObject({ status: 2, out: '', err: expect.stringContaining('no command "frobnicate"') });
    expect(await jug(['goal', 'x', '--colour', 'red'])).toMatchObject({
      status: 2,
      err: expect.stringContaining('Its fields: text, budget, deadline'),
    });
    expect(bench.heard).toEqual([]);
  });

  it('gives words that are no command to the bot as free text', async () => {
    expect((await jug(['earn', 'me', 'a dollar'])).status).toBe(0);
    expect(bench.heard).toMatchObject([{ name: null, input: { text: 'earn me a dollar' } }]);
  });

  it('says how to start the bot when it is not there, and exits 1', async () => {
    const nowhere = await mkdtemp(join(tmpdir(), 'jug-none-'));
    const fresh = await jug(['status'], { JUG_DATA_DIR: nowhere });
    expect(fresh).toMatchObject({ status: 1, out: '', err: expect.stringContaining('npm start') });
    const stopped = await jug(['status'], { PORT: '1' });
    expect(stopped).toMatchObject({ status: 1, out: '', err: expect.stringContaining('npm start') });
    await writeFile(tokenPath(nowhere), 'wrong\n');
    expect(await jug(['status'], { JUG_DATA_DIR: nowhere })).toMatchObject({ status: 1, err: expect.stringContaining('token') });
    await rm(nowhere, { recursive: true });
  });

  it('help lists the commands', async () => {
    const run = await jug(['--help']);
    expect(run.status).toBe(0);
    for (const { name, summary } of TEST_COMMANDS) expect(run.out).toMatch(new RegExp(`${name}\\s+${summary}`));
  });

  it('watch follows a goal live, prints each change once and ends with the goal', async () => {
    const { goalId } = await seedGoal(bench.db);
    await post(bench.db, { title: 'Plan', tone: 'info' }, { goalId });
    const run = start(['watch', String(goalId)]);
    await vi.waitFor(() => expect(bench.listeners()).toBe(1), { timeout: 10_000 });
    await post(bench.db, { title: 'Progress 1', tone: 'info' }, { goalId, key: 'progress' });
    bench.notify();
    await vi.waitFor(() => expect(run.out()).toContain('Progress 1'));
    await post(bench.db, { title: 'Another goal', tone: 'info' });
    await post(bench.db, { title: 'Progress 2', tone: 'info' }, { goalId, key: 'progress' });
    bench.notify();
    await vi.waitFor(() => expect(run.out()).toContain('Progress 2'));
    await inTransaction(bench.db, async (trx) => {
      await trx.updateTable('goal').set({ status: 'done', ended_at: new Date() }).where('id', '=', goalId).execute();
      await post(trx, { title: 'Result: profit', tone: 'good' }, { goalId });
    });
    bench.notify();
    expect(await run.exit).toBe(0);
    expect(run.out().match(/^[i✓] .*/gm)).toEqual(['i Plan', 'i Progress 1', 'i Progress 2', '✓ Result: profit']);
    expect(run.err()).toContain(`Goal ${goalId} is done.`);
  });

  it('watch stops on Ctrl-C with 0, and refuses a goal that is not there', async () => {
    const { goalId } = await seedGoal(bench.db);
    const run = start(['watch']);
    await vi.waitFor(() => expect(run.err()).toContain(`Following goal ${goalId}`), { timeout: 10_000 });
    await vi.waitFor(() => expect(bench.listeners()).toBe(1), { timeout: 10_000 });
    run.child.kill('SIGINT');
    expect(await run.exit).toBe(0);
    expect(await jug(['watch', '987654'])).toMatchObject({ status: 1, err: expect.stringContaining('no goal 987654') });
    expect(await jug(['watch', 'everything'])).toMatchObject({ status: 2 });
  });
});

describe('words', () => {
  const menu = describeMenu(TEST_COMMANDS);
  it.each([
    [['goal', 'Earn', '$5', 'budget:20'], { name: 'goal', input: { text: 'Earn $5', budget: '20' } }],
    [['goal', '--budget=20', 'Earn', '--', '--fast'], { name: 'goal', input: { text: 'Earn --fast', budget: '20' } }],
    [['goal', 'see https://x.example/a:b'], { name: 'goal', input: { text: 'see https://x.example/a:b' } }],
    [['deny', '17', 'too', 'dear'], { name: 'deny', input: { id: '17', reason: 'too dear' } }],
    [['deny', '#17', '--reason', 'no: really'], { name: 'deny', input: { id: '#17', reason: 'no: really' } }],
    [['approve', '--id', '17', '--amount', '12.50'], { name: 'approve', input: { id: '17', amount: '12.50' } }],
  ])('%j', (words, expected) => {
    expect(parseWords(words, menu)).toEqual({ kind: 'command', ...expected });
  });

  it.each([[['status', 'now']], [['approve', '17', 'please']], [['approve', '--amount']]])('%j is bad usage', (words) => {
    expect(parseWords(words, menu)).toMatchObject({ kind: 'bad' });
  });
});

describe('cards in the terminal', () => {
  const look = { colour: false, width: 80 };

  it('show every part, buttons as commands to type', () => {
    const card: Card = {
      title: 'Approve 17',
      tone: 'ask',
      text: '**Why now:** it\\_is [here](/goals/3)',
      fields: [
        { label: 'Amount', value: '$25.00' },
        { label: 'Mode', value: 'practice' },
      ],
      table: {
        columns: ['Call', 'Amount'],
        rows: [
          ['launch', '$12.50'],
          ['stop', '$2.50'],
        ],
      },
      chart: {
        kind: 'line',
        title: 'Profit',
        series: [
          {
            name: 'usd',
            points: [
              { x: '1', y: 0 },
              { x: '2', y: 7 },
            ],
          },
        ],
      },
      progress: { done: 1, total: 2 },
      buttons: [
        { label: 'Approve', command: 'approve', args: { id: 17 }, style: 'primary' },
        { label: 'Deny…', command: 'deny', args: { id: 17, reason: '' }, style: 'danger' },
        { label: 'Again', command: 'goal', args: { text: "it's $(rm)" }, style: 'plain' },
      ],
    };
    expect(renderCard(card, look)).toBe(
      [
        '? Approve 17',
        '  Why now: it_is here (/goals/3)',
        '[############............] 1 of 2',
        'Amount  $25.00',
        'Mode    practice',
        'Call    Amount',
        'launch  $12.50',
        'stop     $2.50',
        'Profit, usd: ▁█ (0 → 7)',
        '[Approve] npm run jug -- approve 17',
        '[Deny…] npm run jug -- deny 17 --reason REASON',
        "[Again] npm run jug -- goal --text 'it'\\''s $(rm)'",
      ].join('\n'),
    );
  });

  it('never obey what is in the data', () => {
    const evil = '\u001B[2J\u001B]0;title\u0007\rfake\n✓ Approved\u202E';
    const text = renderCard(
      {
        title: evil,
        tone: 'info',
        text: evil,
        fields: [{ label: evil, value: evil }],
        table: { columns: [evil], rows: [[evil]] },
        buttons: [{ label: evil, command: evil, args: { x: evil }, style: 'plain' }],
      },
      look,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/);
    expect(text.split('\n').filter((line) => line.startsWith('✓'))).toEqual([]);
  });

  it('use colour only when asked', () => {
    expect(renderCard({ title: 'T', tone: 'good' }, { colour: true, width: 80 })).toBe('\u001B[1;32m✓ T\u001B[0m');
  });
});

describe('the local token', () => {
  it('is made once, for this user only, and is the same for all who ask at the same moment', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'jug-token-'));
    const tokens = await Promise.all(Array.from({ length: 20 }, () => ensureLocalToken(join(dir, 'deep', 'data'))));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).toMatch(/^[\w-]{43}$/);
    expect((await stat(tokenPath(join(dir, 'deep', 'data')))).mode & 0o777).toBe(0o600);
    await rm(dir, { recursive: true });
  });
});
