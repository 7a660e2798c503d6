// What Slack's Web API refuses, as the four kinds of trouble the delivery flow knows, each with a sentence that says what to do.
import { webApi } from '@slack/bolt';
import { DeliveryTrouble } from '../../chat/channel.ts';

/** Slack's error → what a person can do about it. `{place}` is the channel. */
const UNREACHABLE: Record<string, string> = {
  channel_not_found: 'Slack knows no channel {place}, or the bot was never in it: invite the bot there, or correct the channel id in .env.',
  is_archived: 'The Slack channel {place} is archived: unarchive it, or set another channel id in .env.',
  not_in_channel: 'The bot is not in the Slack channel {place}: invite it there with /invite.',
  restricted_action: 'The Slack channel {place} lets only some people post: allow the bot in the channel settings.',
  user_not_found: 'Slack knows nobody with the id {place}: correct the id in .env.',
  cannot_dm_bot: 'The Slack id {place} is a bot, which gets no direct messages: correct the id in .env.',
  missing_scope: 'The Slack app lacks a permission ({needed}): add the scope at api.slack.com/apps and install the app again.',
  invalid_auth: 'Slack refuses the bot token: copy the Bot User OAuth Token into SLACK_BOT_TOKEN again.',
  not_authed: 'Slack got no bot token: set SLACK_BOT_TOKEN.',
  token_revoked: 'The Slack bot token was revoked: install the app again and copy its token into SLACK_BOT_TOKEN.',
  token_expired: 'The Slack bot token has expired: install the app again and copy its token into SLACK_BOT_TOKEN.',
  account_inactive: 'The Slack app was removed from the workspace: install it again.',
};
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);
const LATER = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** @param place the channel or person the call was about. */
export function toTrouble(error: unknown, place: string): DeliveryTrouble {
  if (error instanceof webApi.WebAPIRateLimitedError)
    return new DeliveryTrouble('later', 'Slack asks to wait.', { waitMs: error.retryAfter * 1000, cause: error });
  if (!(error instanceof webApi.WebAPIPlatformError)) return new DeliveryTrouble('later', describeOutage(error), { cause: error });
  const code = error.data.error;
  if (LATER.has(code)) return new DeliveryTrouble('later', `Slack cannot do it now (${code}).`, { cause: error });
  if (code === 'thread_not_found')
    return new DeliveryTrouble('thread_lost', 'The first message of the thread in Slack is gone.', { cause: error });
  if (GONE.has(code)) return new DeliveryTrouble('gone', `The message in Slack is gone (${code}).`, { cause: error });
  const advice = describeRefusal(error, place);
  if (advice !== null) return new DeliveryTrouble('unreachable', advice, { cause: error });
  const details = (error.data.response_metadata?.messages ?? []).join('; ').slice(0, 300);
  return new DeliveryTrouble('refused', `Slack does not take this message: ${code}${details === '' ? '' : ` (${details})`}.`, {
    cause: error,
  });
}

/** The message is being streamed, so it cannot be edited. */
export const isStreaming = (error: unknown): boolean =>
  error instanceof webApi.WebAPIPlatformError && error.data.error === 'streaming_state_conflict';

/** What to do about a refusal that only people can end; null for any other. */
export function describeRefusal(error: unknown, place: string): string | null {
  if (!(error instanceof webApi.WebAPIPlatformError)) return null;
  const advice = Object.hasOwn(UNREACHABLE, error.data.error) ? UNREACHABLE[error.data.error] : undefined;
  const { needed } = error.data as { needed?: unknown };
  return advice?.replace('{place}', place).replace('{needed}', typeof needed === 'string' ? needed : 'see npm run doctor') ?? null;
}

/** One sentence for everything that is no answer of Slack's. */
export function describeOutage(error: unknown): string {
  if (error instanceof webApi.WebAPIHTTPError) return `Slack answered with HTTP status ${error.statusCode}.`;
  if (error instanceof webApi.WebAPIRequestError) return `Slack cannot be reached: ${causeOf(error.original)}.`;
  return `Slack cannot be reached: ${causeOf(error)}.`;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause.message : '';
  return (inner === '' ? error.message : inner).slice(0, 200);
}
