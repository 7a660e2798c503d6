// What Discord tells of messages and channels that went away, passed on to the flow that posts again where people can see it.
import type {
  GatewayChannelDeleteDispatchData,
  GatewayGuildDeleteDispatchData,
  GatewayMessageDeleteBulkDispatchData,
  GatewayMessageDeleteDispatchData,
} from 'discord.js';
import { noteDeleted, noteUnreachable } from '../../flows/lost-cards.ts';
import type { DiscordParts } from './parts.ts';

const platform = 'discord' as const;

export async function onMessageDeleted({ deps }: DiscordParts, { id, channel_id }: GatewayMessageDeleteDispatchData): Promise<void> {
  await noteDeleted(deps, { platform, place: channel_id, remoteId: id });
}

export async function onMessagesDeleted({ deps }: DiscordParts, { ids, channel_id }: GatewayMessageDeleteBulkDispatchData): Promise<void> {
  for (const id of ids) await noteDeleted(deps, { platform, place: channel_id, remoteId: id });
}

/** Only channels of ours: others are no business of the bot. */
export async function onChannelDeleted({ deps, config }: DiscordParts, { id }: GatewayChannelDeleteDispatchData): Promise<void> {
  if (!ownPlaces(config).has(id)) return;
  await noteUnreachable(deps, { platform, place: id, why: 'This channel was deleted. Set another channel id in DISCORD_CHANNEL_….' });
}

/** @returns whether the bot was removed; a server that is only unavailable comes back by itself. */
export async function onGuildGone({ deps, config }: DiscordParts, { id, unavailable }: GatewayGuildDeleteDispatchData): Promise<boolean> {
  if (id !== config.guildId || unavailable === true) return false;
  for (const place of ownPlaces(config))
    await noteUnreachable(deps, {
      platform,
      place,
      why: 'The bot was removed from the server. Invite it again: npm run manifest -- discord prints the address.',
    });
  return true;
}

function ownPlaces(config: DiscordParts['config']): Set<string> {
  const { goals, approvals, experiments, revenue } = config.channels;
  return new Set([goals, approvals, experiments, revenue].filter((place) => place !== null));
}
