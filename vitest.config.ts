// The whole suite but the browser's (vitest.browser.config.ts): one database server for the run, no network beyond loopback.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    pool: 'forks',
    // Files share a few processes, so that the product is loaded once in each, and not 160 times: a file closes what it opens.
    isolate: false,
    maxWorkers: 3,
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/network.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Node runs our TypeScript itself, as it does in the product: no second transformation, and compiled code is kept.
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
