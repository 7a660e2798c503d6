// Our own messages as Slack keeps them: looked for by their mark after a crash, or read again by their ts.
import type { webApi } from '@slack/bolt';
import type { Card } from '../../chat/card.ts';
import type { Letter, Spot } from '../../chat/channel.ts';
import { filesOf, isMarked } from './message-mark.ts';

/** Clocks differ: a message may lie this much before our own time. */
const CLOCKS_DIFFER_MS = 120_000;
const PAGE = 200;
const MOST_PAGES = 3;

/** Newest first in a channel, oldest first in a thread; only messages that carry our own app's mark are ours. */
export async function findLetter(client: webApi.WebClient, spot: Spot, letter: Letter, since: Date): Promise<string | null> {
  const oldest = ((since.getTime() - CLOCKS_DIFFER_MS) / 1000).toFixed(6);
  let streamed: string | null = null;
  for await (const messages of pages(client, spot, oldest)) {
    const found = messages.find((message) => isMarked(message, letter.mark));
    if (found?.ts !== undefined) return found.ts;
    streamed ??= messages.find((message) => isStreamOf(message, letter.card))?.ts ?? null;
  }
  return streamed;
}

/** Nothing promises that Slack keeps the id of a streamed block: a goal's card begins its stream with its title, and nothing else of ours does. */
function isStreamOf({ bot_id: bot, metadata, text }: { bot_id?: string; metadata?: object; text?: string }, { ref, title }: Card): boolean {
  if (ref?.kind !== 'goal' || bot === undefined || metadata !== undefined || text === undefined) return false;
  return bare(text).startsWith(bare(title).slice(0, 100));
}

/** Without white space and the signs that either side may escape. */
const bare = (text: string): string => text.replace(/&(?:amp|lt|gt);|[\s*_\\&<>\u200B]/g, '');

/** What names the files that lie beside a message: noted in it, or in the names of files in its thread, where the note was not written any more. */
export async function hasFiles(client: webApi.WebClient, spot: Spot, ts: string, files: string): Promise<boolean> {
  const { messages } = await read(client, spot, { oldest: ts, latest: ts, limit: 2 });
  const found = messages?.find((message) => message.ts === ts);
  if (found !== undefined && filesOf(found) === files) return true;
  for await (const later of pages(client, { place: spot.place, thread: spot.thread ?? ts }, ts)) {
    const names = later.flatMap((message) => (message.bot_id === undefined ? [] : (message.files ?? [])).map(({ name }) => name ?? ''));
    if (names.some((name) => name.includes(files))) return true;
  }
  return false;
}

async function* pages(client: webApi.WebClient, spot: Spot, oldest: string) {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await read(client, spot, { oldest, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield answer.messages ?? [];
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return;
  }
}

function read(
  client: webApi.WebClient,
  { place, thread }: Spot,
  page: { oldest: string; latest?: string; limit: number; cursor?: string },
) {
  const which = { channel: place, inclusive: true, include_all_metadata: true, ...page };
  return thread === null || (thread === page.oldest && page.latest !== undefined)
    ? client.conversations.history(which)
    : client.conversations.replies({ ...which, ts: thread });
}
