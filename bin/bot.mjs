#!/usr/bin/env node
// Launcher in plain JavaScript: `node bin/bot.mjs FILE.ts ARGS…` (or `--vitest ARGS…`) on a Node that runs TypeScript.
// An older Node starts the one that npm installed beside us and passes on arguments, streams, signals and the exit status.
import module, { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/** Type stripping without a flag came with 22.18 and 23.6. */
function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/** The Node binary from the optional platform package, or null where none is made (macOS, Windows) or none was installed. */
function findBundledNode() {
  try {
    return join(dirname(require.resolve(`node-${process.platform}-${process.arch}/package.json`)), 'bin', 'node');
  } catch {
    return null;
  }
}

function stop(sentence) {
  console.error(sentence);
  process.exit(2);
}

async function runHere(args) {
  const [first, ...rest] = args;
  if (first === undefined) stop('Usage: node bin/bot.mjs FILE.ts [ARGUMENTS…]');
  const file = first === '--vitest' ? join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs') : resolve(first);
  // The file finds its own arguments where Node would have put them.
  process.argv.splice(1, process.argv.length, file, ...rest);
  // Stripped and compiled once, not at every start; a folder that cannot be written to costs only the time. Beside the
  // packages and not in the shared /tmp, where somebody else could lay code for us. Vitest's workers hear of it by the variable.
  const cache = join(import.meta.dirname, '..', 'node_modules', '.cache', 'compiled');
  module.enableCompileCache(cache);
  if (first === '--vitest') process.env.NODE_COMPILE_CACHE ??= cache;
  await import(pathToFileURL(file).href);
}

async function runBundled(node) {
  const { spawn } = await import('node:child_process');
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  child.on('error', (error) => stop(`The Node that npm installed could not be started (${error.message}): run \`npm ci\` again.`));
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, forward);
  // A terminal sends Ctrl-C to both of us: forwarding it too would look like a second, impatient one.
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, process.stdin.isTTY ? () => {} : forward);
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (runsTypeScript(process.versions.node)) {
  await runHere(process.argv.slice(2));
} else {
  const node = findBundledNode();
  if (node === null || node === process.execPath) {
    stop(
      `This needs Node 22.18 or newer and found ${process.versions.node}: install Node 24, or run \`npm ci\` on Linux, which brings its own.`,
    );
  } else {
    await runBundled(node);
  }
}
