// `npm run jug -- …`: one chat command from the terminal against the running bot. Needs no database, only the local token.
import { runTerminal } from './adapters/terminal/run-terminal.ts';
import { readProcessConfig } from './config.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
// A closed pipe (`jug … | head`) is no error.
process.stdout.on('error', () => process.exit(0));

async function main(): Promise<number> {
  const config = readProcessConfig();
  const { host, port } = config.http;
  const reachable = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return await runTerminal({
    words: process.argv.slice(2),
    baseUrl: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`,
    dataDir: config.db.dataDir,
    look: { colour: process.stdout.isTTY === true && process.stdout.hasColors(), width: process.stdout.columns ?? 100 },
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    signal: stop.signal,
  });
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
