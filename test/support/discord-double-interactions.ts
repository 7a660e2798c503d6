// REST: acknowledging an interaction once, in time, and with an answer that fits its kind.
import type { Answer, Call, Endpoint } from './discord-double-endpoint.ts';
import { FormErrors, refuse } from './discord-double-errors.ts';
import { EDIT_FIELDS, EPHEMERAL } from './discord-double-form.ts';
import { showMessage } from './discord-double-message-wire.ts';
import { checkModal, readModal } from './discord-double-modals.ts';
import { type AckKind, isRecord, type Json, type PostedMessage, type RaisedInteraction, type World, wake } from './discord-double-model.ts';
import { createMessage, editMessage, fillMessage, publish } from './discord-double-writing.ts';

const ACKS: Record<number, AckKind> = { 4: 'message', 5: 'thinking', 6: 'deferred-update', 7: 'update', 8: 'choices', 9: 'modal' };

function isFitting(interaction: RaisedInteraction, ack: AckKind): boolean {
  if (interaction.type === 4) return ack === 'choices';
  if (ack === 'choices') return false;
  if (ack === 'modal') return interaction.type !== 5;
  return ack === 'message' || ack === 'thinking' || interaction.messageId !== null;
}

export function draftReply(world: World, interaction: RaisedInteraction, flags: number, loading: boolean): PostedMessage {
  return createMessage({
    channelId: interaction.channelId,
    authorId: world.bot.id,
    interactionId: interaction.id,
    ephemeralTo: (flags & EPHEMERAL) === 0 ? null : interaction.userId,
    loading,
  });
}

function readChoices(form: FormErrors, data: Json): RaisedInteraction['choices'] {
  form.known('autocomplete answer', data, ['choices']);
  return form.list(['data', 'choices'], data['choices'], 0, 25).map((choice, index) => {
    form.length(['data', 'choices', index, 'name'], choice['name'], 1, 100);
    if (typeof choice['value'] !== 'number') form.length(['data', 'choices', index, 'value'], choice['value'], 1, 100);
    return { name: String(choice['name']), value: typeof choice['value'] === 'number' ? choice['value'] : String(choice['value']) };
  });
}

function defer(world: World, interaction: RaisedInteraction, flags: number): PostedMessage {
  if ((flags & ~EPHEMERAL) !== 0) new FormErrors(world).fault(`deferred reply: flags ${flags}; only EPHEMERAL counts here`);
  const message = draftReply(world, interaction, flags, true);
  publish(world, message);
  return message;
}

/** @returns the first answer's message, where there is one */
function answer(world: World, interaction: RaisedInteraction, ack: AckKind, data: Json, call: Call): PostedMessage | null {
  const form = new FormErrors(world);
  const part = { body: data, uploads: call.uploads };
  const flags = Number(data['flags'] ?? 0);
  const source = interaction.messageId === null ? undefined : world.messages.get(interaction.messageId);
  if (ack === 'choices') {
    const choices = readChoices(form, data);
    form.end();
    interaction.choices = choices;
    return null;
  }
  if (ack === 'modal') {
    checkModal(form, data);
    form.end();
    interaction.modal = readModal(data);
    return null;
  }
  if (ack === 'thinking') return defer(world, interaction, flags);
  if (ack === 'deferred-update') return source ?? null;
  if (ack === 'update') {
    if (!source || source.deleted) throw refuse('unknownMessage');
    editMessage(world, source, part, { fields: EDIT_FIELDS, fromInteraction: true, path: ['data'] });
    return source;
  }
  const message = draftReply(world, interaction, flags, false);
  fillMessage(world, message, part, { fields: EDIT_FIELDS, fromInteraction: true, path: ['data'] });
  publish(world, message);
  return message;
}

/** @throws ApiError 10062 unknown or later than three seconds, 40060 a second time, 50035 an answer that does not fit */
function findWaiting(world: World, call: Call): { interaction: RaisedInteraction; ack: AckKind } {
  const interaction = world.interactions.get(call.params['token'] ?? '');
  const waited = Date.now() - (interaction?.at ?? 0);
  const late = interaction?.ack === null && waited > world.answerWithinMs;
  if (!interaction || interaction.id !== call.params['interaction'] || late) {
    world.journal.faults.push(`interaction answered ${interaction ? `late, after ${waited} ms` : 'without being known'}`);
    throw refuse('unknownInteraction');
  }
  if (interaction.ack !== null) {
    world.journal.faults.push(`interaction acknowledged twice: ${interaction.ack}, then type ${call.body['type']}`);
    throw refuse('alreadyAcknowledged');
  }
  const ack = ACKS[Number(call.body['type'])];
  const form = new FormErrors(world);
  form.known('interaction callback', call.body, ['type', 'data']);
  if (ack === undefined || !isFitting(interaction, ack))
    form.report(['type'], 'BASE_TYPE_CHOICES', 'Not an answer to this kind of interaction');
  form.end();
  if (ack === undefined) throw refuse('unknownInteraction');
  return { interaction, ack };
}

function acknowledge(world: World, call: Call): Answer {
  const { interaction, ack } = findWaiting(world, call);
  const message = answer(world, interaction, ack, isRecord(call.body['data']) ? call.body['data'] : {}, call);
  interaction.ack = ack;
  interaction.ackMs = Date.now() - interaction.at;
  interaction.originalId = message?.id ?? null;
  wake(interaction);
  if (call.query.get('with_response') !== 'true') return { status: 204 };
  const shown = message && showMessage(world, message, world.enabledIntents);
  return {
    status: 200,
    body: {
      interaction: {
        id: interaction.id,
        type: interaction.type,
        response_message_id: message?.id,
        response_message_loading: ack === 'thinking',
        response_message_ephemeral: message?.ephemeralTo !== null,
      },
      resource: { type: Number(call.body['type']), ...(shown === null ? {} : { message: shown }) },
    },
  };
}

export const callbackEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/interactions/:interaction/:token/callback', open: true, run: acknowledge },
];
