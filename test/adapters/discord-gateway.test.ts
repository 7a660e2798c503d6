// The gateway connection by itself: a Discord that is away, refuses the token or the intent, or goes away just as we leave.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runGateway } from '../../src/adapters/discord/gateway.ts';
import type { PlatformHealth } from '../../src/chat/channel.ts';
import { Secret } from '../../src/core/secret.ts';
import type { DiscordConfig } from '../../src/platform-config.ts';
import { type DiscordDouble, type DiscordDoubleOptions, startDiscordDouble } from '../support/discord-double.ts';

const WAIT = { timeout: 15_000, interval: 20 };

let discord: DiscordDouble;
let ending: AbortController;
let running: Promise<void>;
let healths: PlatformHealth[];
let events: string[];

async function open(options: DiscordDoubleOptions & { away?: boolean } = {}, more: Partial<DiscordConfig> = {}): Promise<void> {
  discord = await startDiscordDouble(options);
  if (options.away === true) await discord.stop();
  ending = new AbortController();
  healths = [];
  events = [];
  const config: DiscordConfig = {
    token: new Secret(discord.token),
    applicationId: discord.applicationId,
    guildId: discord.guildId,
    apiUrl: discord.apiUrl,
    channels: { goals: null, approvals: null, experiments: null, revenue: null },
    readsMessages: false,
    ...more,
  };
  running = runGateway(
    { config, onEvent: (event) => events.push(event), onHealth: (health) => healths.push(health), onTrouble: () => undefined },
    ending.signal,
  );
}

afterEach(async () => {
  ending.abort();
  await running;
  await discord.stop();
});

const isOk = () => vi.waitFor(() => expect(healths.at(-1)).toEqual({ state: 'ok', why: null }), WAIT);

describe('opening', () => {
  test('it asks for the least: servers, messages there and direct messages, nothing privileged', async () => {
    await open();
    await isOk();
    const [identify] = discord.journal.gateway.filter(({ kind }) => kind === 'identify');
    expect(identify?.intents).toBe((1 << 0) | (1 << 9) | (1 << 12));
    expect(discord.journal.faults).toEqual([]);
  });

  test('a Discord that is away at the start is said, tried again, and listened to when it is there', async () => {
    await open({ away: true });
    await vi.waitFor(
      () => expect(healths.at(-1)).toMatchObject({ state: 'down', why: expect.stringContaining('cannot be reached') }),
      WAIT,
    );
    await discord.restart();
    await isOk();
  });

  test('a wrong token is named, and not tried again and again', async () => {
    await open({}, { token: new Secret('wrong') });
    await vi.waitFor(() => expect(healths.at(-1)).toMatchObject({ state: 'down', why: expect.stringContaining('DISCORD_TOKEN') }), WAIT);
    expect(discord.journal.gateway.filter(({ kind }) => kind === 'identify')).toEqual([]);
  });

  test('without the content intent all else works, and the intent to switch on is named', async () => {
    await open({}, { readsMessages: true });
    await vi.waitFor(
      () => expect(healths.at(-1)).toMatchObject({ state: 'degraded', why: expect.stringContaining('Message Content') }),
      WAIT,
    );
    const user = discord.addPerson('Ann');
    discord.say({ channel: discord.channel('general'), user, content: 'hello', mentionsBot: true });
    await vi.waitFor(() => expect(events).toContain('MESSAGE_CREATE'), WAIT);
  });

  test('with the content intent switched on it is used', async () => {
    await open({ privileged: ['content'] }, { readsMessages: true });
    await isOk();
    expect(discord.journal.gateway.find(({ kind }) => kind === 'identify')?.intents).toBe((1 << 0) | (1 << 9) | (1 << 12) | (1 << 15));
  });
});

describe('leaving', () => {
  test('a connection lost in the middle is made again, and what was said meanwhile is heard', async () => {
    await open();
    await isOk();
    discord.cut();
    await vi.waitFor(() => expect(healths.at(-1)?.state).toBe('degraded'), WAIT);
    discord.say({ channel: discord.channel('general'), user: discord.addPerson('Ann'), content: 'meanwhile', mentionsBot: true });
    await vi.waitFor(() => expect(events).toContain('MESSAGE_CREATE'), WAIT);
    await isOk();
  });

  test('leaving ends the connection', async () => {
    await open();
    await isOk();
    ending.abort();
    await running;
    await vi.waitFor(() => expect(discord.connected).toBe(0), WAIT);
  });

  test('leaving while Discord is away is for good: nothing of us comes back with it', { timeout: 30_000 }, async () => {
    await open();
    await isOk();
    await discord.stop();
    await vi.waitFor(() => expect(healths.at(-1)?.state).toBe('degraded'), WAIT);
    ending.abort();
    await running;
    const before = discord.journal.gateway.length;
    await discord.restart();
    // A second bot's way in takes longer than the library's pause before it would have come back.
    const second = new AbortController();
    const other = runGateway(
      {
        config: {
          token: new Secret(discord.token),
          applicationId: discord.applicationId,
          guildId: discord.guildId,
          apiUrl: discord.apiUrl,
          channels: { goals: null, approvals: null, experiments: null, revenue: null },
          readsMessages: false,
        },
        onEvent: () => undefined,
        onHealth: (health) => healths.push(health),
        onTrouble: () => undefined,
      },
      second.signal,
    );
    await isOk();
    discord.cut();
    await vi.waitFor(() => expect(discord.journal.gateway.slice(before).some(({ kind }) => kind === 'resume')).toBe(true), WAIT);
    second.abort();
    await other;
    expect(discord.journal.gateway.slice(before).filter(({ kind }) => kind === 'identify')).toHaveLength(1);
  });
});
