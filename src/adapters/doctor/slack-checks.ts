// Slack: both tokens, every scope, every channel; each fault with the page on which it is mended.
import { webApi } from '@slack/bolt';
import type { ChannelIds, SlackConfig } from '../../platform-config.ts';
import { SLACK_SCOPES } from '../slack/manifest.ts';
import { bad, type Check, good, sentence } from './check.ts';

const ANSWER_MS = 10_000;
const APPS_PAGE = 'https://api.slack.com/apps → your app';

export async function checkSlack(config: SlackConfig): Promise<Check[]> {
  const client = openClient(config, config.botToken.reveal());
  const token = await checkBotToken(client);
  const door = config.door.kind === 'socket' ? [await checkAppToken(openClient(config, config.door.appToken.reveal()))] : [];
  if (!token.some(({ ok }) => ok)) return [...token, ...door];
  const channels: Check[] = [];
  for (const [id, names] of namesOf(config.channels)) channels.push(await checkChannel(client, id, names));
  if (channels.length === 0)
    channels.push(good('Slack channels', 'none named: requests go to the threads of their goals (SLACK_CHANNEL_GOALS names one)'));
  return [...token, ...door, ...channels];
}

function openClient(config: SlackConfig, token: string): webApi.WebClient {
  return new webApi.WebClient(token, {
    ...(config.apiUrl === null ? {} : { slackApiUrl: config.apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: ANSWER_MS,
    logLevel: webApi.LogLevel.ERROR,
  });
}

async function checkBotToken(client: webApi.WebClient): Promise<Check[]> {
  const what = 'Slack bot token';
  try {
    const answer = await client.auth.test();
    const granted = new Set(answer.response_metadata?.scopes ?? []);
    const missing = Object.entries(SLACK_SCOPES).filter(([scope]) => !granted.has(scope));
    return [
      good(what, `${answer.user ?? '?'} in ${answer.team ?? '?'}`),
      ...(missing.length === 0 ? [good('Slack scopes', `all ${Object.keys(SLACK_SCOPES).length}`)] : missing.map(missingScope)),
    ];
  } catch (error) {
    return [bad(what, reasonOf(error), `Copy the Bot User OAuth Token (xoxb-…) into SLACK_BOT_TOKEN: ${APPS_PAGE} → OAuth & Permissions.`)];
  }
}

const missingScope = ([scope, use]: [string, string]): Check =>
  bad(
    `Slack scope ${scope}`,
    `missing: it ${use}`,
    `Add it under ${APPS_PAGE} → OAuth & Permissions → Bot Token Scopes, then install the app again.`,
  );

async function checkAppToken(client: webApi.WebClient): Promise<Check> {
  const what = 'Slack app token';
  try {
    await client.apps.connections.open();
    return good(what, 'opens sockets');
  } catch (error) {
    return bad(
      what,
      reasonOf(error),
      `Make an app-level token (xapp-…) with connections:write under ${APPS_PAGE} → Basic Information, and turn on Socket Mode.`,
    );
  }
}

async function checkChannel(client: webApi.WebClient, id: string, names: string): Promise<Check> {
  const what = `Slack channel ${id} (${names})`;
  try {
    const { channel } = await client.conversations.info({ channel: id });
    if (channel?.is_archived === true) return bad(what, 'is archived', 'Unarchive it in Slack, or name another channel.');
    if (channel?.is_member !== true) return bad(what, 'the bot is not in it', `Type /invite @Juggernaut in #${channel?.name ?? id}.`);
    return good(what, `#${channel.name ?? id}`);
  } catch (error) {
    return bad(
      what,
      reasonOf(error),
      'Copy the id (C…) from the bottom of the channel’s details in Slack into .env; the bot sees a private channel only once it is invited.',
    );
  }
}

/** Slack's own word, like invalid_auth, where it gave one. */
function reasonOf(error: unknown): string {
  return error instanceof webApi.WebAPIPlatformError ? `Slack says ${error.data.error}` : sentence(error);
}

/** Each channel once, with everything it is for. */
export function namesOf(channels: ChannelIds): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, id] of Object.entries(channels) as [string, string | null][])
    if (id !== null) names.set(id, [names.get(id), name].filter((part) => part !== undefined).join(', '));
  return names;
}
