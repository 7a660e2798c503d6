// Our own messages as Slack keeps them: looked for by their mark after a crash, or read again by their ts.
import type { webApi } from '@slack/bolt';
import type { Spot } from '../../chat/channel.ts';
import { filesOf, isMarked } from './message-mark.ts';

/** Clocks differ: a message may lie this much before our own time. */
const CLOCKS_DIFFER_MS = 120_000;
const PAGE = 200;
const MOST_PAGES = 3;

/** Newest first in a channel, oldest first in a thread; only messages that carry our own app's mark are ours. */
export async function findMark(client: webApi.WebClient, spot: Spot, mark: string, since: Date): Promise<string | null> {
  const oldest = ((since.getTime() - CLOCKS_DIFFER_MS) / 1000).toFixed(6);
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await read(client, spot, { oldest, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    const found = (answer.messages ?? []).find((message) => isMarked(message, mark));
    if (found?.ts !== undefined) return found.ts;
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return null;
  }
  return null;
}

/** Which files lie beside a message already. A thread always answers with its first message too. */
export async function readFiles(client: webApi.WebClient, spot: Spot, ts: string): Promise<string | null> {
  const { messages } = await read(client, spot, { oldest: ts, latest: ts, limit: 2 });
  const found = messages?.find((message) => message.ts === ts);
  return found === undefined ? null : filesOf(found);
}

function read(
  client: webApi.WebClient,
  { place, thread }: Spot,
  page: { oldest: string; latest?: string; limit: number; cursor?: string },
) {
  const which = { channel: place, inclusive: true, include_all_metadata: true, ...page };
  return thread === null || thread === page.oldest
    ? client.conversations.history(which)
    : client.conversations.replies({ ...which, ts: thread });
}
