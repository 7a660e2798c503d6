// The port to Slack's messages: post, edit, find again, threads and direct messages. It never retries; the delivery flow does.
import type { types, webApi } from '@slack/bolt';
import { type ChatChannel, DeliveryTrouble, type Letter, type Spot } from '../../chat/channel.ts';
import type { Block } from './block-parts.ts';
import { renderBlocks } from './blocks.ts';
import { toTrouble } from './slack-trouble.ts';

const EVENT_TYPE = 'juggernaut';
/** Clocks differ: a message may lie this much before our own time. */
const CLOCKS_DIFFER_MS = 120_000;
const PAGE = 200;
const MOST_PAGES = 3;

/** Slack's own types do not know every block yet. */
export const asKnown = (blocks: Block[]): types.KnownBlock[] => blocks as types.KnownBlock[];

export function createSlackChannel(client: webApi.WebClient, publicUrl: string | null): ChatChannel {
  const draw = ({ card, mark }: Letter) => {
    const { blocks, text } = renderBlocks(card, { surface: 'message', publicUrl });
    return { blocks: asKnown(blocks), text, metadata: { event_type: EVENT_TYPE, event_payload: { mark } } };
  };
  return {
    platform: 'slack',
    post: async (spot, letter) => {
      const answer = await attempt(spot.place, () =>
        client.chat.postMessage({
          channel: spot.place,
          ...(spot.thread === null ? {} : { thread_ts: spot.thread }),
          ...draw(letter),
          unfurl_links: false,
          unfurl_media: false,
          parse: 'none',
          link_names: false,
        }),
      );
      return answer.ts ?? refuse('a message without its ts');
    },
    edit: async (spot, remoteId, letter) => {
      await attempt(spot.place, () =>
        client.chat.update({ channel: spot.place, ts: remoteId, ...draw(letter), parse: 'none', link_names: false }),
      );
    },
    find: (spot, mark, since) => attempt(spot.place, () => findMark(client, spot, mark, since)),
    // A thread is the first message's ts; it needs no call.
    openThread: async (spot, remoteId) => spot.thread ?? remoteId,
    directPlace: async (userId) => {
      const user = userId.split('/').at(-1) ?? userId;
      const answer = await attempt(user, () => client.conversations.open({ users: user }));
      return answer.channel?.id ?? refuse('a conversation without its id');
    },
  };
}

async function attempt<Result>(place: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof DeliveryTrouble ? error : toTrouble(error, place);
  }
}

function refuse(what: string): never {
  throw new DeliveryTrouble('later', `Slack answered with ${what}.`);
}

/** Newest first in a channel, oldest first in a thread; only messages that carry our own app's metadata are ours. */
async function findMark(client: webApi.WebClient, spot: Spot, mark: string, since: Date): Promise<string | null> {
  const oldest = ((since.getTime() - CLOCKS_DIFFER_MS) / 1000).toFixed(6);
  const common = { channel: spot.place, oldest, inclusive: true, limit: PAGE, include_all_metadata: true };
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const place = cursor === undefined ? common : { ...common, cursor };
    const answer =
      spot.thread === null ? await client.conversations.history(place) : await client.conversations.replies({ ...place, ts: spot.thread });
    const found = (answer.messages ?? []).find((message) => isMarked(message, mark));
    if (found?.ts !== undefined) return found.ts;
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return null;
  }
  return null;
}

function isMarked(message: { metadata?: { event_type?: string; event_payload?: unknown } }, mark: string): boolean {
  const payload = message.metadata?.event_payload as { mark?: unknown } | undefined;
  return message.metadata?.event_type === EVENT_TYPE && payload?.mark === mark;
}
