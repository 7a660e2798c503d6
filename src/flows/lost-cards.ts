// A card was deleted, or its channel cannot be reached any more or can again: what people still have to see is posted where they can.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Card } from '../chat/card.ts';
import { findByRemote, isPosting, noteGone } from '../chat/delivery-store.ts';
import { escapeMarkdown, plainLine } from '../chat/escape.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { markReachable, markUnreachable, moveDeliveries } from '../chat/place-store.ts';
import { reachablePlaces } from '../chat/routes.ts';
import type { Platform } from '../db/tables/states.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import type { Deps } from './deps.ts';

/** Whether people miss this card when it is gone: it asks for something, or is a goal's live card. An answer that somebody deleted stays away. */
export const isStillNeeded = (message: { card: { buttons?: unknown[] }; key: string | null }): boolean =>
  ((message.card.buttons ?? []).length > 0 && !(message.key?.startsWith('answer:') ?? false)) ||
  (message.key?.startsWith('goal:') ?? false);

const LOOK_AGAIN_MS = 250;
const MOST_LOOKS = 120;

/** Somebody deleted one of our messages: an open request and a goal's card come again, the rest stays away. */
export async function noteDeleted(deps: Deps, at: { platform: Platform; place: string; remoteId: string }): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    // Asked first: what is noted between the two questions is found by the second.
    const mayBeOurs = await isPosting(deps.db, at.platform);
    const delivery = await findByRemote(deps.db, at.platform, at.place, at.remoteId);
    if (delivery !== null) return noteGone(deps.db, delivery.id, isStillNeeded(delivery));
    if (!mayBeOurs) return;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** A channel was archived or deleted, or the bot was removed from it. */
export async function noteUnreachable(deps: Deps, at: { platform: Platform; place: string; why: string }): Promise<void> {
  const isNew = await markUnreachable(deps.db, at.platform, at.place, at.why);
  if (!isNew) return;
  deps.log.warn(at, 'a channel cannot be reached');
  await tellConsole(deps, at, { tone: 'bad', title: 'cannot be written to', text: escapeMarkdown(at.why) });
  await recordAudit(deps.db, [
    { mode: deps.mode, actor: 'the bot', action: 'channel.unreachable', subjectKind: 'channel', subjectId: null, detail: at },
  ]);
  const places = deps.config[at.platform]?.channels;
  // Whoever takes no direct messages sees the same request in the channel.
  if (places === undefined || at.place.startsWith('dm:')) return;
  const next = reachablePlaces(places, new Set([at.place])).goals;
  if (next !== null && next !== at.place) await moveDeliveries(deps.db, at.platform, at.place, next);
}

/** One card a channel, on the console alone: it says how the channel stands now. */
async function tellConsole(
  deps: Deps,
  { platform, place }: { platform: Platform; place: string },
  { title, ...card }: Pick<Card, 'title' | 'tone' | 'text'>,
): Promise<void> {
  const name = platform === 'slack' ? 'Slack' : 'Discord';
  await postMessage(deps.db, {
    channel: 'goals',
    goalId: null,
    key: `place:${platform}:${place}`,
    consoleOnly: true,
    card: { ...card, title: `${name} ${plainLine(place, 40)} ${title}` },
  });
}

/** A channel was opened to the bot again, or (null) perhaps all of a platform: what waited for it comes at once. Told in vain, it costs one query. */
export async function noteReachable(deps: Deps, at: { platform: Platform; place: string | null }): Promise<void> {
  const { platform } = at;
  for (const place of await markReachable(deps.db, platform, at.place)) {
    deps.log.info({ platform, place }, 'a channel may be reached again');
    await tellConsole(deps, { platform, place }, { tone: 'good', title: 'is open again', text: 'What waited for it comes now.' });
    await recordAudit(deps.db, [
      {
        mode: deps.mode,
        actor: 'the bot',
        action: 'channel.reachable',
        subjectKind: 'channel',
        subjectId: null,
        detail: { platform, place },
      },
    ]);
  }
}
