// People in the double's server: what they say, type and click, and what they get to see for it.

import { LOADING } from './discord-double-form.ts';
import { fillModal } from './discord-double-modals.ts';
import {
  nextId,
  type Person,
  type Place,
  type PostedMessage,
  type RaisedInteraction,
  type ShownModal,
  type World,
} from './discord-double-model.ts';
import { openDirect } from './discord-double-places.ts';
import { raise, showInteraction } from './discord-double-raising.ts';
import { announceMessage, broadcast } from './discord-double-sessions.ts';
import { buildCommandInput, findCommand } from './discord-double-typing.ts';
import { createMessage, publish } from './discord-double-writing.ts';

export const NO_ANSWER = 'The application did not respond';

/** What a person sees after a command, a click or a form. */
export interface Seen {
  ack: NonNullable<RaisedInteraction['ack']> | 'failed';
  /** The words of the first answer; NO_ANSWER when there was none in time. */
  text: string;
  ephemeral: boolean;
  /** The first answer's message; for updates, the clicked one. */
  message: PostedMessage | null;
  modal: ShownModal | null;
  choices: { name: string; value: string | number }[];
  interaction: RaisedInteraction;
  /** Resolves with what takes the place of "thinking…", or with the first follow-up. Rejects when nothing comes in time. */
  answer(withinMs?: number): Promise<PostedMessage>;
}

export interface Say {
  channel: string;
  user: Person;
  content: string;
  /** Puts the bot's mention in front. */
  mentionsBot?: boolean;
  /** The message replied to; its author is pinged, as Discord does unless switched off. */
  replyTo?: PostedMessage;
  pingsAuthor?: boolean;
}

export interface Command {
  /** With subcommands: `jug goal`. */
  name: string;
  options?: Record<string, string | number | boolean>;
  channel: string;
  user: Person;
}

function waitForChange(interaction: RaisedInteraction, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), Math.max(0, ms));
    interaction.waiters.push(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

export class People {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  say({ channel, user, content, mentionsBot = false, replyTo, pingsAuthor = true }: Say): PostedMessage {
    const world = this.#world;
    this.#demandPresent(channel, user);
    const message = createMessage({ channelId: channel, authorId: user.id, interactionId: null, ephemeralTo: null, loading: false });
    message.content = mentionsBot ? `<@${world.bot.id}> ${content}` : content;
    message.text = message.content;
    message.replyTo = replyTo?.id ?? null;
    const named = [...message.content.matchAll(/<@!?(\d+)>/g)].map(([, id = '']) => id);
    message.mentions = [...new Set([...named, ...(replyTo && pingsAuthor ? [replyTo.authorId] : [])])].filter((id) => world.people.has(id));
    message.pings = [...message.mentions];
    publish(world, message);
    return message;
  }

  directMessage(user: Person, content: string): PostedMessage {
    return this.say({ channel: openDirect(this.#world, user).id, user, content });
  }

  /** A person edits own words. */
  rewrite(message: PostedMessage, content: string): void {
    Object.assign(message, { content, text: content, edits: message.edits + 1, editedAt: Date.now() });
    announceMessage(this.#world, 'MESSAGE_UPDATE', message);
  }

  command({ name, options = {}, channel, user }: Command): Promise<Seen> {
    const command = findCommand(this.#world, name, channel, user);
    return this.#act({
      type: 2,
      data: buildCommandInput(command, name, options, null),
      userId: user.id,
      channelId: channel,
      messageId: null,
    });
  }

  /** The person types into the option `focused`; its text so far is among the options. */
  autocomplete({ name, options = {}, focused, channel, user }: Command & { focused: string }): Promise<Seen> {
    const command = findCommand(this.#world, name, channel, user);
    return this.#act({
      type: 4,
      data: buildCommandInput(command, name, options, focused),
      userId: user.id,
      channelId: channel,
      messageId: null,
    });
  }

  click({ message, label, customId, user }: { message: PostedMessage; label?: string; customId?: string; user: Person }): Promise<Seen> {
    if (message.deleted) throw new Error('The message is deleted.');
    if (message.ephemeralTo !== null && message.ephemeralTo !== user.id) throw new Error(`${user.name} does not see this private message.`);
    const button = message.buttons.find((each) => (label === undefined ? each.customId === customId : each.label === label));
    if (!button?.customId)
      throw new Error(`No button ${label ?? customId}; there are: ${message.buttons.map((each) => each.label).join(', ')}.`);
    if (button.disabled) throw new Error(`The button ${button.label} is disabled.`);
    const data = { component_type: 2, custom_id: button.customId, id: 1 };
    return this.#act({ type: 3, data, userId: user.id, channelId: message.channelId, messageId: message.id });
  }

  /** Fills and sends the form that `seen` showed. Values by the inputs' custom ids. */
  submitModal({ seen, values, user }: { seen: Seen; values: Record<string, string>; user: Person }): Promise<Seen> {
    if (!seen.modal) throw new Error('No form was shown.');
    const { channelId, messageId } = seen.interaction;
    return this.#act({ type: 5, data: fillModal(seen.modal, values), userId: user.id, channelId, messageId });
  }

  async #act(seed: Parameters<typeof raise>[1]): Promise<Seen> {
    const world = this.#world;
    const direct = this.#demandPresent(seed.channelId, world.people.get(seed.userId)).guildId === null;
    const interaction = raise(world, seed);
    // Cards of a bot that was removed stay, but nobody answers their buttons.
    if (direct || world.bot.inGuild)
      broadcast(world, 'INTERACTION_CREATE', null, (intents) => showInteraction(world, interaction, intents));
    await waitForChange(interaction, world.answerWithinMs);
    const { ack } = interaction;
    const message = this.#find(interaction.originalId);
    return {
      ack: ack ?? 'failed',
      text: ack === null ? NO_ANSWER : (message?.text ?? ''),
      ephemeral: message?.ephemeralTo !== null && message !== null,
      message,
      modal: interaction.modal,
      choices: interaction.choices,
      interaction,
      answer: (withinMs = 3000) => this.#awaitAnswer(interaction, withinMs),
    };
  }

  #demandPresent(channelId: string, user: Person | undefined): Place {
    const place = this.#world.places.get(channelId);
    if (!place) throw new Error(`There is no channel ${channelId}.`);
    const present = user && (place.guildId === null ? place.recipientId === user.id : user.inGuild);
    if (!present) throw new Error(`${user?.name ?? 'Nobody'} is not in the channel ${place.name}.`);
    return place;
  }

  #find(id: string | null | undefined): PostedMessage | null {
    return (id ? this.#world.messages.get(id) : undefined) ?? null;
  }

  async #awaitAnswer(interaction: RaisedInteraction, withinMs: number): Promise<PostedMessage> {
    const end = Date.now() + withinMs;
    for (;;) {
      const original = this.#find(interaction.originalId);
      const replaced = interaction.ack === 'thinking' && original && (original.flags & LOADING) === 0;
      const followUp = this.#find(interaction.followUps[0]);
      if (replaced && !original.deleted) return original;
      if (followUp) return followUp;
      if (interaction.ack === 'deferred-update' && original?.editedAt && original.editedAt >= interaction.at) return original;
      if (!(await waitForChange(interaction, end - Date.now())))
        throw new Error(`No answer after ${withinMs} ms (${interaction.ack ?? 'no'} ack).`);
    }
  }
}

export function createPerson(name: string, options: Partial<Person> = {}): Person {
  return { id: nextId(), name, bot: false, inGuild: true, permissions: 0n, refusesDirect: false, ...options };
}
