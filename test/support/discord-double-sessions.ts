// Sends events to the gateway sessions that asked for them, and keeps them for a resume.

import { showMessageEvent, showNonce } from './discord-double-message-wire.ts';
import { type Json, nextId, type Place, type PostedMessage, type Session, type World } from './discord-double-model.ts';
import { showPlace } from './discord-double-wire.ts';

export const INTENTS = { guilds: 1 << 0, members: 1 << 1, presences: 1 << 8, guildMessages: 1 << 9, directMessages: 1 << 12 } as const;

export function sendEvent(session: Session, event: string, payload: Json): void {
  session.sequence += 1;
  const frame = JSON.stringify({ op: 0, s: session.sequence, t: event, d: payload });
  session.sent.push({ s: session.sequence, frame });
  session.socket?.send(frame);
}

/**
 * To every session whose intents ask for it, also to those whose connection is lost: they get it when they resume.
 * @param intent null for events that need none
 */
export function broadcast(world: World, event: string, intent: number | null, payload: Json | ((intents: number) => Json)): void {
  for (const session of world.sessions.values())
    if (intent === null || (session.intents & intent) !== 0)
      sendEvent(session, event, typeof payload === 'function' ? payload(session.intents) : payload);
}

export function announceMessage(world: World, event: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE', message: PostedMessage): void {
  if (message.ephemeralTo !== null) return;
  const direct = world.places.get(message.channelId)?.type === 1;
  if (!direct && !world.bot.inGuild) return;
  broadcast(world, event, direct ? INTENTS.directMessages : INTENTS.guildMessages, (intents) => ({
    ...showMessageEvent(world, message, intents),
    ...(event === 'MESSAGE_CREATE' ? showNonce(message) : {}),
  }));
}

export function announceDeleted(world: World, message: PostedMessage): void {
  if (message.ephemeralTo !== null) return;
  const guildId = world.places.get(message.channelId)?.guildId ?? null;
  const payload = { id: message.id, channel_id: message.channelId, ...(guildId === null ? {} : { guild_id: guildId }) };
  broadcast(world, 'MESSAGE_DELETE', guildId === null ? INTENTS.directMessages : INTENTS.guildMessages, payload);
}

export function announcePlace(world: World, event: string, place: Place): void {
  const fresh = event === 'THREAD_CREATE' ? { newly_created: true } : {};
  broadcast(world, event, INTENTS.guilds, { ...showPlace(world, place), ...fresh });
}

export function openSession(world: World, intents: number): Session {
  const session: Session = { id: nextId(), intents, sequence: 0, sent: [], socket: null };
  world.sessions.set(session.id, session);
  return session;
}
