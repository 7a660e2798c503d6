// "Seen" to Slack. When the line broke in that moment the person sees an error, but what they asked for is still done.
import type { SlackParts } from './slack-parts.ts';

export async function acknowledge({ deps }: Pick<SlackParts, 'deps'>, ack: () => Promise<void>): Promise<void> {
  await ack().catch((error: unknown) => deps.log.warn({ err: error }, 'Slack could not be told that a click arrived'));
}
