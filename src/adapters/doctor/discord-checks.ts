// Discord: the token, the application, the intent, the server, every channel and permission; each fault with where it is mended.
import {
  type APIApplication,
  type APIChannel,
  type APIGuild,
  type APIGuildMember,
  ApplicationFlags,
  DiscordAPIError,
  PermissionsBitField,
  REST,
  Routes,
} from 'discord.js';
import type { DiscordConfig } from '../../platform-config.ts';
import { DISCORD_PERMISSIONS, discordInvite, type NeededPermission } from '../discord/permissions.ts';
import { bad, type Check, good, sentence } from './check.ts';
import { namesOf } from './slack-checks.ts';

const ANSWER_MS = 10_000;
const page = (config: DiscordConfig): string => `https://discord.com/developers/applications/${config.applicationId}`;

export async function checkDiscord(config: DiscordConfig): Promise<Check[]> {
  const rest = new REST({ ...(config.apiUrl === null ? {} : { api: config.apiUrl }), retries: 0, timeout: ANSWER_MS }).setToken(
    config.token.reveal(),
  );
  const [application, ...intent] = await checkApplication(rest, config);
  if (application === undefined || !application.ok) return application === undefined ? [] : [application];
  const server = await readServer(rest, config);
  if (!('guild' in server)) return [application, ...intent, server];
  const checks = [application, ...intent, good('Discord server', server.guild.name)];
  for (const [id, names] of namesOf(config.channels)) checks.push(...(await checkChannel(rest, config, server, { id, names })));
  return checks;
}

async function checkApplication(rest: REST, config: DiscordConfig): Promise<Check[]> {
  try {
    const application = (await rest.get(Routes.currentApplication())) as APIApplication;
    if (application.id !== config.applicationId)
      return [
        bad(
          'Discord application',
          `the token belongs to ${application.id}`,
          'Copy that id into DISCORD_APPLICATION_ID, or the right token.',
        ),
      ];
    return [good('Discord token', application.name), ...checkIntent(application, config)];
  } catch (error) {
    return [bad('Discord token', reasonOf(error), `Reset and copy the token into DISCORD_TOKEN: ${page(config)}/bot`)];
  }
}

function checkIntent(application: APIApplication, config: DiscordConfig): Check[] {
  if (!config.readsMessages) return [];
  const flags = application.flags ?? 0;
  const has = (flags & (ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited)) !== 0;
  const what = 'Discord message content intent';
  return [
    has
      ? good(what, 'on')
      : bad(
          what,
          'off, but DISCORD_MESSAGE_CONTENT=1 needs it',
          `Turn on Message Content Intent: ${page(config)}/bot, or remove the variable.`,
        ),
  ];
}

interface Server {
  guild: APIGuild;
  member: APIGuildMember;
}

async function readServer(rest: REST, config: DiscordConfig): Promise<Server | Check> {
  try {
    const guild = (await rest.get(Routes.guild(config.guildId))) as APIGuild;
    const member = (await rest.get(Routes.guildMember(config.guildId, config.applicationId))) as APIGuildMember;
    return { guild, member };
  } catch (error) {
    return bad(
      'Discord server',
      reasonOf(error),
      `Check DISCORD_GUILD_ID, and add the bot to that server: ${discordInvite(config.applicationId)}`,
    );
  }
}

async function checkChannel(
  rest: REST,
  config: DiscordConfig,
  server: Server,
  { id, names }: { id: string; names: string },
): Promise<Check[]> {
  const what = `Discord channel ${id} (${names})`;
  try {
    const channel = (await rest.get(Routes.channel(id))) as APIChannel & { name?: string; permission_overwrites?: Overwrite[] };
    const has = new PermissionsBitField(permissionsIn(server, config, channel.permission_overwrites ?? []));
    const missing = (Object.entries(DISCORD_PERMISSIONS) as [NeededPermission, string][]).filter(([name]) => !has.has(name));
    if (missing.length === 0) return [good(what, `#${channel.name ?? id}`)];
    return missing.map(([name, use]) =>
      bad(
        what,
        `permission ${name} is missing: it ${use}`,
        `Give it to the bot's role in the channel's settings, or add the bot again: ${discordInvite(config.applicationId)}`,
      ),
    );
  } catch (error) {
    return [
      bad(
        what,
        reasonOf(error),
        'Copy the id (right click → Copy Channel ID, in developer mode) into .env; the bot must be able to see the channel.',
      ),
    ];
  }
}

interface Overwrite {
  id: string;
  allow: string;
  deny: string;
}

/** As Discord computes it: the roles' rights, then the channel's exceptions for everyone, for roles, for the member. */
function permissionsIn({ guild, member }: Server, config: DiscordConfig, overwrites: readonly Overwrite[]): bigint {
  const roles = guild.roles.filter((role) => role.id === guild.id || member.roles.includes(role.id));
  const base = roles.reduce((bits, role) => bits | BigInt(role.permissions), 0n);
  if ((base & PermissionsBitField.Flags.Administrator) !== 0n) return PermissionsBitField.All;
  const apply = (bits: bigint, wanted: readonly Overwrite[]): bigint =>
    (bits & ~wanted.reduce((sum, { deny }) => sum | BigInt(deny), 0n)) | wanted.reduce((sum, { allow }) => sum | BigInt(allow), 0n);
  const own = (ids: readonly string[]): Overwrite[] => overwrites.filter(({ id }) => ids.includes(id));
  return apply(apply(apply(base, own([guild.id])), own(member.roles.filter((id) => id !== guild.id))), own([config.applicationId]));
}

function reasonOf(error: unknown): string {
  return error instanceof DiscordAPIError ? `Discord says ${error.message} (${error.code})` : sentence(error);
}
