// What everything that listens to Discord needs, made once by start-discord.ts.
import type { REST } from 'discord.js';
import type { Dispatch, Hear } from '../../chat/answer.ts';
import type { Command } from '../../chat/command.ts';
import type { Deps } from '../../flows/deps.ts';
import type { DiscordConfig } from '../../platform-config.ts';
import type { PublicUrl } from './markdown.ts';
import type { Places } from './places.ts';
import type { Turns } from './turns.ts';

export interface DiscordParts {
  config: DiscordConfig;
  deps: Deps;
  commands: readonly Command[];
  dispatch: Dispatch;
  hear: Hear;
  /** For messages; waits its turn when Discord limits it. */
  rest: REST;
  /** For answers to interactions, which Discord does not count. */
  answers: REST;
  places: Places;
  publicUrl: PublicUrl;
  /** For the work behind what was acknowledged. */
  turns: Turns;
}
