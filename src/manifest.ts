// `npm run manifest -- slack|discord`: what to paste into Slack, or the address that adds the bot to a Discord server.
import { slackManifest } from './adapters/slack/manifest.ts';
import { EXAMPLE_GOALS } from './chat/views/draft-card.ts';
import { readProcessConfig } from './config.ts';

const USAGE = 'Usage: npm run manifest -- slack   or   npm run manifest -- discord [APPLICATION_ID]';

async function main([platform, applicationId]: string[]): Promise<number> {
  const config = readProcessConfig();
  if (platform === 'slack') {
    const { publicUrl } = config.http;
    const requestUrl = config.slack?.door.kind === 'http' && publicUrl !== null ? `${publicUrl.replace(/\/$/, '')}/slack/events` : null;
    const examples = EXAMPLE_GOALS.map((message) => ({ title: message, message }));
    process.stdout.write(`${JSON.stringify(slackManifest(requestUrl, examples), null, 2)}\n`);
    return 0;
  }
  const id = applicationId ?? config.discord?.applicationId;
  if (platform !== 'discord' || id === undefined) {
    const hint = 'Say the application id: npm run manifest -- discord 1234 (General Information → Application ID)';
    process.stderr.write(`${platform === 'discord' ? hint : USAGE}\n`);
    return 2;
  }
  const { discordInvite } = await import('./adapters/discord/permissions.ts');
  process.stdout.write(`${discordInvite(id)}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  return 1;
});
