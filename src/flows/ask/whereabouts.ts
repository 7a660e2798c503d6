// Where a question was asked: which conversation it belongs to, and whether its answer is posted there or handed back.
import type { Caller } from '../../chat/command.ts';
import type { Whereabouts } from '../../domain/conversations/conversation-store.ts';
import type { Deps } from '../deps.ts';

/** The thread and the person; console, terminal and API are one place. */
export function whereaboutsOf(deps: Deps, caller: Caller): Whereabouts {
  const { said, person, goalId } = caller;
  const at =
    said === undefined
      ? ({ surface: 'console', place: null, thread: null } as const)
      : { surface: said.platform, place: said.place, thread: said.thread };
  return { ...at, mode: deps.mode, goalId, person };
}

/** Whoever asks in a slash command, the terminal or the API gets the answer back; elsewhere it is a card of its own. */
export function isAside({ privately, surface, said }: Caller): boolean {
  if (surface === 'console') return false;
  return privately === true || surface === 'terminal' || surface === 'api' || said === undefined;
}
