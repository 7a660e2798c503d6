// What people do that Slack asks an app to answer at once: slash commands, buttons, modals. Each gives a trigger and a reply address.
// The answer that comes with the acknowledgement is applied as Slack would, so the test sees what the person sees.
import type { Delivery, Shown, Wire } from './slack-double-delivery.ts';
import { applyViewAnswer, fillIn, type ViewAnswer } from './slack-double-modals.ts';
import { addFault, type Fields, isFields, Refusal, type SlackMessage, type SlackView, text, type World } from './slack-double-model.ts';
import { addMessage, showMessage, takeContent } from './slack-double-posting.ts';
import { giveReplyAddress } from './slack-double-reply-address.ts';
import { giveTrigger } from './slack-double-surfaces.ts';

export interface Asked extends Shown {
  triggerId: string;
  responseUrl: string | null;
}

export interface Clicked extends Asked {
  /** What the person had to agree to before; null: nothing. */
  confirm: { title: string; text: string; confirm: string; deny: string } | null;
}

export interface Submitted extends Asked, ViewAnswer {}

interface Person {
  user: string;
  team?: string;
}

export interface ClickPeople {
  slash(asked: Person & { text: string; channel: string; command?: string }, wire?: Wire): Promise<Asked>;
  /** Clicks a button of a message (as the given object shows it: a copy taken earlier is a stale screen) or of a view. */
  click(clicked: Person & { on: SlackMessage | SlackView; button: string; dismisses?: boolean }, wire?: Wire): Promise<Clicked>;
  /** Fills in inputs, by block id, action id or label, and submits. */
  submitView(submitted: Person & { view: SlackView; values: Record<string, string> }, wire?: Wire): Promise<Submitted>;
}

/** Every button with the block it is in, however deep. */
function findButtons(value: unknown, blockId: string): { element: Fields; blockId: string }[] {
  if (Array.isArray(value)) return value.flatMap((each) => findButtons(each, blockId));
  if (!isFields(value)) return [];
  const own = typeof value['block_id'] === 'string' ? value['block_id'] : blockId;
  if (value['type'] === 'button') return [{ element: value, blockId: own }];
  return Object.values(value).flatMap((each) => findButtons(each, own));
}

function pickButton(blocks: readonly Fields[], name: string): { element: Fields; blockId: string } {
  const all = findButtons(blocks, '');
  const label = ({ element }: { element: Fields }): string => (isFields(element['text']) ? text(element['text'], 'text') : '');
  const found = all.find((each) => each.element['action_id'] === name) ?? all.find((each) => label(each) === name);
  if (found === undefined) throw new Error(`There is no button "${name}" here, only: ${all.map(label).join(', ') || 'none'}.`);
  return found;
}

function readConfirm(element: Fields): Clicked['confirm'] {
  const { confirm } = element;
  if (!isFields(confirm)) return null;
  const part = (name: string, otherwise: string): string => (isFields(confirm[name]) ? text(confirm[name], 'text') : otherwise);
  return { title: part('title', ''), text: part('text', ''), confirm: part('confirm', 'Yes'), deny: part('deny', 'No') };
}

export function createClickPeople(world: World, delivery: Delivery): ClickPeople {
  const who = ({ user, team }: Person): Fields => ({
    id: user,
    username: user.toLowerCase(),
    name: user.toLowerCase(),
    team_id: team ?? world.teamId,
  });
  const frame = (): Fields => ({
    ...{ api_app_id: world.appId, token: 'verification-double', team: { id: world.teamId, domain: 'double' } },
    ...{ enterprise: null, is_enterprise_install: false },
  });

  async function slash(asked: Person & { text: string; channel: string; command?: string }, wire?: Wire): Promise<Asked> {
    const channel = world.channels.get(asked.channel);
    const triggerId = giveTrigger(world, asked.user);
    const responseUrl = giveReplyAddress(world, { channel: asked.channel, user: asked.user, threadTs: null, source: null });
    const escaped = asked.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const payload: Fields = {
      ...{ token: 'verification-double', team_id: asked.team ?? world.teamId, team_domain: 'double', channel_id: asked.channel },
      ...{ channel_name: channel?.name ?? 'unknown', user_id: asked.user, user_name: asked.user.toLowerCase() },
      ...{ command: asked.command ?? '/jug', text: escaped, api_app_id: world.appId, is_enterprise_install: 'false' },
      ...{ response_url: responseUrl, trigger_id: triggerId },
    };
    const shown = await delivery.send({ kind: 'slash_commands', payload }, wire);
    if (shown.outcome === 'ack' && isFields(shown.body)) {
      const ephemeralTo = shown.body['response_type'] === 'in_channel' ? null : asked.user;
      addMessage(world, { channel: asked.channel, ephemeralTo, ...takeAnswer(world, shown.body), via: 'ack' });
    }
    return { ...shown, triggerId, responseUrl };
  }

  async function click(
    clicked: Person & { on: SlackMessage | SlackView; button: string; dismisses?: boolean },
    wire?: Wire,
  ): Promise<Clicked> {
    const { on } = clicked;
    const { element, blockId } = pickButton(on.blocks, clicked.button);
    const confirm = readConfirm(element);
    if (clicked.dismisses === true)
      return {
        outcome: 'unreachable',
        status: null,
        body: null,
        attempts: 0,
        ms: 0,
        payload: {},
        triggerId: '',
        responseUrl: null,
        confirm,
      };
    const triggerId = giveTrigger(world, clicked.user);
    const { place, responseUrl } = 'ts' in on ? placeOf(on, clicked.user) : { place: viewPlace(on), responseUrl: null };
    const { confirm: _, ...sent } = element;
    const payload: Fields = {
      ...{ type: 'block_actions', user: who(clicked), ...frame(), trigger_id: triggerId, ...place },
      ...(responseUrl === null ? {} : { response_url: responseUrl }),
      actions: [{ ...sent, block_id: blockId, action_ts: world.nextTs() }],
    };
    const shown = await delivery.send({ kind: 'interactive', payload }, wire);
    if (shown.outcome === 'ack' && shown.body !== null)
      addFault(world, 'warned', 'block_actions', 'body_ignored', JSON.stringify(shown.body));
    return { ...shown, triggerId, responseUrl, confirm };
  }

  function placeOf(message: SlackMessage, user: string): { place: Fields; responseUrl: string } {
    const isEphemeral = message.ephemeralTo !== null;
    const live = world.messages.find((each) => each.channel === message.channel && each.ts === message.ts);
    if (live === undefined || live.deleted) throw new Error(`The message ${message.ts} is gone: nobody can click on it.`);
    if (isEphemeral && message.ephemeralTo !== user) throw new Error(`${user} does not see the message ${message.ts}.`);
    const thread = message.threadTs === null ? {} : { thread_ts: message.threadTs };
    const place: Fields = {
      container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: isEphemeral, ...thread },
      channel: { id: message.channel, name: world.channels.get(message.channel)?.name ?? 'unknown' },
      // Slack does not hand an ephemeral message back.
      ...(isEphemeral ? {} : { message: showMessage(world, message, true) }),
      state: { values: {} },
    };
    return { place, responseUrl: giveReplyAddress(world, { channel: message.channel, user, threadTs: message.threadTs, source: live }) };
  }

  async function submitView(submitted: Person & { view: SlackView; values: Record<string, string> }, wire?: Wire): Promise<Submitted> {
    const { view } = submitted;
    if (!view.open || view.type !== 'modal') throw new Error('Only an open modal can be submitted.');
    const triggerId = giveTrigger(world, submitted.user);
    const state = { values: fillIn(view, submitted.values) };
    const payload: Fields = {
      ...{ type: 'view_submission', user: who(submitted), ...frame(), trigger_id: triggerId },
      ...{ view: { ...view.raw, state }, response_urls: [] },
    };
    const shown = await delivery.send({ kind: 'interactive', payload }, wire);
    const answer = shown.outcome === 'ack' ? applyViewAnswer(world, view, shown.body) : { responseAction: null, errors: {} };
    return { ...shown, triggerId, responseUrl: null, ...answer };
  }

  return { slash, click, submitView };
}

function viewPlace(view: SlackView): Fields {
  return { container: { type: 'view', view_id: view.id }, view: view.raw };
}

/** An acknowledgement that breaks Slack's rules is an error the person sees; the double notes it as a fault. */
function takeAnswer(world: World, body: Fields): Fields {
  try {
    return { ...takeContent(world, 'ack', body) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    addFault(world, 'refused', 'ack', error.error, JSON.stringify(error.extra));
    return { text: `(${error.error})` };
  }
}
