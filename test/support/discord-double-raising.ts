// An interaction begins: the record of it, and the event that tells the bot.
import { randomBytes } from 'node:crypto';
import { showMessage } from './discord-double-message-wire.ts';
import { type Json, nextId, type RaisedInteraction, type World } from './discord-double-model.ts';
import { isAllowed, join, type PermissionName } from './discord-double-permissions.ts';
import { showMember, showPlace, showUser } from './discord-double-wire.ts';

/** A moment of a person's doing, kept in the journal; the gateway is told by the caller. */
export function raise(
  world: World,
  seed: Pick<RaisedInteraction, 'type' | 'data' | 'userId' | 'channelId' | 'messageId'>,
): RaisedInteraction {
  const interaction: RaisedInteraction = {
    ...seed,
    id: nextId(),
    token: randomBytes(48).toString('base64url'),
    at: Date.now(),
    ackMs: null,
    ack: null,
    originalId: null,
    followUps: [],
    modal: null,
    choices: [],
    waiters: [],
  };
  world.interactions.set(interaction.token, interaction);
  world.interactionsById.set(interaction.id, interaction);
  world.journal.interactions.push(interaction);
  return interaction;
}

/** INTERACTION_CREATE as the gateway tells it. */
export function showInteraction(world: World, interaction: RaisedInteraction, intents: number): Json {
  const place = world.places.get(interaction.channelId);
  const user = world.people.get(interaction.userId);
  const message = interaction.messageId === null ? undefined : world.messages.get(interaction.messageId);
  if (!place || !user) throw new Error('There is no such channel or person.');
  const direct = place.guildId === null;
  const allowed = (['SEND_MESSAGES', 'EMBED_LINKS', 'ATTACH_FILES'] satisfies PermissionName[]).filter((name) =>
    isAllowed(world, place, name),
  );
  const who = direct ? { user: showUser(user) } : { member: { ...showMember(world, user), permissions: String(user.permissions) } };
  return {
    id: interaction.id,
    application_id: world.applicationId,
    type: interaction.type,
    token: interaction.token,
    version: 1,
    data: interaction.data,
    channel_id: place.id,
    channel: showPlace(world, place),
    ...(direct ? {} : { guild_id: world.guildId, guild: { id: world.guildId, locale: 'en-US', features: [] }, guild_locale: 'en-US' }),
    ...who,
    ...(message ? { message: showMessage(world, message, intents) } : {}),
    app_permissions: String(join(allowed)),
    locale: 'en-US',
    entitlements: [],
    authorizing_integration_owners: direct ? {} : { 0: world.guildId },
    context: direct ? 1 : 0,
    attachment_size_limit: 10_485_760,
  };
}
