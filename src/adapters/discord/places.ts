// What kind of channel an id stands for: a channel, a thread in one, or a conversation with one person. Asked once, as it never changes.
import { type APIChannel, ChannelType, type REST, Routes } from 'discord.js';
import type { Spot } from '../../chat/channel.ts';

interface Place {
  kind: 'channel' | 'thread' | 'direct';
  /** For a thread: the channel it hangs in. */
  parent: string | null;
}

const THREADS: readonly ChannelType[] = [ChannelType.AnnouncementThread, ChannelType.PublicThread, ChannelType.PrivateThread];
const REMEMBERED = 5_000;
/** A conversation with one person has no threads: what belongs together there answers the first message. */
const ANSWERS = 'answers:';

export interface Places {
  look(channelId: string): Promise<Place>;
  /** Where words said in a channel stand for the bot. */
  spotOf(channelId: string): Promise<Spot>;
}

export function createPlaces(rest: REST): Places {
  const known = new Map<string, Place>();
  const look = async (channelId: string): Promise<Place> => {
    const found = known.get(channelId);
    if (found !== undefined) return found;
    const place = describe((await rest.get(Routes.channel(channelId))) as APIChannel);
    if (known.size >= REMEMBERED) known.clear();
    known.set(channelId, place);
    return place;
  };
  return {
    look,
    spotOf: async (channelId) => {
      const { kind, parent } = await look(channelId);
      return kind === 'thread' && parent !== null ? { place: parent, thread: channelId } : { place: channelId, thread: null };
    },
  };
}

function describe(channel: APIChannel): Place {
  if (channel.type === ChannelType.DM || channel.type === ChannelType.GroupDM) return { kind: 'direct', parent: null };
  const parent = 'parent_id' in channel ? (channel.parent_id ?? null) : null;
  return THREADS.includes(channel.type) ? { kind: 'thread', parent } : { kind: 'channel', parent: null };
}

/** The thread's name for what answers one message of a conversation. */
export const answersTo = (messageId: string): string => `${ANSWERS}${messageId}`;

/** Where a spot's messages really go, and what they answer. */
export function addressOf(spot: Spot): { channelId: string; answers: string | null } {
  if (spot.thread?.startsWith(ANSWERS)) return { channelId: spot.place, answers: spot.thread.slice(ANSWERS.length) };
  return { channelId: spot.thread ?? spot.place, answers: null };
}
