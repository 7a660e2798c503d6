// What the bot and the members may do in the double's server, and the checks each endpoint makes with it.
import { refuse } from './discord-double-errors.ts';
import type { Place, World } from './discord-double-model.ts';

export const PERMISSIONS = {
  ADMINISTRATOR: 1n << 3n,
  ADD_REACTIONS: 1n << 6n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n,
  EMBED_LINKS: 1n << 14n,
  ATTACH_FILES: 1n << 15n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  USE_APPLICATION_COMMANDS: 1n << 31n,
  MANAGE_THREADS: 1n << 34n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
} as const;

export type PermissionName = keyof typeof PERMISSIONS;

export function join(names: readonly PermissionName[]): bigint {
  return names.reduce((bits, name) => bits | PERMISSIONS[name], 0n);
}

/** What an invited bot usually gets; `bot.permissions` narrows it. */
export const BOT_ALLOWED = join([
  'ADD_REACTIONS',
  'VIEW_CHANNEL',
  'SEND_MESSAGES',
  'EMBED_LINKS',
  'ATTACH_FILES',
  'READ_MESSAGE_HISTORY',
  'CREATE_PUBLIC_THREADS',
  'SEND_MESSAGES_IN_THREADS',
]);

/** @everyone grants little, so that a permission taken from the bot's own role is really gone. */
export const MEMBER_ALLOWED = join(['USE_APPLICATION_COMMANDS']);

function parentOf(world: World, place: Place): Place {
  return (place.parentId === null ? undefined : world.places.get(place.parentId)) ?? place;
}

export function isAllowed(world: World, place: Place, name: PermissionName): boolean {
  if (place.type === 1) return true;
  const granted = world.bot.permissions | MEMBER_ALLOWED;
  const denied = place.denied | parentOf(world, place).denied;
  return (granted & ~denied & PERMISSIONS[name]) !== 0n;
}

/** The channel, seen by the bot. @throws ApiError 10003 gone, 50001 not visible to it */
export function findPlace(world: World, id: string | undefined): Place {
  const place = world.places.get(id ?? '');
  if (!place) throw refuse('unknownChannel');
  if (place.guildId !== null && (!world.bot.inGuild || !isAllowed(world, place, 'VIEW_CHANNEL'))) throw refuse('missingAccess');
  return place;
}

/** @throws ApiError 50013 */
export function demand(world: World, place: Place, ...names: PermissionName[]): void {
  for (const name of names) if (!isAllowed(world, place, name)) throw refuse('missingPermissions');
}
