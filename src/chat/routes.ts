// Where on a chat platform a message goes: its goal's thread, the channel of its kind, the people who may decide. Pure.
import type { Channel } from '../db/tables/states.ts';

/** What a report's channel is on one platform; null: none was named. */
export type Places = Record<Channel, string | null>;

export interface Route {
  /** A channel id, or `dm:` and the platform's user id. */
  place: string;
  /** In its goal's thread; the goal's own card is what a new thread hangs on. */
  threaded: boolean;
  /** The thread of a conversation, which is no goal's. */
  ownThread?: string | null;
}

export interface Routed {
  channel: Channel;
  goalId: number | null;
}

export interface PlatformPlaces {
  places: Places;
  /** The platform's own ids of people who may approve. */
  approvers: readonly string[];
  /** The channel in which the goal's thread is, or will be; null when it has none and no channel for goals is named. */
  threadPlace: string | null;
}

/**
 * Requests go to the channel for approvals and to each approver in person; without such a channel into the goal's thread.
 * Everything else of a goal goes into its thread, and results also to the channel of their kind when that is another one.
 */
export function routesOf(message: Routed, platform: PlatformPlaces): Route[] {
  const own = platform.places[message.channel];
  const thread = message.goalId === null || platform.threadPlace === null ? [] : [{ place: platform.threadPlace, threaded: true }];
  if (message.channel === 'approvals') {
    const direct = platform.approvers.map((id) => ({ place: `dm:${id}`, threaded: false }));
    return [...(own === null ? thread : [{ place: own, threaded: false }]), ...direct];
  }
  if (message.goalId === null) return own === null ? [] : [{ place: own, threaded: false }];
  const alsoOwn = message.channel !== 'goals' && own !== null && own !== platform.threadPlace;
  return alsoOwn ? [...thread, { place: own, threaded: false }] : thread;
}

/** The platform's own user ids among platform ids: `slack:T1/U1` → U1, `discord:5` → 5. */
export function userIdsOn(platform: 'slack' | 'discord', platformIds: readonly string[]): string[] {
  const mine = platformIds.filter((id) => id.startsWith(`${platform}:`)).map((id) => id.slice(platform.length + 1));
  return [...new Set(mine.map((id) => id.split('/').at(-1) ?? id))];
}

/** The same with each channel that cannot be written to exchanged for another one that can; without any it stays, and waits. */
export function reachablePlaces(places: Places, unreachable: ReadonlySet<string>): Places {
  const all = [places.goals, places.approvals, places.revenue, places.experiments];
  const open = all.find((place) => place !== null && !unreachable.has(place)) ?? null;
  const pick = (place: string | null): string | null => (place !== null && unreachable.has(place) ? (open ?? place) : place);
  return {
    goals: pick(places.goals),
    approvals: pick(places.approvals),
    experiments: pick(places.experiments),
    revenue: pick(places.revenue),
  };
}
