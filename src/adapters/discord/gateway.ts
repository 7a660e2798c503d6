// One connection to Discord's gateway: discord.js resumes and identifies; this file opens it, opens it again after trouble, and says how it stands.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  GatewayIntentBits,
  Options,
  Partials,
  SimpleShardingStrategy,
  WebSocketShardStatus,
} from 'discord.js';
import type { PlatformHealth } from '../../chat/channel.ts';
import type { DiscordConfig } from '../../platform-config.ts';

/** The library's own manager of sockets, which its client keeps to itself. */
type Sockets = ConstructorParameters<typeof SimpleShardingStrategy>[0];

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Discord allows 1,000 identifies a day; a wrong token or intent is not cured by asking more often. */
const REFUSED_PAUSE_MS = 5 * 60_000;
const SETTLE_MS = 1_500;

export interface GatewayOptions {
  config: DiscordConfig;
  /** Every event of the kinds in HEARD. */
  onEvent: (event: (typeof HEARD)[number], payload: unknown) => void;
  onHealth: (health: PlatformHealth) => void;
  onTrouble: (error: unknown) => void;
}

export const HEARD = [
  GatewayDispatchEvents.Ready,
  GatewayDispatchEvents.Resumed,
  GatewayDispatchEvents.InteractionCreate,
  GatewayDispatchEvents.MessageCreate,
  GatewayDispatchEvents.MessageDelete,
  GatewayDispatchEvents.MessageDeleteBulk,
  GatewayDispatchEvents.ChannelCreate,
  GatewayDispatchEvents.ChannelUpdate,
  GatewayDispatchEvents.ChannelDelete,
  GatewayDispatchEvents.GuildCreate,
  GatewayDispatchEvents.GuildDelete,
  GatewayDispatchEvents.GuildRoleUpdate,
  GatewayDispatchEvents.GuildMemberUpdate,
] as const;

const OK: PlatformHealth = { state: 'ok', why: null };
const REFUSALS: Record<number, string> = {
  [GatewayCloseCodes.AuthenticationFailed]:
    'Discord does not accept DISCORD_TOKEN. Copy it again from the bot’s page in the developer portal.',
  [GatewayCloseCodes.DisallowedIntents]:
    'The Message Content intent is not switched on: do so on the bot’s page in the developer portal, or remove DISCORD_MESSAGE_CONTENT.',
};
const WITHOUT_CONTENT = `${REFUSALS[GatewayCloseCodes.DisallowedIntents]} Until then messages in threads have to mention the bot.`;

export function intentsOf(readsMessages: boolean): GatewayIntentBits[] {
  const least = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages];
  return readsMessages ? [...least, GatewayIntentBits.MessageContent] : least;
}

/** Stays connected until `ending`. Never throws: what goes wrong is told and tried again. */
export async function runGateway(options: GatewayOptions, ending: AbortSignal): Promise<void> {
  let readsMessages = options.config.readsMessages;
  for (let failures = 0; !ending.aborted; ) {
    const healthy: PlatformHealth = readsMessages === options.config.readsMessages ? OK : { state: 'degraded', why: WITHOUT_CONTENT };
    const end = await runClient(options, readsMessages, healthy, ending, () => {
      failures = 0;
    });
    if (ending.aborted) return;
    if (end.code === GatewayCloseCodes.DisallowedIntents && readsMessages) {
      // Everything but plain messages in threads works without it.
      readsMessages = false;
      continue;
    }
    options.onHealth({
      state: 'down',
      why: (end.code === null ? undefined : REFUSALS[end.code]) ?? 'Discord cannot be reached; trying again.',
    });
    if (end.error !== null) options.onTrouble(end.error);
    failures += 1;
    const pause = end.code === null ? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10)) : REFUSED_PAUSE_MS;
    await sleep(pause, null, { signal: ending }).catch(() => null);
  }
}

interface End {
  /** The close code of a connection that Discord refuses to have again. */
  code: number | null;
  error: unknown;
}

async function runClient(
  options: GatewayOptions,
  readsMessages: boolean,
  healthy: PlatformHealth,
  ending: AbortSignal,
  onOpen: () => void,
): Promise<End> {
  let sockets: Sockets | null = null;
  const client = createClient(options.config, readsMessages, (manager) => {
    sockets = manager;
  });
  const ended = Promise.withResolvers<End>();
  let refused: number | null = null;
  for (const event of HEARD) client.ws.on(event, (payload: unknown) => options.onEvent(event, payload));
  const open = (): void => {
    onOpen();
    options.onHealth(healthy);
  };
  client.ws.on(GatewayDispatchEvents.Ready, open);
  client.ws.on(GatewayDispatchEvents.Resumed, open);
  client.on(Events.ShardReconnecting, () => options.onHealth({ state: 'degraded', why: 'The connection to Discord is being made again.' }));
  client.on(Events.ShardDisconnect, ({ code }) => {
    refused = code;
    ended.resolve({ code, error: null });
  });
  client.on(Events.ShardError, options.onTrouble);
  client.on(Events.Error, options.onTrouble);
  const stop = (): void => ended.resolve({ code: null, error: null });
  ending.addEventListener('abort', stop, { once: true });
  client.login(options.config.token.reveal()).catch((error: unknown) => {
    const isToken = (error as { code?: unknown }).code === 'TokenInvalid';
    ended.resolve({ code: refused ?? (isToken ? GatewayCloseCodes.AuthenticationFailed : null), error });
  });
  try {
    return await ended.promise;
  } finally {
    ending.removeEventListener('abort', stop);
    await close(client, sockets);
  }
}

function createClient(config: DiscordConfig, readsMessages: boolean, onSockets: (sockets: Sockets) => void): Client {
  return new Client({
    intents: intentsOf(readsMessages),
    // Direct messages come from channels the library has not seen.
    partials: [Partials.Channel],
    allowedMentions: { parse: [] },
    rest: { version: '10', ...(config.apiUrl === null ? {} : { api: config.apiUrl.replace(/\/+$/, '') }) },
    // Events are read as they come; a copy of every message would only cost memory.
    makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 0, ReactionManager: 0, PresenceManager: 0 }),
    ws: {
      buildStrategy: (manager) => {
        onSockets(manager);
        return new SimpleShardingStrategy(manager);
      },
    },
  });
}

/**
 * The library forgets to end a connection that is just being made again: it would come back after we left. So no connection may begin from
 * here on, and one that begins just now is waited for.
 */
async function close(client: Client, sockets: Sockets | null): Promise<void> {
  client.ws.removeAllListeners();
  if (sockets !== null) {
    sockets.options.retrieveSessionInfo = () => new Promise(() => {});
    const deadline = performance.now() + SETTLE_MS;
    while (performance.now() < deadline) {
      const states = await sockets.fetchStatus();
      if (![...states.values()].includes(WebSocketShardStatus.Connecting)) break;
      await sleep(20);
    }
  }
  await client.destroy();
}
