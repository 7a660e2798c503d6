// How an answer reaches the person who asked: in the thread, privately, in place of the message that was clicked, or as a modal.
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import type { Card } from '../../chat/card.ts';
import type { Spot } from '../../chat/channel.ts';
import { attachFiles } from './attach-files.ts';
import { asKnown } from './block-parts.ts';
import { renderBlocks } from './blocks.ts';
import { drawFiles } from './card-files.ts';
import { drawModal } from './modal.ts';
import type { SlackParts } from './slack-parts.ts';

const REPLY_MS = 5_000;
/** At most half a minute, where Slack is silent. Of the five answers that an address takes, one that came through unseen costs one. */
const AGAIN = { maxAttempts: 3, backoff: new ExponentialBackoff({ initialDelay: 500, maxDelay: 5_000 }) };
const QUIET = { unfurl_links: false, unfurl_media: false };

export function draw(parts: SlackParts, card: Card) {
  const { blocks, text } = render(parts, card);
  return { blocks: asKnown(blocks), text };
}

const render = (parts: SlackParts, card: Card) => renderBlocks(card, { surface: 'message', publicUrl: parts.deps.config.http.publicUrl });

export async function postInThread(parts: SlackParts, spot: Spot, card: Card): Promise<void> {
  const thread = spot.thread === null ? {} : { thread_ts: spot.thread };
  const { blocks, text, cut } = render(parts, card);
  const answer = await parts.client.chat.postMessage({
    channel: spot.place,
    ...thread,
    blocks: asKnown(blocks),
    text,
    ...QUIET,
    parse: 'none',
  });
  if ((!cut.words && !cut.chart) || answer.ts === undefined) return;
  try {
    await attachFiles(parts.client, { place: spot.place, thread: spot.thread ?? answer.ts }, await drawFiles(card, cut));
  } catch (error) {
    parts.deps.log.error({ err: error, place: spot.place }, 'a file could not be attached in Slack');
  }
}

/** Seen by this one person. @param thread only where the person is in that thread already. */
export async function postPrivately(
  parts: SlackParts,
  to: { place: string; thread: string | null; user: string },
  card: Card,
): Promise<void> {
  const thread = to.thread === null ? {} : { thread_ts: to.thread };
  await parts.client.chat.postEphemeral({ channel: to.place, user: to.user, ...thread, ...draw(parts, card), parse: 'none' });
}

/** Slack's reply address of a command or click: good for half an hour and five answers, in any channel. */
export interface ReplyTo {
  url: string;
  thread: string | null;
}

export const replyPrivately = (parts: SlackParts, to: ReplyTo, card: Card): Promise<void> =>
  reply(to, {
    response_type: 'ephemeral',
    replace_original: false,
    ...(to.thread === null ? {} : { thread_ts: to.thread }),
    ...draw(parts, card),
  });

export const replaceClicked = (parts: SlackParts, to: ReplyTo, card: Card): Promise<void> =>
  reply(to, { replace_original: true, ...draw(parts, card), ...QUIET });

/** Slack said no for good: the address is used up or too old, or the answer is not as it must be. */
class Refused extends Error {}

const patiently = retry(
  handleWhen((error) => !(error instanceof Refused)),
  AGAIN,
);

const reply = (to: ReplyTo, body: object): Promise<void> => patiently.execute(() => replyOnce(to.url, JSON.stringify(body)));

async function replyOnce(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(REPLY_MS),
  });
  if (response.ok) return;
  const why = `Slack refused an answer with HTTP status ${response.status}: ${(await response.text()).slice(0, 200)}`;
  throw response.status === 429 || response.status >= 500 ? new Error(why) : new Refused(why);
}

/** For what was clicked in the home tab, where there is no message to answer under. */
export async function openAnswer(parts: SlackParts, triggerId: string, card: Card): Promise<void> {
  await parts.client.views.open({ trigger_id: triggerId, view: drawModal(card, parts.deps.config.http.publicUrl) });
}
