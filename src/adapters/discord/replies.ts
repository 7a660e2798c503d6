// The ways to answer an interaction: at once, in place of the "thinking" line or the pressed card, or beside it for one person's eyes.
import {
  type APIInteraction,
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  MessageFlags,
  Routes,
} from 'discord.js';
import type { Card } from '../../chat/card.ts';
import { type BuiltMessage, buildMessage } from './message-body.ts';
import type { DiscordParts } from './parts.ts';
import { codeOf } from './rest.ts';

type Raised = Pick<APIInteraction, 'id' | 'token'>;
type Wire = Pick<DiscordParts, 'answers' | 'publicUrl' | 'config'>;

const ALREADY_ACKNOWLEDGED = 40_060;

async function respond(wire: Wire, to: Raised, body: unknown, files: BuiltMessage['files'] = []): Promise<void> {
  try {
    await wire.answers.post(Routes.interactionCallback(to.id, to.token), { body, files, auth: false });
  } catch (error) {
    // Another process or an earlier try of this very call was first; who does the work is decided by hearOnce.
    if (codeOf(error) !== ALREADY_ACKNOWLEDGED) throw error;
  }
}

/** "Thinking…", for this person only; the answer comes by replaceOriginal. */
export const acknowledge = (wire: Wire, to: Raised): Promise<void> =>
  respond(wire, to, { type: InteractionResponseType.DeferredChannelMessageWithSource, data: { flags: MessageFlags.Ephemeral } });

/** Nothing to see yet; the pressed card stays as it is. */
export const acknowledgeClick = (wire: Wire, to: Raised): Promise<void> =>
  respond(wire, to, { type: InteractionResponseType.DeferredMessageUpdate });

export const showModal = (wire: Wire, to: Raised, modal: APIModalInteractionResponseCallbackData): Promise<void> =>
  respond(wire, to, { type: InteractionResponseType.Modal, data: modal });

export const suggest = (wire: Wire, to: Raised, choices: readonly { name: string; value: string }[]): Promise<void> =>
  respond(wire, to, { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } });

/** A card at once, for this person only. */
export async function replyPrivately(wire: Wire, to: Raised, card: Card): Promise<void> {
  const { body, files } = await buildMessage(card, { mark: null, publicUrl: wire.publicUrl, ephemeral: true });
  await respond(wire, to, { type: InteractionResponseType.ChannelMessageWithSource, data: body }, files);
}

/** The pressed card becomes another one, at once. */
export async function replaceAtOnce(wire: Wire, to: Raised, card: Card): Promise<void> {
  const { body, files } = await buildMessage(card, { mark: null, publicUrl: wire.publicUrl });
  await respond(wire, to, { type: InteractionResponseType.UpdateMessage, data: body }, files);
}

/** The "thinking" line, or the pressed card, becomes this one. */
export async function replaceOriginal(wire: Wire, to: Raised, card: Card): Promise<void> {
  const { body, files } = await buildMessage(card, { mark: null, publicUrl: wire.publicUrl });
  await wire.answers.patch(Routes.webhookMessage(wire.config.applicationId, to.token), { body, files, auth: false });
}

/** Beside what is there, for this person only. */
export async function addPrivately(wire: Wire, to: Raised, card: Card): Promise<void> {
  const { body, files } = await buildMessage(card, { mark: null, publicUrl: wire.publicUrl, ephemeral: true });
  await wire.answers.post(Routes.webhook(wire.config.applicationId, to.token), { body, files, auth: false });
}
