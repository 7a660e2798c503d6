// The whole suite but the browser's (vitest.browser.config.ts): one database server for the run, no network beyond loopback.
import { defineConfig } from 'vitest/config';

const PURE = 'test/rules/**/*.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/network.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Node runs our TypeScript itself, as it does in the product: no second transformation, and compiled code is kept.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      // A process for each file: what one leaves open (connections above all) ends with it.
      { extends: true, test: { name: 'real parts', include: ['test/**/*.test.ts'], exclude: ['test/browser/**', PURE] } },
      // Rules open nothing: they share their processes.
      { extends: true, test: { name: 'rules', include: [PURE], isolate: false } },
    ],
  },
});
