// The real bot as a process of its own: what src/main.ts does, on a test's database. Everything is imported before the line that starts
// it comes in on stdin, so that a bot waiting to take over costs no time. Its one line on stdout says where it listens.
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { BotStart } from './bot-process.ts';
import { createKnockTool } from './far-tool.ts';
import { senderTo } from './hook-double.ts';

const lines = createInterface({ input: process.stdin });
const [line] = await new Promise<[string]>((resolve) => lines.once('line', (text) => resolve([text])));
lines.close();
process.stdin.destroy();

const start = JSON.parse(line) as BotStart;
const { knockUrl, knockAsks, hookPort } = start;
const app = await startApp(readConfig(start.env, start.dataDir), {
  ...(start.connection === null ? {} : { connection: start.connection, marketConnection: start.marketConnection }),
  log: pino({ level: start.env['LOG_LEVEL'] ?? 'silent' }, pino.destination(2)),
  ...(hookPort === null ? {} : { hooks: senderTo(hookPort) }),
  ...(knockUrl === null ? {} : { tools: () => [createKnockTool(knockUrl, knockAsks)] }),
});
process.on('SIGTERM', () => {
  app.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.stdout.write(`${JSON.stringify({ port: app.port, token: new URL(app.consoleUrl).searchParams.get('token') })}\n`);
