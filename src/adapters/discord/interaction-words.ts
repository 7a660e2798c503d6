// Who raised an interaction, and where: read from its own fields, by the platform's ids, never by names.
import { type APIInteraction, ChannelType } from 'discord.js';
import type { Spot } from '../../chat/channel.ts';
import type { Places } from './places.ts';

type Raised = Pick<APIInteraction, 'member' | 'user' | 'channel'>;

/** In a server the person comes as a member, in a conversation as a user. */
export function platformIdOf(raised: Raised): string {
  const user = raised.member?.user ?? raised.user;
  return `discord:${user?.id ?? 'unknown'}`;
}

/** The channel rides along with the interaction; only where it does not is it asked for. */
export async function spotOf(raised: Raised & { channel_id?: string }, places: Places): Promise<Spot | null> {
  const { channel } = raised;
  if (channel === undefined) return raised.channel_id === undefined ? null : places.spotOf(raised.channel_id);
  if (
    channel.type === ChannelType.PublicThread ||
    channel.type === ChannelType.PrivateThread ||
    channel.type === ChannelType.AnnouncementThread
  ) {
    const parent = 'parent_id' in channel ? channel.parent_id : undefined;
    return typeof parent === 'string' ? { place: parent, thread: channel.id } : places.spotOf(channel.id);
  }
  return { place: channel.id, thread: null };
}
