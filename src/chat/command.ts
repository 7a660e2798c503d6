// A chat command, declared once for every surface: Slack, Discord, the console and the terminal.
import type { z } from 'zod';
import type { Platform } from '../db/tables/states.ts';
import type { Person, Role } from '../domain/people/role.ts';
import type { Deps } from '../flows/deps.ts';
import type { Card } from './card.ts';
import type { Spot } from './channel.ts';

export type Surface = 'console' | 'terminal' | 'slack' | 'discord' | 'api';

export interface Caller extends Person {
  surface: Surface;
  /** The goal whose thread the words were said in. */
  goalId: number | null;
  /** Where on a chat platform they were said: a goal given there gets its thread there. Absent on console and terminal. */
  said?: Spot & { platform: Platform };
  /** What is answered is for this person's eyes alone: a slash command. */
  privately?: boolean;
}

export interface Command<Input extends z.ZodObject = z.ZodObject> {
  name: string;
  summary: string;
  /** The role needed; some commands need more for some inputs (looking at a budget, setting it). */
  role: Role | ((input: z.output<Input>) => Role);
  input: Input;
  /** The field that takes the bare words of a typed command: `goal earn $50` fills `text`. */
  positional?: Extract<keyof z.output<Input>, string>;
  examples: readonly string[];
  /** What of it only reads: the agent may use it when it answers a question, as the person who asked. `outside`: it may show words of strangers. */
  reads?: { fields: readonly string[]; outside: boolean };
  run(request: { input: z.output<Input>; caller: Caller; deps: Deps }): Promise<Card>;
}

/** Keeps the input's type inside one file and forgets it in the menu. */
export function defineCommand<Input extends z.ZodObject>(command: Command<Input>): Command {
  return command as unknown as Command;
}
