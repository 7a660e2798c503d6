// A person in the console: give a goal, approve its launch, watch the money, read the books. Real bot, real Chromium; screenshots land in docs/.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP, openBrowser, openTab, PHONE } from '../support/browser.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const DOCS = join(REPOSITORY, 'docs');
const GOAL = 'Earn the first practice dollar with a budget of $60';

interface Bot {
  link: string;
  stop(): Promise<void>;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** `npm start` in a fresh directory, with quick market days. Resolves with the link it prints. */
async function startBot(dataDir: string): Promise<Bot> {
  const child: ChildProcess = spawn(process.execPath, [join(REPOSITORY, 'bin/bot.mjs'), join(REPOSITORY, 'src/main.ts')], {
    cwd: dataDir,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: dataDir,
      JUG_DATA_DIR: join(dataDir, 'data'),
      PORT: String(await findFreePort()),
      PRACTICE_DAY_SECONDS: '1',
      PRACTICE_SEED: '1',
      JUG_TIMEZONE: 'UTC',
      LOG_LEVEL: 'warn',
    },
  });
  const exited = new Promise<void>((done) => child.on('exit', () => done()));
  const link = await new Promise<string>((found, failed) => {
    let said = '';
    const read = (text: Buffer) => {
      said += text.toString();
      const match = /^Console: (\S+)$/m.exec(said);
      if (match?.[1] !== undefined) found(match[1]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('exit', (code) => failed(new Error(`The bot ended with ${code}:\n${said}`)));
  });
  return {
    link,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

describe('the console in a browser', () => {
  let browser: Browser;
  let bot: Bot;
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'jug-browser-'));
    await mkdir(DOCS, { recursive: true });
    [browser, bot] = await Promise.all([openBrowser(), startBot(home)]);
  });
  afterAll(async () => {
    await browser?.close();
    await bot?.stop();
    await rm(home, { recursive: true, force: true });
  });

  it('leads from a goal over one approval to a result that the ledger says', async () => {
    const { page, problems } = await openTab(browser, bot.link);
    await page.getByRole('heading', { name: 'Give it a goal' }).waitFor();
    await page.screenshot({ path: join(DOCS, 'console-empty.png') });

    await page.getByRole('button', { name: GOAL }).click();
    // The answer is the goal's own live card: it stands once, in the feed.
    await page.locator('#feed .card', { hasText: /Goal \d+: Earn the first/ }).waitFor();
    await expect.poll(() => page.locator('#answers .card').count()).toBe(0);
    const ask = page.locator('.card.ask', { hasText: 'market_launch' });
    await ask.waitFor({ timeout: 60_000 });
    await ask.getByText('Exactly this will run').waitFor();
    await page.setViewportSize({ width: 1280, height: 1100 });
    await ask.evaluate((card) => card.scrollIntoView({ block: 'start' }));
    await page.screenshot({ path: join(DOCS, 'console-approval.png') });
    await ask.locator('button.primary').click();

    await page
      .locator('.card', { hasText: /Request \d+/ })
      .first()
      .waitFor();
    const result = page.locator('.card', { hasText: 'Result of goal' });
    await result.waitFor({ timeout: 90_000 });
    const verdict = ((await result.locator('h3').textContent()) ?? '').trim();
    expect(verdict).toMatch(/(profit|loss) of \$[\d,.]+$/);
    await page.setViewportSize(DESKTOP);
    await result.evaluate((card) => card.scrollIntoView({ block: 'center' }));
    await page.screenshot({ path: join(DOCS, 'console-result.png') });

    await result.getByRole('link', { name: /ledger postings/ }).click();
    await page.getByText('✓ Balanced').waitFor();
    await page.screenshot({ path: join(DOCS, 'console-ledger.png') });
    await page.getByRole('link', { name: 'Goals', exact: true }).click();
    await page.getByRole('link', { name: new RegExp(GOAL.slice(0, 30)) }).click();
    await page.getByRole('heading', { name: 'Money' }).waitFor();
    const amount = /\$[\d,.]+$/.exec(verdict)?.[0] ?? '';
    // Late payments edit the card and the panel alike; what the thread says now is what the books say now.
    await expect.poll(async () => (await page.locator('.sums tfoot .num').textContent())?.replace('-', '')).toBe(amount);
    await page.screenshot({ path: join(DOCS, 'console-goal.png') });
    expect(problems).toEqual([]);
  });

  it('is usable by keyboard and on a phone in the dark', async () => {
    const { page, problems } = await openTab(browser, bot.link, { viewport: PHONE, colorScheme: 'dark' });
    await page.keyboard.press('/');
    await page.keyboard.type('reven');
    await page.getByRole('option', { name: /revenue/ }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.locator('#words').inputValue()).toBe('revenue ');
    await page.keyboard.press('Enter');
    await page.locator('#answers .card', { hasText: 'Revenue (practice)' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    expect(await page.evaluate('document.activeElement.classList.contains("card")')).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await page.screenshot({ path: join(DOCS, 'console-phone.png') });
    expect(problems).toEqual([]);
  });

  it('asks for a reason in a dialog that Esc closes, and needs no mouse', async () => {
    const { page, problems } = await openTab(browser, bot.link);
    await page.locator('#words').fill('Earn $20 of profit on the practice market with a budget of $100');
    await page.keyboard.press('Enter');
    const draft = page.locator('#answers .card', { hasText: 'Draft goal' });
    await draft.getByRole('button', { name: 'Start' }).focus();
    await page.keyboard.press('Enter');
    const ask = page.locator('#feed .card.ask', { hasText: 'market_launch' });
    await ask.getByRole('button', { name: 'Deny…' }).focus({ timeout: 60_000 });
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await ask.getByRole('button', { name: 'Deny…' }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('textbox').fill('not this month');
    await dialog.getByRole('button', { name: 'Deny' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.card', { hasText: 'not this month' }).first().waitFor();
    await dialog.waitFor({ state: 'hidden' });
    expect(problems).toEqual([]);
  });
});
