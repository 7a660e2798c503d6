// What every listener of Slack works with, and who is speaking: always by the person's own workspace and id, never by a name.
import type { webApi } from '@slack/bolt';
import type { Dispatch, Hear } from '../../chat/answer.ts';
import type { Spot } from '../../chat/channel.ts';
import type { Caller, Command } from '../../chat/command.ts';
import { hearOnce } from '../../chat/heard-store.ts';
import { findChatCaller } from '../../flows/chat-caller.ts';
import type { Deps } from '../../flows/deps.ts';

export interface SlackParts {
  deps: Deps;
  commands: readonly Command[];
  dispatch: Dispatch;
  hear: Hear;
  /** For direct answers: it tries again by itself, a few times. */
  client: webApi.WebClient;
  botUserId: () => string | null;
}

export interface Speaker {
  user: string;
  /** The person's own workspace: a guest of a shared channel keeps theirs. */
  team: string;
}

export function findCaller({ deps }: SlackParts, speaker: Speaker, said: Spot | null): Promise<Caller> {
  return findChatCaller(deps, { platform: 'slack', platformId: `slack:${speaker.team}/${speaker.user}`, said });
}

/** @returns false for anything that was here before, in any process. */
export function isNew({ deps }: SlackParts, kind: 'event' | 'command' | 'click' | 'view', key: string): Promise<boolean> {
  return hearOnce(deps.db, 'slack', `${kind}:${key}`);
}
