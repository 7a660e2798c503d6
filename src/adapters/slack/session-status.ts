// What people see of an agent's conversation beside its messages: that it works (with Slack's stop button), waits, or thinks.
// All of it is decoration: what Slack does not take is logged, and the work goes on.
import type { webApi } from '@slack/bolt';
import type { Spot } from '../../chat/channel.ts';
import type { Log } from '../../observability/logger.ts';

const TITLE_MAX = 200;

export async function setSessionStatus(
  client: webApi.WebClient,
  log: Log,
  { place, thread }: Spot,
  status: 'processing' | 'active' | 'suspended',
  title?: string,
): Promise<void> {
  if (thread === null) return;
  const named = title === undefined ? {} : { title: title.slice(0, TITLE_MAX) };
  try {
    await client.agents.sessions.setStatus({ channel_id: place, thread_ts: thread, status, ...named });
  } catch (error) {
    log.warn({ err: error, place, status }, 'Slack did not take the status of a conversation');
  }
}

/** Goes away by itself with our next message there. */
export async function showThinking(client: webApi.WebClient, log: Log, { place, thread }: Spot): Promise<void> {
  if (thread === null) return;
  try {
    await client.assistant.threads.setStatus({ channel_id: place, thread_ts: thread, status: 'is thinking…' });
  } catch (error) {
    log.warn({ err: error, place }, 'Slack did not take the status of a conversation');
  }
}
