// The port to Slack's messages: post, edit, find again, threads and direct messages. It never retries; the delivery flow does.
import type { webApi } from '@slack/bolt';
import { type ChatChannel, DeliveryTrouble, type Letter, type Spot } from '../../chat/channel.ts';
import type { Log } from '../../observability/logger.ts';
import { attachFiles } from './attach-files.ts';
import { asKnown } from './block-parts.ts';
import { type Rendered, renderBlocks } from './blocks.ts';
import { drawFiles, nameFiles } from './card-files.ts';
import { CardStreams } from './card-streams.ts';
import { findLetter, hasFiles } from './find-message.ts';
import { metadataOf } from './message-mark.ts';
import { isStreaming, toTrouble } from './slack-trouble.ts';

export interface SlackChannelParts {
  client: webApi.WebClient;
  publicUrl: string | null;
  log: Log;
}

/** @returns with `close`, which ends what is still being streamed. */
export function createSlackChannel(parts: SlackChannelParts): ChatChannel & { close(): Promise<void> } {
  const { client } = parts;
  const streams = new CardStreams(parts);
  return {
    platform: 'slack',
    post: (spot, letter) => attempt(spot.place, async () => (await streams.begin(spot, letter)) ?? post(parts, spot, letter)),
    edit: (spot, remoteId, letter) =>
      attempt(spot.place, async () => {
        if (await streams.advance(spot, remoteId, letter)) return;
        try {
          await update(parts, spot, remoteId, letter);
        } catch (error) {
          // Begun by a process that is no more, or being ended right now.
          if (!isStreaming(error)) throw error;
          await streams.end(spot, remoteId, letter);
          await update(parts, spot, remoteId, letter);
        }
      }),
    find: (spot, letter, since) => attempt(spot.place, () => findLetter(client, spot, letter, since)),
    // A thread is the first message's ts; it needs no call.
    openThread: async (spot, remoteId) => spot.thread ?? remoteId,
    directPlace: async (userId) => {
      const user = userId.split('/').at(-1) ?? userId;
      const answer = await attempt(user, () => client.conversations.open({ users: user }));
      return answer.channel?.id ?? refuse('a conversation without its id');
    },
    streamPause: ({ place }, remoteId) => streams.pauseOf(place, remoteId),
    close: () => streams.endAll(),
  };
}

const PLAIN = { parse: 'none', link_names: false } as const;

async function post(parts: SlackChannelParts, spot: Spot, letter: Letter): Promise<string> {
  const { cut, ...shown } = draw(parts, letter, null);
  const answer = await parts.client.chat.postMessage({
    channel: spot.place,
    ...(spot.thread === null ? {} : { thread_ts: spot.thread }),
    ...shown,
    ...PLAIN,
    unfurl_links: false,
    unfurl_media: false,
  });
  const ts = answer.ts ?? refuse('a message without its ts');
  const files = nameFiles(letter.card, cut);
  // First the files, then the buttons that ask for a yes to what is in them.
  if (files !== null && (await bringFiles(parts, spot, ts, letter, cut))) await change(parts, spot, ts, draw(parts, letter, files));
  return ts;
}

async function update(parts: SlackChannelParts, spot: Spot, ts: string, letter: Letter): Promise<void> {
  const drawn = draw(parts, letter, null);
  const files = nameFiles(letter.card, drawn.cut);
  const isThere =
    files !== null && ((await hasFiles(parts.client, spot, ts, files)) || (await bringFiles(parts, spot, ts, letter, drawn.cut)));
  await change(parts, spot, ts, isThere ? draw(parts, letter, files) : drawn);
}

/** @param files the name of what lies beside the message; null: nothing does. */
function draw({ publicUrl }: SlackChannelParts, { card, mark }: Letter, files: string | null) {
  const { blocks, text, cut } = renderBlocks(card, { surface: 'message', publicUrl, hasFiles: files !== null });
  return { blocks: asKnown(blocks), text, metadata: metadataOf(mark, files ?? undefined), cut };
}

async function change({ client }: SlackChannelParts, spot: Spot, ts: string, { cut: _, ...shown }: ReturnType<typeof draw>): Promise<void> {
  await client.chat.update({ channel: spot.place, ts, ...shown, ...PLAIN });
}

/** A card is told without its files when Slack does not take them; it says then where the rest is. */
async function bringFiles(parts: SlackChannelParts, spot: Spot, ts: string, { card }: Letter, cut: Rendered['cut']): Promise<boolean> {
  try {
    await attachFiles(parts.client, { place: spot.place, thread: spot.thread ?? ts }, await drawFiles(card, cut));
    return true;
  } catch (error) {
    parts.log.error({ err: error, place: spot.place, ts }, 'a file could not be attached in Slack');
    return false;
  }
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
