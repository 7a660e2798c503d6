// Slack's own stop button in an agent's conversation: it stops the answers being written there, else it cancels the goal of that thread, as the
// person who pressed it.

import type { App, types } from '@slack/bolt';
import { isShownByOutbox } from '../../chat/answer.ts';
import { listOpenIn } from '../../domain/conversations/answer-store.ts';
import { postInThread, postPrivately } from './answers.ts';
import { setSessionStatus } from './session-status.ts';
import { findCaller, isNew, type SlackParts } from './slack-parts.ts';

export function hearStop(app: App, parts: SlackParts): void {
  // Younger than Bolt's list of events, which takes any name as a pattern.
  app.event(/^agent_session_stopped$/, async ({ event, body }) => {
    const { channel: place, thread_ts: thread, user } = event as unknown as types.AgentSessionStoppedEvent;
    const { team_id: team, event_id: eventId } = body as { team_id: string; event_id: string };
    if (!(await isNew(parts, 'event', eventId))) return;
    const spot = { place, thread };
    const caller = await findCaller(parts, { user, team }, spot);
    const answers = await listOpenIn(parts.deps.db, { surface: 'slack', place, thread });
    const goals = answers.length > 0 || caller.goalId === null ? [] : [{ name: 'cancel', input: { goal: caller.goalId } }];
    for (const command of [...answers.map((stop) => ({ name: 'ask', input: { stop } })), ...goals]) {
      const answer = await parts.dispatch({ ...command, caller });
      if (answer.code === 'not_allowed' && !place.startsWith('D')) await postPrivately(parts, { place, thread, user }, answer.card);
      else if (!isShownByOutbox(answer)) await postInThread(parts, spot, answer.card);
    }
    // Slack stopped the stream, but leaves it to us to say that nothing is being worked on.
    await setSessionStatus(parts.client, parts.deps.log, spot, 'active');
  });
}
