// Follows one goal live: prints each changed card once, reconnects, ends when the goal ends.
import { type BotClient, type GoalState, type Message, Refused } from './bot-client.ts';

export interface WatchParts {
  client: BotClient;
  /** Prints one message. */
  print: (message: Message) => void;
  /** Says something that is no card. */
  note: (text: string) => void;
  signal: AbortSignal;
  pause: (ms: number) => Promise<void>;
}

/** Change numbers may arrive out of order; after a break we ask for a few that we know and skip them. */
const OVERLAP = 100;
const RETRY_MS = 1_000;
const GIVE_UP_AFTER = 60;
const ENDED = ['done', 'failed', 'cancelled'];

/** Exit status: 0 when the goal is done or the watcher stops it, 1 when it failed or cannot be followed. */
export async function watchGoal(goal: GoalState, parts: WatchParts): Promise<number> {
  const follower = createFollower(goal.id, parts);
  for (let failures = 0; failures < GIVE_UP_AFTER && !parts.signal.aborted; failures += 1) {
    const round = await follower.followOnce();
    if (round.ended !== null) return tellEnd(round.ended, parts);
    if (round.heard) failures = 0;
    else if (failures === 0 && !parts.signal.aborted) parts.note('The connection is lost; trying again.');
    if (!parts.signal.aborted) await parts.pause(RETRY_MS);
  }
  return parts.signal.aborted ? 0 : 1;
}

/** Remembers what was printed, so that after a break only what is new is. */
function createFollower(goalId: number, { client, print, signal }: WatchParts) {
  const printed = new Map<number, number>();
  let change = 0;
  const show = (message: Message) => {
    change = Math.max(change, message.change);
    if ((printed.get(message.id) ?? 0) >= message.version) return;
    printed.set(message.id, message.version);
    print(message);
  };
  /** One connection's life. `heard`: it brought something. */
  async function followOnce(): Promise<{ ended: GoalState | null; heard: boolean }> {
    let heard = false;
    try {
      await catchUp(client, goalId, show);
      let ended = await readEnd(client, goalId);
      if (ended !== null) return { ended, heard };
      for await (const message of client.stream(goalId, Math.max(0, change - OVERLAP), signal)) {
        heard = true;
        show(message);
        ended = await readEnd(client, goalId);
        if (ended === null) continue;
        // The goal's end and its last card are one transaction; the stream may bring the card a moment later.
        await catchUp(client, goalId, show);
        return { ended, heard };
      }
    } catch (error) {
      // Anything but a refusal is a broken connection: the bot restarts, the laptop slept.
      if (error instanceof Refused) throw error;
    }
    return { ended: null, heard };
  }
  return { followOnce };
}

/** Every card of the thread in its present form. */
async function catchUp(client: BotClient, goalId: number, show: (message: Message) => void): Promise<void> {
  for (let after = 0; ; ) {
    const page = await client.messages(goalId, after);
    for (const message of page) show(message);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function readEnd(client: BotClient, goalId: number): Promise<GoalState | null> {
  const state = await client.goal(goalId);
  return state !== null && ENDED.includes(state.status) ? state : null;
}

function tellEnd(goal: GoalState, parts: WatchParts): number {
  parts.note(`Goal ${goal.id} is ${goal.status}.`);
  return goal.status === 'failed' ? 1 : 0;
}
