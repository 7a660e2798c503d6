// REST: what an interaction's token allows after the acknowledgement, for 15 minutes: edits, follow-ups, deletion.
import type { Call, Endpoint } from './discord-double-endpoint.ts';
import { refuse } from './discord-double-errors.ts';
import { EDIT_FIELDS, FOLLOW_UP_FIELDS, LOADING } from './discord-double-form.ts';
import { draftReply } from './discord-double-interactions.ts';
import { showMessage } from './discord-double-message-wire.ts';
import { type PostedMessage, type RaisedInteraction, type World, wake } from './discord-double-model.ts';
import { announceDeleted } from './discord-double-sessions.ts';
import { editMessage, fillMessage, publish } from './discord-double-writing.ts';

/** The interaction a webhook token belongs to. @throws ApiError 10015, or 50027 once the token has lived its 15 minutes */
function findAcknowledged(world: World, { params }: Call): RaisedInteraction {
  const interaction = world.interactions.get(params['token'] ?? '');
  if (params['application'] !== world.applicationId || !interaction || interaction.ack === null) throw refuse('unknownWebhook');
  if (Date.now() - interaction.at > world.tokenLifeMs) throw refuse('invalidWebhookToken');
  return interaction;
}

function findReply(world: World, call: Call, interaction: RaisedInteraction): PostedMessage {
  const wanted = call.params['message'] ?? '';
  const id = wanted === '@original' ? interaction.originalId : wanted;
  const reachable = id !== null && (id === interaction.originalId || interaction.followUps.includes(id));
  const message = reachable ? world.messages.get(id) : undefined;
  if (!message || message.deleted) throw refuse('unknownMessage');
  return message;
}

function followUp(world: World, call: Call): PostedMessage {
  const interaction = findAcknowledged(world, call);
  if (interaction.ack === 'choices') throw refuse('unknownWebhook');
  const original = interaction.originalId === null ? undefined : world.messages.get(interaction.originalId);
  const options = { fields: FOLLOW_UP_FIELDS, fromInteraction: true };
  // While the reply still "thinks", the first follow-up takes its place, private or not as the deferral was.
  if (original && !original.deleted && (original.flags & LOADING) !== 0) {
    editMessage(world, original, call, options);
    wake(interaction);
    return original;
  }
  const message = draftReply(world, interaction, Number(call.body['flags'] ?? 0), false);
  fillMessage(world, message, call, options);
  publish(world, message);
  interaction.followUps.push(message.id);
  wake(interaction);
  return message;
}

const HOOK = '/webhooks/:application/:token';
const ONE = `${HOOK}/messages/:message`;

export const webhookEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: HOOK,
    open: true,
    run: (world, call) => ({ status: 200, body: showMessage(world, followUp(world, call), world.enabledIntents) }),
  },
  {
    method: 'GET',
    path: ONE,
    open: true,
    run: (world, call) => ({
      status: 200,
      body: showMessage(world, findReply(world, call, findAcknowledged(world, call)), world.enabledIntents),
    }),
  },
  {
    method: 'PATCH',
    path: ONE,
    open: true,
    run: (world, call) => {
      const interaction = findAcknowledged(world, call);
      const message = findReply(world, call, interaction);
      editMessage(world, message, call, { fields: EDIT_FIELDS, fromInteraction: true });
      wake(interaction);
      return { status: 200, body: showMessage(world, message, world.enabledIntents) };
    },
  },
  {
    method: 'DELETE',
    path: ONE,
    open: true,
    run: (world, call) => {
      const message = findReply(world, call, findAcknowledged(world, call));
      message.deleted = true;
      announceDeleted(world, message);
      return { status: 204 };
    },
  },
];
