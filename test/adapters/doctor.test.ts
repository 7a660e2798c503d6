// doctor names each fault and what to do about it, and is content only when all that is configured works.
import { afterEach, describe, expect, test } from 'vitest';
import { checkModel } from '../../src/adapters/doctor/base-checks.ts';
import { type Check, renderChecks } from '../../src/adapters/doctor/check.ts';
import { checkDiscord } from '../../src/adapters/doctor/discord-checks.ts';
import { checkToolServers } from '../../src/adapters/doctor/mcp-checks.ts';
import { checkSlack } from '../../src/adapters/doctor/slack-checks.ts';
import { checkStripe } from '../../src/adapters/doctor/stripe-checks.ts';
import { SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { type DiscordDouble, startDiscordDouble } from '../support/discord-double.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import { startStripeDouble } from '../support/stripe-double.ts';
import { stripeEnv } from '../support/stripe-story.ts';
import { makeHostile } from '../support/tool-server-room.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

const faults = (checks: readonly Check[]): Check[] => checks.filter(({ ok }) => !ok);
const read = (env: Record<string, string>): Config => readConfig(env, '/tmp');

describe('Slack', () => {
  const begin = async (): Promise<SlackDouble> => {
    const double = await startSlackDouble({
      scopes: Object.keys(SLACK_SCOPES),
      channels: { C1: { name: 'goals' }, C2: { name: 'asks', isMember: false }, C3: { name: 'old', isArchived: true } },
    });
    open.push(double);
    return double;
  };
  const check = (double: SlackDouble, more: Record<string, string> = {}): Promise<Check[]> => {
    const env = {
      SLACK_BOT_TOKEN: double.botToken,
      SLACK_APP_TOKEN: double.appToken,
      SLACK_API_URL: double.apiUrl,
      SLACK_CHANNEL_GOALS: 'C1',
    };
    const { slack } = read({ ...env, ...more });
    if (slack === null) throw new Error('not configured');
    return checkSlack(slack);
  };

  test('all is well with the manifest’s scopes and the bot in its channel', async () => {
    const checks = await check(await begin());
    expect(faults(checks)).toEqual([]);
    expect(renderChecks(checks)).toContain('#goals');
  });

  test('a wrong bot token is named with the page to copy it from', async () => {
    const [fault, ...more] = faults(await check(await begin(), { SLACK_BOT_TOKEN: 'xoxb-wrong' }));
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ what: 'Slack bot token', found: 'Slack says invalid_auth' });
    expect(fault?.fix).toContain('OAuth & Permissions');
  });

  test('a wrong app token is named', async () => {
    const [fault] = faults(await check(await begin(), { SLACK_APP_TOKEN: 'xapp-wrong' }));
    expect(fault).toMatchObject({ what: 'Slack app token' });
    expect(fault?.fix).toContain('connections:write');
  });

  test('each missing scope is named', async () => {
    const double = await begin();
    double.revoke('im:write', 'files:write');
    expect(faults(await check(double)).map(({ what }) => what)).toEqual(['Slack scope files:write', 'Slack scope im:write']);
  });

  test.each([
    ['C2', 'the bot is not in it', '/invite'],
    ['C3', 'is archived', 'Unarchive'],
    ['C404', 'Slack says channel_not_found', '.env'],
  ])('channel %s: %s', async (id, found, fix) => {
    const [fault] = faults(await check(await begin(), { SLACK_CHANNEL_APPROVALS: id }));
    expect(fault).toMatchObject({ what: `Slack channel ${id} (approvals)`, found });
    expect(fault?.fix).toContain(fix);
  });

  test('a server that does not answer is said', async () => {
    const double = await begin();
    await double.stop();
    expect(faults(await check(double)).map(({ what }) => what)).toEqual(['Slack bot token', 'Slack app token']);
  });
});

describe('Discord', () => {
  const begin = async (options: Parameters<typeof startDiscordDouble>[0] = {}): Promise<DiscordDouble> => {
    const double = await startDiscordDouble({ channels: ['goals'], ...options });
    open.push(double);
    return double;
  };
  const check = (double: DiscordDouble, more: Record<string, string> = {}): Promise<Check[]> => {
    const { discord } = read({
      DISCORD_TOKEN: double.token,
      DISCORD_APPLICATION_ID: double.applicationId,
      DISCORD_GUILD_ID: double.guildId,
      DISCORD_API_URL: double.apiUrl,
      DISCORD_CHANNEL_GOALS: double.channel('goals'),
      ...more,
    });
    if (discord === null) throw new Error('not configured');
    return checkDiscord(discord);
  };

  test('all is well with the invited permissions and the bot in its channel', async () => {
    expect(faults(await check(await begin()))).toEqual([]);
  });

  test('a wrong token is named with the page to reset it on', async () => {
    const [fault, ...more] = faults(await check(await begin(), { DISCORD_TOKEN: 'wrong' }));
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ what: 'Discord token' });
    expect(fault?.fix).toContain('/bot');
  });

  test('the message content intent is asked for only where it is used', async () => {
    const without = await begin();
    expect(faults(await check(without, { DISCORD_MESSAGE_CONTENT: '1' })).map(({ what }) => what)).toEqual([
      'Discord message content intent',
    ]);
    const privileged = await begin({ privileged: ['content'] });
    expect(faults(await check(privileged, { DISCORD_MESSAGE_CONTENT: '1' }))).toEqual([]);
  });

  test('another server, another channel and a missing permission are named', async () => {
    const double = await begin();
    expect(faults(await check(double, { DISCORD_GUILD_ID: '123456789012345678' }))).toMatchObject([{ what: 'Discord server' }]);
    expect(faults(await check(double, { DISCORD_CHANNEL_REVENUE: '123456789012345678' }))).toMatchObject([
      { what: 'Discord channel 123456789012345678 (revenue)' },
    ]);
    const poor = await begin();
    poor.deny(poor.channel('goals'), ['ATTACH_FILES']);
    const [fault] = faults(await check(poor));
    expect(fault?.found).toContain('permission AttachFiles is missing');
    expect(fault?.fix).toContain('https://discord.com/oauth2/authorize');
    const shut = await begin();
    shut.deny(shut.channel('goals'), ['VIEW_CHANNEL']);
    const unseen = faults(await check(shut));
    expect(unseen).toMatchObject([
      { what: expect.stringMatching(/^Discord channel \d+ \(goals/), found: expect.stringMatching(/Missing Access|ViewChannel/) },
    ]);
    expect(unseen[0]?.fix).toMatch(/able to see the channel|role in the channel/);
  });
});

test('without a key the model is the practice playbooks, and that is no fault', async () => {
  expect(await checkModel(read({}))).toMatchObject([{ ok: true, found: expect.stringContaining('no language model') }]);
});

test('Stripe: a working key names its account; a wrong one and a server that is away are named', async () => {
  const double = await startStripeDouble();
  open.push(double);
  const check = (more: Record<string, string> = {}): Promise<Check[]> => {
    const { stripe } = read({ ...stripeEnv(double), ...more });
    if (stripe === null) throw new Error('not configured');
    return checkStripe(stripe, null);
  };
  const checks = await check();
  expect(faults(checks)).toEqual([]);
  expect(renderChecks(checks)).toContain(double.world.accountId);
  expect(faults(await check({ STRIPE_SECRET_KEY: 'sk_test_wrong' }))).toMatchObject([{ what: 'Stripe key', found: 'refused' }]);
  expect(faults(await check({ STRIPE_API_URL: 'http://127.0.0.1:9' }))).toMatchObject([{ what: 'Stripe key' }]);
});

test('tool servers: what works is counted, a tool that is not there and a program that does not start are named', async () => {
  const hostile = makeHostile();
  const { mcpServers } = read({
    PATH: process.env['PATH'] ?? '',
    MCP_SERVERS: JSON.stringify({
      good: hostile.command,
      typo: { ...hostile.command, tools: { loook: { risk: 'read' } } },
      absent: { command: '/nowhere/at/all' },
    }),
  });
  const [good, typo, absent] = await checkToolServers(mcpServers);
  expect(good).toMatchObject({ ok: true, found: '2 tools' });
  expect(typo).toMatchObject({ ok: false, found: 'has no tool loook', fix: expect.stringContaining('look, send') });
  expect(absent).toMatchObject({ ok: false, what: 'Tool server absent', found: expect.stringContaining('ENOENT') });
  hostile.remove();
});
