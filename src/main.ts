// Reads the configuration, starts the app, stops it on SIGTERM or Ctrl-C.
import { startApp } from './app.ts';
import { readProcessConfig } from './config.ts';

async function main(): Promise<void> {
  const config = readProcessConfig();
  const app = await startApp(config);
  console.log(`Console: ${app.consoleUrl}`);
  if (config.brain === null)
    console.log('Practice mode follows playbooks and is no language model; OPENAI_API_KEY and JUG_MODELS in .env add one.');
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
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
