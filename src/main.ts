// Reads the configuration, starts the app, stops it on SIGTERM or Ctrl-C.
import { startApp } from './app.ts';
import { readProcessConfig } from './config.ts';

const LAST_MS = 10_000;

async function main(): Promise<void> {
  const config = readProcessConfig();
  const app = await startApp(config);
  if (app.joined !== null) console.log(`Port ${app.joined} is held by our own bot on the same data: joined it as a worker.`);
  console.log(`Console: ${app.consoleUrl}`);
  if (app.publicPort !== null)
    console.log(`Signed requests only: port ${app.publicPort}. Lead a tunnel there, never to the console's port.`);
  if (config.brain === null)
    console.log('Practice mode follows playbooks and is no language model; OPENAI_API_KEY and JUG_MODELS in .env add one.');
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    // Nothing that hangs keeps us longer; what it held is taken over by others.
    setTimeout(() => process.exit(1), LAST_MS).unref();
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
