// Discord's REST interface: one client for the outbox, which waits and tries again by itself, and the troubles of a call in our own words.
import { DiscordAPIError, HTTPError, RateLimitError, REST } from 'discord.js';
import { DeliveryTrouble } from '../../chat/channel.ts';
import type { DiscordConfig } from '../../platform-config.ts';

/** Three calls one after the other end within the outbox's lease. */
const CALL_TIMEOUT_MS = 8_000;

export interface RestOptions {
  /** Whether a call waits for its turn when Discord limits it, and is tried again; the outbox wants to be told instead. */
  mayWait: boolean;
  /** Calls a second in all; Discord's own limit unless said otherwise. */
  perSecond?: number;
}

export function createRest(config: DiscordConfig, { mayWait, perSecond }: RestOptions): REST {
  return new REST({
    ...(config.apiUrl === null ? {} : { api: config.apiUrl.replace(/\/+$/, '') }),
    version: '10',
    retries: mayWait ? 2 : 0,
    ...(perSecond === undefined ? {} : { globalRequestsPerSecond: perSecond }),
    timeout: CALL_TIMEOUT_MS,
    rejectOnRateLimit: mayWait ? null : () => true,
  }).setToken(config.token.reveal());
}

/** discord.js forgets a token that was refused once; a proxy's hiccup would silence the bot until its restart. */
export function keepToken(rest: REST, config: DiscordConfig, error: unknown): void {
  if (error instanceof DiscordAPIError && error.status === 401) rest.setToken(config.token.reveal());
}

export function codeOf(error: unknown): number | null {
  return error instanceof DiscordAPIError ? Number(error.code) : null;
}

const UNREACHABLE: Record<number, string> = {
  10003: 'This channel no longer exists, or the bot cannot see it. Give the bot "View Channel" there, or set another channel id.',
  50001: 'The bot cannot see this channel. Add it to the channel, or give it "View Channel" there.',
  50013:
    'The bot lacks a permission in this channel. It needs View Channel, Send Messages, Send Messages in Threads, Create Public Threads, Attach Files and Read Message History.',
  50007: 'This person takes no direct messages from the bot. They can allow them in the privacy settings of the server.',
  10004: 'The bot is not in this server. Invite it with the address that "npm run manifest -- discord" prints.',
};

/** What went wrong with a call about a message, as the outbox needs it. */
export function toTrouble(error: unknown): DeliveryTrouble {
  if (error instanceof RateLimitError)
    return new DeliveryTrouble('later', 'Discord asked to wait.', {
      waitMs: Math.max(error.retryAfter, error.sublimitTimeout),
      cause: error,
    });
  if (error instanceof DiscordAPIError) return apiTrouble(error);
  if (error instanceof HTTPError) return new DeliveryTrouble('later', `Discord answered with ${error.status}.`, { cause: error });
  return new DeliveryTrouble('later', 'Discord was not reached.', { cause: error });
}

function apiTrouble(error: DiscordAPIError): DeliveryTrouble {
  const code = Number(error.code);
  if (code === 10008) return new DeliveryTrouble('gone', 'The message is no longer there.', { cause: error });
  if (code === 50083 || code === 160005)
    return new DeliveryTrouble('thread_lost', 'This thread is locked. A moderator can unlock it.', { cause: error });
  if (error.status === 429) return new DeliveryTrouble('later', 'Discord asked to wait.', { cause: error });
  if (error.status === 401)
    return new DeliveryTrouble(
      'unreachable',
      'Discord does not accept DISCORD_TOKEN. Copy the bot’s token again from its page in the developer portal.',
      {
        cause: error,
      },
    );
  const why = UNREACHABLE[code];
  if (why !== undefined) return new DeliveryTrouble('unreachable', why, { cause: error });
  if (error.status === 403 || error.status === 404)
    return new DeliveryTrouble(
      'unreachable',
      `Discord refuses this channel (${code}: ${error.message.slice(0, 150)}). Check its id and the bot’s permissions.`,
      {
        cause: error,
      },
    );
  return new DeliveryTrouble('refused', `Discord does not take this message (${code}: ${error.message.slice(0, 300)}).`, { cause: error });
}
