// What happens to our messages and channels in Slack: deleted, archived, removed. The flow posts again where people can see it.
// Told twice it does nothing the second time, so these events need no memory.
import type { App } from '@slack/bolt';
import { noteDeleted, noteReachable, noteUnreachable } from '../../flows/lost-cards.ts';
import type { SlackParts } from './slack-parts.ts';

interface PlaceEvent {
  type: string;
  channel: string | { id: string };
  subtype?: string;
  deleted_ts?: string;
}

const LOST: Record<string, string> = {
  channel_archive: 'is archived: unarchive it, or set another channel id in .env.',
  group_archive: 'is archived: unarchive it, or set another channel id in .env.',
  channel_deleted: 'was deleted: set another channel id in .env.',
  group_deleted: 'was deleted: set another channel id in .env.',
  channel_left: 'no longer has the bot in it: invite it there with /invite.',
  group_left: 'no longer has the bot in it: invite it there with /invite.',
};

export function noticePlaces(app: App, parts: SlackParts): void {
  app.event(/^(?:channel|group)_(?:archive|deleted|left)$/, async ({ event }) => {
    const lost = event as unknown as PlaceEvent;
    const place = typeof lost.channel === 'string' ? lost.channel : lost.channel.id;
    await noteUnreachable(parts.deps, {
      platform: 'slack',
      place,
      why: `The Slack channel ${place} ${LOST[lost.type] ?? 'cannot be reached.'}`,
    });
  });
  app.event(/^(?:channel|group)_unarchive$/, async ({ event }) => {
    const { channel } = event as unknown as PlaceEvent;
    await noteReachable(parts.deps, { platform: 'slack', place: typeof channel === 'string' ? channel : channel.id });
  });
  app.event('member_joined_channel', async ({ event }) => {
    if (event.user === parts.botUserId()) await noteReachable(parts.deps, { platform: 'slack', place: event.channel });
  });
  app.event('message', async ({ event }) => {
    const gone = event as unknown as PlaceEvent;
    if (gone.subtype !== 'message_deleted' || gone.deleted_ts === undefined || typeof gone.channel !== 'string') return;
    await noteDeleted(parts.deps, { platform: 'slack', place: gone.channel, remoteId: gone.deleted_ts });
  });
}
