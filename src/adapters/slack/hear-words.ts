// Words: mentions, direct messages and replies in a goal's thread. Each is heard once and answered where it was said.

import type { App } from '@slack/bolt';
import { isShownByOutbox } from '../../chat/answer.ts';
import type { Spot } from '../../chat/channel.ts';
import type { Caller } from '../../chat/command.ts';
import { postInThread, postPrivately } from './answers.ts';
import { isMentioned, readText } from './read-text.ts';
import { showThinking } from './session-status.ts';
import { findCaller, isNew, type SlackParts } from './slack-parts.ts';

/** The fields of `app_mention` and `message` that count here; Slack's own types differ for each subtype. */
interface SaidEvent {
  type: string;
  channel: string;
  ts: string;
  text?: string;
  user?: string;
  thread_ts?: string;
  channel_type?: string;
  subtype?: string;
  bot_id?: string;
  edited?: unknown;
  hidden?: boolean;
  team?: string;
  user_team?: string;
}

interface Envelope {
  team_id: string;
  event_id: string;
}

const SPOKEN = new Set([undefined, 'file_share', 'thread_broadcast']);

export function hearWords(app: App, parts: SlackParts): void {
  const listen = async ({ event, body }: { event: unknown; body: unknown }): Promise<void> => {
    const said = event as SaidEvent;
    if (!isSpoken(said, parts.botUserId()) || said.user === undefined) return;
    const envelope = body as Envelope;
    const spot = { place: said.channel, thread: said.thread_ts ?? said.ts };
    const caller = await findCaller(parts, { user: said.user, team: said.user_team ?? said.team ?? envelope.team_id }, spot);
    // Other people's talk is none of ours: without a mention only a goal's own thread counts.
    if (said.type === 'message' && said.channel_type !== 'im' && caller.goalId === null) return;
    if (!(await isNew(parts, 'event', envelope.event_id))) return;
    await answerWords(parts, said, spot, caller);
  };
  app.event('app_mention', listen);
  app.event('message', listen);
}

/** A person's new words; not an edit, a join, a bot, nor the second event that a mention also makes as a message. */
function isSpoken(said: SaidEvent, botUserId: string | null): boolean {
  if (said.bot_id !== undefined || said.user === botUserId || said.edited !== undefined || said.hidden === true) return false;
  if (!SPOKEN.has(said.subtype)) return false;
  if (said.type !== 'message' || said.channel_type === 'im') return true;
  return said.thread_ts !== undefined && !isMentioned(said.text ?? '', botUserId);
}

async function answerWords(parts: SlackParts, said: SaidEvent, spot: Spot, caller: Caller): Promise<void> {
  const text = readText(said.text ?? '', parts.botUserId(), said.team ?? '');
  const isDirect = said.channel_type === 'im';
  // Somebody without a role gets a short answer, which nobody has to think about.
  const thinking = isDirect && caller.roles.size > 0 ? showThinking(parts.client, parts.deps.log, spot) : null;
  const answer = text === '' ? await parts.dispatch({ name: 'help', input: {}, caller }) : await parts.hear({ text, caller });
  await thinking;
  if (isShownByOutbox(answer)) return;
  if (answer.code !== 'not_allowed' || isDirect) return postInThread(parts, spot, answer.card);
  return postPrivately(parts, { place: said.channel, thread: said.thread_ts ?? null, user: said.user ?? '' }, answer.card);
}
