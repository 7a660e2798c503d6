// Slack's own stop button in an agent's conversation: it cancels the goal of that thread, as the person who pressed it.
import type { App } from '@slack/bolt';
import { postInThread } from './answers.ts';
import { findCaller, isNew, type SlackParts } from './slack-parts.ts';

interface StopEvent {
  channel?: string;
  channel_id?: string;
  thread_ts?: string;
  user?: string;
  user_id?: string;
}

export function hearStop(app: App, parts: SlackParts): void {
  // Younger than Bolt's list of events, which takes any name as a pattern.
  app.event(/^agent_session_stopped$/, async ({ event, body }) => {
    const stop = event as unknown as StopEvent;
    const { team_id: team, event_id: eventId } = body as { team_id: string; event_id: string };
    const [place, user] = [stop.channel ?? stop.channel_id, stop.user ?? stop.user_id];
    if (place === undefined || user === undefined || !(await isNew(parts, 'event', eventId))) return;
    const spot = { place, thread: stop.thread_ts ?? null };
    const caller = await findCaller(parts, { user, team }, spot);
    const answer = await parts.dispatch({ name: 'cancel', input: caller.goalId === null ? {} : { goal: caller.goalId }, caller });
    await postInThread(parts, spot, answer.card);
  });
}
