// Gives each new version of a message its deliveries: where on which chat platform it is to be seen.
import { addDeliveries, refreshDeliveries } from '../chat/delivery-store.ts';
import { listUnreachable } from '../chat/place-store.ts';
import { ensureThreadPlace, joinPlatform, takeUnrouted, type Unrouted } from '../chat/route-store.ts';
import { type Places, reachablePlaces, routesOf, userIdsOn } from '../chat/routes.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import type { Platform } from '../db/tables/states.ts';
import type { Deps } from './deps.ts';

const BATCH = 100;

/** Keys of reminders that nobody heeded in time begin so: they go to the owners in person too. */
export const ESCALATION = 'escalation:';

/** Which platforms are told, each from its first start on. */
export type Joined = ReadonlyMap<Platform, Date>;

export async function joinPlatforms(deps: Deps, platforms: readonly Platform[]): Promise<Joined> {
  const joined = new Map<Platform, Date>();
  for (const platform of platforms) joined.set(platform, await joinPlatform(deps.db, platform));
  return joined;
}

export async function routeMessages(deps: Deps, joined: Joined): Promise<void> {
  for (let isMore = true; isMore; ) {
    isMore = await inTransaction(deps.db, async (trx) => {
      const messages = await takeUnrouted(trx, BATCH);
      const places = messages.length === 0 ? new Map() : await readPlaces(deps, trx);
      for (const message of messages) await route(deps, trx, message, { joined, places });
      return messages.length === BATCH;
    });
  }
}

/** The channels of each platform as the settings name them, gone around where one cannot be written to. */
async function readPlaces(deps: Deps, trx: Trx): Promise<Map<Platform, Places>> {
  const closed = await listUnreachable(trx);
  const places = new Map<Platform, Places>();
  for (const platform of ['slack', 'discord'] as const) {
    const named = deps.config[platform]?.channels;
    if (named === undefined) continue;
    const mine = closed.filter((place) => place.platform === platform).map(({ place }) => place);
    places.set(platform, reachablePlaces(named, new Set(mine)));
  }
  return places;
}

async function route(
  deps: Deps,
  trx: Trx,
  message: Unrouted,
  { joined, places: known }: { joined: Joined; places: ReadonlyMap<Platform, Places> },
): Promise<void> {
  if (message.console_only) return;
  if (message.platform !== null) return routeOwn(trx, message, message.platform);
  // Copies that lie where today's settings no longer lead are kept up to date too.
  if (message.version > 1) await refreshDeliveries(trx, message);
  for (const [platform, since] of joined) {
    const places = known.get(platform);
    if (places === undefined || message.created_at < since) continue;
    const threadPlace = message.goal_id === null ? null : await ensureThreadPlace(trx, message.goal_id, platform, places.goals);
    const { approvers: named, owners } = deps.config.people;
    const approvers = userIdsOn(platform, message.key?.startsWith(ESCALATION) ? [...named, ...owners] : named);
    const routes = routesOf({ channel: message.channel, goalId: message.goal_id }, { places, approvers, threadPlace });
    await addDeliveries(trx, platform, message, routes);
  }
}

/** A conversation's card is seen where the conversation is. */
async function routeOwn(trx: Trx, message: Unrouted, platform: Platform): Promise<void> {
  if (message.own_place === null) return;
  await addDeliveries(trx, platform, message, [{ place: message.own_place, threaded: false, ownThread: message.own_thread }]);
}
