// What the bot may do on a Discord server, in one place: the invite URL, doctor and the tests read it here.
import { PermissionsBitField } from 'discord.js';

/** Permissions the bot needs in its channels, each with what it is for. */
export const DISCORD_PERMISSIONS = {
  ViewChannel: 'sees its channels',
  SendMessages: 'posts cards',
  SendMessagesInThreads: "posts in its goals' threads",
  CreatePublicThreads: 'opens a thread for each goal',
  AttachFiles: 'attaches charts and long arguments',
  ReadMessageHistory: 'finds its own messages after a crash',
} as const satisfies Partial<Record<keyof typeof PermissionsBitField.Flags, string>>;

export type NeededPermission = keyof typeof DISCORD_PERMISSIONS;

/** Adds the bot with exactly these permissions and the right to register its commands. */
export function discordInvite(applicationId: string): string {
  const bits = PermissionsBitField.resolve(Object.keys(DISCORD_PERMISSIONS) as NeededPermission[]);
  const url = new URL('https://discord.com/oauth2/authorize');
  url.searchParams.set('client_id', applicationId);
  url.searchParams.set('scope', 'bot applications.commands');
  url.searchParams.set('permissions', bits.toString());
  return url.href;
}
