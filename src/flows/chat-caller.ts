// Who spoke on a chat platform, with their roles, and the goal of the thread they spoke in.
import type { Spot } from '../chat/channel.ts';
import type { Caller } from '../chat/command.ts';
import { findGoalOfThread } from '../chat/thread-store.ts';
import type { Platform } from '../db/tables/states.ts';
import { findPerson } from '../domain/people/people-store.ts';
import type { Deps } from './deps.ts';

export interface Speaker {
  platform: Platform;
  /** `slack:TEAM/USER` or `discord:USER`: the platform's ids, never a name. */
  platformId: string;
  said: Spot | null;
}

export async function findChatCaller(deps: Deps, { platform, platformId, said }: Speaker): Promise<Caller> {
  const [person, goalId] = await Promise.all([
    findPerson(deps.db, platformId, deps.config.people),
    said === null ? null : findGoalOfThread(deps.db, platform, said),
  ]);
  return { ...person, surface: platform, goalId, ...(said === null ? {} : { said: { ...said, platform } }) };
}
