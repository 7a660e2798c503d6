// REST: messages of channels, threads and direct channels, and threads started from a message.
import type { Call, Endpoint } from './discord-double-endpoint.ts';
import { FormErrors, refuse } from './discord-double-errors.ts';
import { CREATE_FIELDS, EDIT_FIELDS } from './discord-double-form.ts';
import { showMessage, showNonce } from './discord-double-message-wire.ts';
import { isRecord, type Place, type PostedMessage, readString, type World } from './discord-double-model.ts';
import { demand, findPlace, isAllowed } from './discord-double-permissions.ts';
import { announceDeleted, announceMessage, announcePlace } from './discord-double-sessions.ts';
import { showPlace } from './discord-double-wire.ts';
import { createMessage, editMessage, fillMessage, publish } from './discord-double-writing.ts';

const NONCE_LIFE_MS = 5 * 60_000;

function findMessage(world: World, place: Place, id: string | undefined): PostedMessage {
  const message = world.messages.get(id ?? '');
  if (!message || message.deleted || message.channelId !== place.id || message.ephemeralTo !== null) throw refuse('unknownMessage');
  return message;
}

/** A thread that rests is woken by a post, a locked one is not; edits in either are refused. */
function demandOpen(world: World, place: Place, edit: boolean): void {
  if (!place.archived && !place.locked) return;
  if (edit && place.archived) throw refuse('archivedThread');
  if (place.locked && !isAllowed(world, place, 'MANAGE_THREADS')) throw refuse('archivedThread');
  if (!place.archived) return;
  place.archived = false;
  announcePlace(world, 'THREAD_UPDATE', place);
}

/** With enforce_nonce, a second send within some minutes is answered with the first one's message. */
function findRepeat(world: World, { body }: Call): PostedMessage | undefined {
  const nonce = body['nonce'];
  if (body['enforce_nonce'] !== true || nonce === undefined || nonce === null) return undefined;
  return world.journal.messages.findLast(
    (each) =>
      each.authorId === world.bot.id && each.nonce !== null && String(each.nonce) === String(nonce) && Date.now() - each.at < NONCE_LIFE_MS,
  );
}

function readReference(world: World, place: Place, { body }: Call): string | null {
  const reference = body['message_reference'];
  if (!isRecord(reference)) return null;
  const id = readString(reference['message_id']);
  const known = world.messages.get(id);
  if (known && !known.deleted && known.channelId === place.id) return id;
  if (reference['fail_if_not_exists'] === false) return null;
  const form = new FormErrors(world);
  form.report(['message_reference'], 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
  form.end();
  return null;
}

function post(world: World, call: Call): PostedMessage {
  const place = findPlace(world, call.params['channel']);
  demand(world, place, place.type === 11 ? 'SEND_MESSAGES_IN_THREADS' : 'SEND_MESSAGES');
  if (call.uploads.length > 0) demand(world, place, 'ATTACH_FILES');
  if (place.recipientId !== null && world.people.get(place.recipientId)?.refusesDirect) throw refuse('refusesDirect');
  const repeat = findRepeat(world, call);
  // A repeat of a message that somebody deleted is not written again either.
  if (repeat?.deleted) throw refuse('unknownMessage');
  if (repeat) return repeat;
  demandOpen(world, place, false);
  const message = createMessage({ channelId: place.id, authorId: world.bot.id, interactionId: null, ephemeralTo: null, loading: false });
  message.replyTo = readReference(world, place, call);
  fillMessage(world, message, call, { fields: CREATE_FIELDS, fromInteraction: false });
  const nonce = call.body['nonce'];
  message.nonce = typeof nonce === 'string' || typeof nonce === 'number' ? nonce : null;
  publish(world, message);
  return message;
}

function list(world: World, { params, query }: Call): PostedMessage[] {
  const place = findPlace(world, params['channel']);
  if (!isAllowed(world, place, 'READ_MESSAGE_HISTORY')) return [];
  const limit = Number(query.get('limit') ?? 50);
  const after = BigInt(query.get('after') ?? 0);
  const before = BigInt(query.get('before') ?? -1);
  const seen = world.journal.messages.filter((each) => {
    const id = BigInt(each.id);
    return each.channelId === place.id && !each.deleted && each.ephemeralTo === null && id > after && (before < 0n || id < before);
  });
  const newestFirst = seen.toReversed();
  return query.has('after') ? newestFirst.slice(-limit) : newestFirst.slice(0, limit);
}

function startThread(world: World, { params, body }: Call): Place {
  const place = findPlace(world, params['channel']);
  demand(world, place, 'CREATE_PUBLIC_THREADS');
  const message = findMessage(world, place, params['message']);
  const form = new FormErrors(world);
  form.known('thread', body, ['name', 'auto_archive_duration', 'rate_limit_per_user', 'type']);
  form.length(['name'], body['name'], 1, 100);
  if (body['auto_archive_duration'] !== undefined && ![60, 1440, 4320, 10080].includes(Number(body['auto_archive_duration'])))
    form.report(['auto_archive_duration'], 'BASE_TYPE_CHOICES', 'Value must be one of (60, 1440, 4320, 10080).');
  form.end();
  if (message.threadId !== null) throw refuse('threadExists');
  // Discord gives the thread the id of the message it starts from.
  const thread: Place = {
    id: message.id,
    type: 11,
    name: readString(body['name']),
    guildId: place.guildId,
    parentId: place.id,
    recipientId: null,
    denied: 0n,
    archived: false,
    locked: false,
  };
  world.places.set(thread.id, thread);
  message.threadId = thread.id;
  message.flags |= 1 << 5;
  announcePlace(world, 'THREAD_CREATE', thread);
  announceMessage(world, 'MESSAGE_UPDATE', message);
  return thread;
}

const ONE = '/channels/:channel/messages/:message';

export const messageEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/channels/:channel/messages',
    run: (world, call) => {
      const message = post(world, call);
      return { status: 200, body: { ...showMessage(world, message, world.enabledIntents), ...showNonce(message) } };
    },
  },
  {
    method: 'GET',
    path: '/channels/:channel/messages',
    run: (world, call) => ({ status: 200, body: list(world, call).map((each) => showMessage(world, each, world.enabledIntents)) }),
  },
  {
    method: 'GET',
    path: ONE,
    run: (world, { params }) => {
      const place = findPlace(world, params['channel']);
      demand(world, place, 'READ_MESSAGE_HISTORY');
      return { status: 200, body: showMessage(world, findMessage(world, place, params['message']), world.enabledIntents) };
    },
  },
  {
    method: 'PATCH',
    path: ONE,
    run: (world, call) => {
      const place = findPlace(world, call.params['channel']);
      const message = findMessage(world, place, call.params['message']);
      if (message.authorId !== world.bot.id) throw refuse('notYours');
      demandOpen(world, place, true);
      editMessage(world, message, call, { fields: EDIT_FIELDS, fromInteraction: false });
      return { status: 200, body: showMessage(world, message, world.enabledIntents) };
    },
  },
  {
    method: 'DELETE',
    path: ONE,
    run: (world, { params }) => {
      const place = findPlace(world, params['channel']);
      const message = findMessage(world, place, params['message']);
      if (message.authorId !== world.bot.id) demand(world, place, 'MANAGE_MESSAGES');
      message.deleted = true;
      announceDeleted(world, message);
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: `${ONE}/threads`,
    run: (world, call) => ({ status: 201, body: showPlace(world, startThread(world, call)) }),
  },
  {
    method: 'PUT',
    path: `${ONE}/reactions/:emoji/@me`,
    run: (world, { params }) => {
      const place = findPlace(world, params['channel']);
      demand(world, place, 'READ_MESSAGE_HISTORY', 'ADD_REACTIONS');
      findMessage(world, place, params['message']);
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/channels/:channel/typing',
    run: (world, { params }) => {
      demand(world, findPlace(world, params['channel']), 'SEND_MESSAGES');
      return { status: 204 };
    },
  },
];
