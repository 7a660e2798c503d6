// Chromium for the browser suite: the system's, headless, quiet on the network.
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

export const DESKTOP = { width: 1280, height: 860 };
export const PHONE = { width: 390, height: 844 };

export interface Tab {
  page: Page;
  /** Errors of scripts and refusals of the content security policy; must stay empty. */
  problems: string[];
  context: BrowserContext;
}

export async function openTab(
  browser: Browser,
  url: string,
  look: { viewport?: { width: number; height: number }; colorScheme?: 'light' | 'dark' } = {},
): Promise<Tab> {
  const context = await browser.newContext({
    viewport: look.viewport ?? DESKTOP,
    colorScheme: look.colorScheme ?? 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(url, { waitUntil: 'load' });
  return { page, problems, context };
}
