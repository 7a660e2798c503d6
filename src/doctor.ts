// `npm run doctor`: checks the configuration and every connected service, and says what to do about each fault.
import { checkDatabase, checkModel, checkPeople, checkQueries } from './adapters/doctor/base-checks.ts';
import { renderChecks } from './adapters/doctor/check.ts';
import { type Config, readProcessConfig } from './config.ts';

async function checkAll(config: Config) {
  const { slack, discord, stripe, search } = config;
  const parts = await Promise.all([
    checkDatabase(config),
    checkQueries(config),
    checkModel(config),
    checkPeople(config),
    slack === null ? [] : import('./adapters/doctor/slack-checks.ts').then(({ checkSlack }) => checkSlack(slack)),
    discord === null ? [] : import('./adapters/doctor/discord-checks.ts').then(({ checkDiscord }) => checkDiscord(discord)),
    stripe === null
      ? []
      : import('./adapters/doctor/stripe-checks.ts').then(({ checkStripe }) => checkStripe(stripe, config.http.publicUrl)),
    search === null ? [] : import('./adapters/doctor/search-checks.ts').then(({ checkSearch }) => checkSearch(search)),
    config.mcpServers.length === 0
      ? []
      : import('./adapters/doctor/mcp-checks.ts').then(({ checkToolServers }) => checkToolServers(config.mcpServers)),
  ]);
  return parts.flat();
}

async function main(): Promise<number> {
  const checks = await checkAll(readProcessConfig());
  process.stdout.write(`${renderChecks(checks)}\n`);
  const faults = checks.filter(({ ok }) => !ok).length;
  process.stdout.write(`${faults === 0 ? '\nAll configured parts work.' : `\n${faults} fault${faults === 1 ? '' : 's'} to mend.`}\n`);
  return faults === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  return 1;
});
