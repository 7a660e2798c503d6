// Buttons and the modals behind them: acknowledged first, each once, and always through dispatch as the person who clicked.

import type { App } from '@slack/bolt';
import { type Answer, isAsked, isShownByOutbox } from '../../chat/answer.ts';
import { decodeButton, type PressedButton } from '../../chat/button-code.ts';
import type { Card } from '../../chat/card.ts';
import type { Caller } from '../../chat/command.ts';
import { isDelivered } from '../../chat/delivery-store.ts';
import { acknowledge } from './acknowledge.ts';
import { openAnswer, postInThread, type ReplyTo, replaceClicked, replyPrivately } from './answers.ts';
import { publishHome } from './home-tab.ts';
import { ASK_CALLBACK, drawAsk, findAsked, type Origin, readInputs, readOrigin } from './modal.ts';
import { readText } from './read-text.ts';
import { findCaller, isNew, type SlackParts, type Speaker } from './slack-parts.ts';

/** The fields of `block_actions` that count here. */
interface ClickBody {
  trigger_id: string;
  response_url?: string;
  user: { id: string; team_id?: string };
  team: { id: string } | null;
  channel?: { id: string };
  message?: { ts: string; thread_ts?: string };
  container?: { type?: string; message_ts?: string; thread_ts?: string; is_ephemeral?: boolean; channel_id?: string };
}

interface Click {
  speaker: Speaker;
  caller: Caller;
  origin: Origin;
  triggerId: string;
}

const UNREADABLE: Card = { title: 'This button is out of date', tone: 'bad', text: 'Type the command instead: `/jug help` lists them.' };

export function hearClicks(app: App, parts: SlackParts): void {
  app.action(/./, async ({ action, body, ack }) => {
    await acknowledge(parts, ack);
    if (action.type !== 'button') return;
    const clicked = body as unknown as ClickBody;
    if (!(await isNew(parts, 'click', clicked.trigger_id))) return;
    const label = readText((action as { text?: { text?: string } }).text?.text ?? 'Answer', null, '');
    await pressButton(parts, action.value ?? '', label, await readClick(parts, clicked));
  });
  app.view(ASK_CALLBACK, async ({ view, body, ack }) => {
    const origin = readOrigin(view.private_metadata);
    const button = decodeButton(origin?.code ?? '');
    if (origin === null || button === null) return acknowledge(parts, ack);
    const filled = readInputs(view.state, findAsked(button));
    const empty = Object.keys(filled).filter((name) => filled[name] === '');
    if (empty.length > 0)
      return ack({ response_action: 'errors', errors: Object.fromEntries(empty.map((name) => [name, 'This is needed.'])) });
    await acknowledge(parts, ack);
    const { trigger_id: triggerId, user, team } = body as unknown as ClickBody;
    if (!(await isNew(parts, 'view', `${view.id}:${triggerId}`))) return;
    const speaker = { user: user.id, team: user.team_id ?? team?.id ?? '' };
    const caller = await findCaller(parts, speaker, origin.place === null ? null : { place: origin.place, thread: origin.thread });
    await runButton(parts, { command: button.command, args: { ...button.args, ...filled } }, { speaker, caller, origin, triggerId });
  });
}

async function readClick(parts: SlackParts, body: ClickBody): Promise<Click> {
  const speaker = { user: body.user.id, team: body.user.team_id ?? body.team?.id ?? '' };
  const place = body.channel?.id ?? body.container?.channel_id ?? null;
  const isLasting = body.container?.is_ephemeral !== true;
  const origin = {
    place,
    thread: body.message?.thread_ts ?? body.container?.thread_ts ?? null,
    ts: isLasting ? (body.message?.ts ?? body.container?.message_ts ?? null) : null,
    url: body.response_url ?? null,
  };
  const found = await findCaller(parts, speaker, place === null ? null : { place, thread: origin.thread });
  const caller = isLasting ? found : { ...found, privately: true };
  return { speaker, caller, origin, triggerId: body.trigger_id };
}

async function pressButton(parts: SlackParts, code: string, label: string, click: Click): Promise<void> {
  const button = decodeButton(code);
  if (button === null) return tellPrivately(parts, click, UNREADABLE);
  // Someone without a role is refused at once, not asked for a reason first.
  if (findAsked(button).length === 0 || click.caller.roles.size === 0) return runButton(parts, button, click);
  await parts.client.views.open({ trigger_id: click.triggerId, view: drawAsk(button, label, click.origin) });
}

async function runButton(parts: SlackParts, button: PressedButton, click: Click): Promise<void> {
  const answer = await parts.dispatch({ name: button.command, input: button.args, caller: click.caller });
  if (click.origin.place === null) return answerHome(parts, click, answer);
  const { place, ts, url, thread } = click.origin;
  const isOutbox = ts !== null && (await isDelivered(parts.deps.db, 'slack', place, ts));
  if (!answer.ok || (isOutbox && isOnlyLooking(parts, button) && !isAsked(answer))) return tellPrivately(parts, click, answer.card);
  // The outbox edits its own card.
  if (isOutbox) return;
  const card = isShownByOutbox(answer) ? brief(answer.card) : answer.card;
  if (url !== null) await replaceClicked(parts, { url, thread }, card);
}

/** A command that only shows something: without an answer of its own the click would seem to do nothing. */
function isOnlyLooking(parts: SlackParts, button: PressedButton): boolean {
  const role = parts.commands.find((command) => command.name === button.command)?.role;
  return role === 'viewer' || typeof role === 'function';
}

/** What is left of a draft once its goal has a live card in the thread. */
const brief = ({ title, tone, text, ref }: Card): Card => ({
  title,
  tone,
  ...(text === undefined ? {} : { text }),
  ...(ref === undefined ? {} : { ref }),
});

async function tellPrivately(parts: SlackParts, click: Click, card: Card): Promise<void> {
  const { place, url, thread } = click.origin;
  if (place === null) return openAnswer(parts, click.triggerId, card);
  if (url === null) return tellDirectly(parts, click.speaker, card);
  const to: ReplyTo = { url, thread };
  await replyPrivately(parts, to, card);
}

async function answerHome(parts: SlackParts, click: Click, answer: Answer): Promise<void> {
  await openAnswer(parts, click.triggerId, answer.card);
  await publishHome(parts, click.speaker);
}

async function tellDirectly(parts: SlackParts, speaker: Speaker, card: Card): Promise<void> {
  const { channel } = await parts.client.conversations.open({ users: speaker.user });
  if (channel?.id !== undefined) await postInThread(parts, { place: channel.id, thread: null }, card);
}
