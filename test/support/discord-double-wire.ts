// How people, channels and the server look on the wire.
import type { Json, Person, Place, World } from './discord-double-model.ts';
import { MEMBER_ALLOWED } from './discord-double-permissions.ts';

export function showUser(person: Person): Json {
  return {
    id: person.id,
    username: person.name.toLowerCase().replaceAll(/\W+/g, '_'),
    global_name: person.name,
    discriminator: '0',
    avatar: null,
    bot: person.bot,
    public_flags: 0,
  };
}

export function showMember(world: World, person: Person): Json {
  return {
    user: showUser(person),
    nick: null,
    roles: person.id === world.bot.id ? [world.botRoleId] : [],
    joined_at: '2026-01-01T00:00:00.000000+00:00',
    deaf: false,
    mute: false,
    flags: 0,
    pending: false,
  };
}

export function showRoles(world: World): Json[] {
  const role = { color: 0, hoist: false, icon: null, unicode_emoji: null, mentionable: false, flags: 0 };
  return [
    { ...role, id: world.guildId, name: '@everyone', position: 0, managed: false, permissions: String(MEMBER_ALLOWED) },
    {
      ...role,
      id: world.botRoleId,
      name: world.bot.name,
      position: 1,
      managed: true,
      permissions: String(world.bot.permissions),
      tags: { bot_id: world.bot.id },
    },
  ];
}

export function showPlace(world: World, place: Place): Json {
  const common = { id: place.id, type: place.type, name: place.name, last_message_id: null, flags: 0 };
  const recipient = place.recipientId === null ? undefined : world.people.get(place.recipientId);
  if (place.type === 1) return { id: place.id, type: 1, last_message_id: null, recipients: recipient ? [showUser(recipient)] : [] };
  if (place.type === 0)
    return {
      ...common,
      guild_id: place.guildId,
      position: 0,
      parent_id: null,
      topic: null,
      nsfw: false,
      rate_limit_per_user: 0,
      permission_overwrites: place.denied === 0n ? [] : [{ id: world.bot.id, type: 1, allow: '0', deny: String(place.denied) }],
    };
  return {
    ...common,
    guild_id: place.guildId,
    parent_id: place.parentId,
    owner_id: world.bot.id,
    message_count: 0,
    member_count: 1,
    rate_limit_per_user: 0,
    total_message_sent: 0,
    thread_metadata: {
      archived: place.archived,
      locked: place.locked,
      auto_archive_duration: 1440,
      archive_timestamp: new Date().toISOString(),
      create_timestamp: new Date().toISOString(),
    },
  };
}

export function showGuild(world: World): Json {
  return {
    id: world.guildId,
    name: 'The office',
    icon: null,
    splash: null,
    banner: null,
    description: null,
    owner_id: [...world.people.values()].find((person) => !person.bot)?.id ?? world.bot.id,
    region: 'deprecated',
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    nsfw_level: 0,
    premium_tier: 0,
    premium_progress_bar_enabled: false,
    preferred_locale: 'en-US',
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    vanity_url_code: null,
    features: [],
    emojis: [],
    stickers: [],
    roles: showRoles(world),
  };
}

/** GUILD_CREATE: the server with everything in it, all arrays present. */
export function showGuildWhole(world: World): Json {
  const places = [...world.places.values()].filter((place) => place.guildId !== null);
  const members = [...world.people.values()].filter((person) => person.inGuild);
  return {
    ...showGuild(world),
    joined_at: '2026-01-01T00:00:00.000000+00:00',
    large: false,
    unavailable: false,
    member_count: members.length,
    channels: places.filter((place) => place.type === 0).map((place) => showPlace(world, place)),
    threads: places.filter((place) => place.type === 11 && !place.archived).map((place) => showPlace(world, place)),
    members: members.map((person) => showMember(world, person)),
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}
