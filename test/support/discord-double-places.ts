// REST: the gateway's address, the bot itself, its application, the server with its channels and members, direct channels.
import type { Call, Endpoint } from './discord-double-endpoint.ts';
import { FormErrors, refuse } from './discord-double-errors.ts';
import { readApplicationFlags } from './discord-double-gateway.ts';
import { nextId, type Person, type Place, readString, type World } from './discord-double-model.ts';
import { demand, findPlace } from './discord-double-permissions.ts';
import { announcePlace } from './discord-double-sessions.ts';
import { showGuild, showMember, showPlace, showRoles, showUser } from './discord-double-wire.ts';

function demandGuild(world: World, id: string | undefined): void {
  if (id !== world.guildId || !world.bot.inGuild) throw refuse('unknownGuild');
}

function findPerson(world: World, id: string | undefined): Person {
  const person = id === '@me' ? world.bot : world.people.get(id ?? '');
  if (!person) throw refuse('unknownUser');
  return person;
}

/** The one direct channel with a person, made when it is first needed. */
export function openDirect(world: World, person: Person): Place {
  const open = [...world.places.values()].find((place) => place.type === 1 && place.recipientId === person.id);
  if (open) return open;
  const id = nextId();
  const fresh: Place = {
    id,
    type: 1,
    name: person.name,
    guildId: null,
    parentId: null,
    recipientId: person.id,
    denied: 0n,
    archived: false,
    locked: false,
  };
  world.places.set(id, fresh);
  return fresh;
}

/** Threads only: resting and waking, the name. A locked one takes MANAGE_THREADS. */
function modifyThread(world: World, { params, body }: Call): Place {
  const place = findPlace(world, params['channel']);
  const form = new FormErrors(world);
  form.known('channel', body, ['name', 'archived', 'locked', 'auto_archive_duration', 'rate_limit_per_user', 'invitable', 'flags']);
  form.optionalLength(['name'], body['name'], 1, 100);
  form.end();
  const wakes = body['archived'] === false && body['locked'] === undefined && body['name'] === undefined;
  demand(world, place, place.type === 11 && wakes && !place.locked ? 'SEND_MESSAGES_IN_THREADS' : 'MANAGE_THREADS');
  if (typeof body['name'] === 'string') place.name = body['name'];
  if (typeof body['archived'] === 'boolean') place.archived = body['archived'];
  if (typeof body['locked'] === 'boolean') place.locked = body['locked'];
  announcePlace(world, 'THREAD_UPDATE', place);
  return place;
}

export const placeEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/gateway/bot',
    run: (world) => ({
      status: 200,
      body: {
        url: `ws://127.0.0.1:${world.port}`,
        shards: 1,
        session_start_limit: { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: 1 },
      },
    }),
  },
  {
    method: 'GET',
    path: '/applications/@me',
    run: (world) => ({
      status: 200,
      body: {
        id: world.applicationId,
        name: world.bot.name,
        icon: null,
        description: '',
        bot_public: false,
        bot_require_code_grant: false,
        verify_key: '0'.repeat(64),
        team: null,
        flags: readApplicationFlags(world),
        bot: showUser(world.bot),
        install_params: { scopes: ['bot', 'applications.commands'], permissions: '0' },
      },
    }),
  },
  {
    method: 'GET',
    path: '/users/@me/guilds',
    run: (world) => ({
      status: 200,
      body: world.bot.inGuild
        ? [{ id: world.guildId, name: 'The office', icon: null, owner: false, permissions: String(world.bot.permissions), features: [] }]
        : [],
    }),
  },
  { method: 'GET', path: '/users/:user', run: (world, { params }) => ({ status: 200, body: showUser(findPerson(world, params['user'])) }) },
  {
    method: 'POST',
    path: '/users/@me/channels',
    run: (world, { body }) => {
      const person = world.people.get(readString(body['recipient_id']));
      if (!person || person.bot) throw refuse('invalidRecipient');
      return { status: 200, body: showPlace(world, openDirect(world, person)) };
    },
  },
  {
    method: 'GET',
    path: '/channels/:channel',
    run: (world, { params }) => ({ status: 200, body: showPlace(world, findPlace(world, params['channel'])) }),
  },
  {
    method: 'PATCH',
    path: '/channels/:channel',
    run: (world, call) => ({ status: 200, body: showPlace(world, modifyThread(world, call)) }),
  },
  {
    method: 'GET',
    path: '/guilds/:guild',
    run: (world, { params }) => {
      demandGuild(world, params['guild']);
      return { status: 200, body: showGuild(world) };
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guild/channels',
    run: (world, { params }) => {
      demandGuild(world, params['guild']);
      const places = [...world.places.values()].filter((place) => place.type === 0);
      return { status: 200, body: places.map((place) => showPlace(world, place)) };
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guild/roles',
    run: (world, { params }) => {
      demandGuild(world, params['guild']);
      return { status: 200, body: showRoles(world) };
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guild/members/:user',
    run: (world, { params }) => {
      demandGuild(world, params['guild']);
      const person = findPerson(world, params['user']);
      if (!person.inGuild) throw refuse('unknownMember');
      return { status: 200, body: showMember(world, person) };
    },
  },
];
