// Takes the outbox to the chat platforms: once when something was said, and again when a rate, a pause or a retry is over.
import type { ChatChannel } from '../chat/channel.ts';
import { findNextDelivery } from '../chat/delivery-store.ts';
import { forgetHeard } from '../chat/heard-store.ts';
import { deliverMessages, shortName } from '../flows/deliver-messages.ts';
import type { Deps } from '../flows/deps.ts';
import { joinPlatforms, routeMessages } from '../flows/route-messages.ts';
import { within } from './held-task.ts';
import { createTicker } from './ticker.ts';

/** Several changes of one moment are one look. */
const GATHER_MS = 100;
const SHORTEST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 60_000;
const FORGET_MS = 3_600_000;
const STOP_MS = 3_000;

export interface PostRoom {
  onMessages(): void;
  stop(): Promise<void>;
}

/** @param identity names this installation's database. */
export async function openPostRoom(deps: Deps, channels: readonly ChatChannel[], identity: string): Promise<PostRoom> {
  const joined = await joinPlatforms(
    deps,
    channels.map(({ platform }) => platform),
  );
  const name = shortName(identity);
  const stopping = new AbortController();
  const watched = (what: string, work: () => Promise<number | null>) =>
    createTicker({ work, onError: (error) => deps.log.warn({ err: error }, `${what} failed; trying again`) });
  const senders = channels.map((channel) =>
    watched(`delivering to ${channel.platform}`, async () => {
      await deliverMessages(deps, channel, name, stopping.signal);
      const next = await findNextDelivery(deps.db, channel.platform, deps.processId);
      return next === null ? null : Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, next));
    }),
  );
  const router = watched('routing messages', async () => {
    await routeMessages(deps, joined);
    for (const sender of senders) sender.soon(0);
    return null;
  });
  const memory = watched('forgetting old events', async () => {
    await forgetHeard(deps.db);
    return FORGET_MS;
  });
  router.soon(0);
  memory.soon(FORGET_MS);
  return {
    onMessages: () => router.soon(GATHER_MS),
    stop: async () => {
      stopping.abort();
      await within(STOP_MS, Promise.all([router, memory, ...senders].map((ticker) => ticker.stop())));
    },
  };
}
