// Transitions as a table: what may become what, in one place, for anything that has a status.
import { Conflict } from './errors.ts';

export interface Lifecycle<State extends string> {
  readonly states: readonly State[];
  canMove(from: State, to: State): boolean;
  /** Gives `to` back. @throws Conflict when the table has no such move. */
  move(from: State, to: State): State;
  /** Nothing leads out of it. */
  isFinal(state: State): boolean;
}

/** @param table for each state the states it may become; an empty list is an end. */
export function defineLifecycle<State extends string>(thing: string, table: Record<State, readonly State[]>): Lifecycle<State> {
  const canMove = (from: State, to: State): boolean => Object.hasOwn(table, from) && table[from].includes(to);
  return {
    states: Object.keys(table) as State[],
    canMove,
    move(from, to) {
      if (!canMove(from, to)) throw new Conflict(`This ${thing} is ${say(from)} and can't become ${say(to)}.`);
      return to;
    },
    isFinal: (state) => table[state].length === 0,
  };
}

function say(state: string): string {
  return state.replaceAll('_', ' ');
}
