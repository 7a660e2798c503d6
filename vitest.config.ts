// The whole suite but the browser's (vitest.browser.config.ts): one database server for the run, no network beyond loopback.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    pool: 'forks',
    // More than the two cores of a small machine: tests that wait for a database or a clock leave room for others.
    maxWorkers: 3,
    // Files share their worker: a third of the run went into loading the same modules anew. No test mocks a module.
    isolate: false,
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/network.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
