// A local Discord: REST and gateway on loopback, strict as the real one, with people to act in it and a journal of its own.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type Gateway } from './discord-double-gateway.ts';
import { type Journal, nextId, type Person, type Place, type PostedMessage, type World } from './discord-double-model.ts';
import { createPerson, People, type Seen } from './discord-double-people.ts';
import { join, type PermissionName } from './discord-double-permissions.ts';
import { showInteraction } from './discord-double-raising.ts';
import { type Failure, Rest } from './discord-double-rest.ts';
import { announceDeleted, announceMessage, announcePlace, broadcast, INTENTS } from './discord-double-sessions.ts';
import { showGuildWhole } from './discord-double-wire.ts';
import { createWorld, type DiscordDoubleOptions } from './discord-double-world.ts';

export type { DiscordDoubleOptions } from './discord-double-world.ts';

export class DiscordDouble extends People {
  readonly #world: World;
  readonly #rest: Rest;
  readonly #gateway: Gateway;
  #server: Server | null = null;

  constructor(options: DiscordDoubleOptions) {
    const world = createWorld(options);
    super(world);
    this.#world = world;
    this.#rest = new Rest(world);
    this.#gateway = createGateway(world);
    for (const name of options.channels ?? ['general']) this.addChannel(name);
  }

  /** For discord.js: `new Client({ rest: { api: double.apiUrl } })`. */
  get apiUrl(): string {
    return `http://127.0.0.1:${this.#world.port}/api`;
  }
  get token(): string {
    return this.#world.token;
  }
  get applicationId(): string {
    return this.#world.applicationId;
  }
  get guildId(): string {
    return this.#world.guildId;
  }
  get bot(): Person {
    return this.#world.bot;
  }
  get journal(): Journal {
    return this.#world.journal;
  }
  /** Registered commands of the server, as they stand. */
  get commands(): readonly Record<string, unknown>[] {
    return this.#world.commands.get(this.#world.guildId) ?? [];
  }
  /** Sessions with a live connection. */
  get connected(): number {
    return [...this.#world.sessions.values()].filter((session) => session.socket !== null).length;
  }

  /** Messages of a channel or thread as a person sees them: deleted ones are gone, private ones only for their reader. */
  messagesIn(channel: string, reader?: Person): PostedMessage[] {
    return this.journal.messages.filter(
      (each) => each.channelId === channel && !each.deleted && (each.ephemeralTo === null || each.ephemeralTo === reader?.id),
    );
  }

  /** The id of a channel by name. */
  channel(name: string): string {
    const place = [...this.#world.places.values()].find((each) => each.name === name && each.type === 0);
    if (!place) throw new Error(`There is no channel ${name}.`);
    return place.id;
  }

  place(id: string): Place {
    const place = this.#world.places.get(id);
    if (!place) throw new Error(`There is no channel ${id}.`);
    return place;
  }

  addChannel(name: string): string {
    const common = { parentId: null, recipientId: null, denied: 0n, archived: false, locked: false };
    const place: Place = { id: nextId(), type: 0, name, guildId: this.#world.guildId, ...common };
    this.#world.places.set(place.id, place);
    if (this.#world.bot.inGuild) announcePlace(this.#world, 'CHANNEL_CREATE', place);
    return place.id;
  }

  addPerson(name: string, options: Partial<Person> = {}): Person {
    const person = createPerson(name, options);
    this.#world.people.set(person.id, person);
    return person;
  }

  /** Takes permissions from the bot in one channel; without VIEW_CHANNEL it answers 50001. An empty list gives them back. */
  deny(channel: string, names: readonly PermissionName[]): void {
    this.place(channel).denied = join(names);
    announcePlace(this.#world, 'CHANNEL_UPDATE', this.place(channel));
  }

  archive(thread: string, { locked = false } = {}): void {
    Object.assign(this.place(thread), { archived: true, locked });
    announcePlace(this.#world, 'THREAD_UPDATE', this.place(thread));
  }

  deleteMessage(message: PostedMessage): void {
    message.deleted = true;
    announceDeleted(this.#world, message);
  }

  deleteChannel(id: string): void {
    const place = this.place(id);
    for (const thread of [...this.#world.places.values()]) if (thread.parentId === id) this.deleteChannel(thread.id);
    this.#world.places.delete(id);
    for (const message of this.journal.messages) if (message.channelId === id) message.deleted = true;
    announcePlace(this.#world, place.type === 11 ? 'THREAD_DELETE' : 'CHANNEL_DELETE', place);
  }

  removeBot(): void {
    this.#world.bot.inGuild = false;
    broadcast(this.#world, 'GUILD_DELETE', INTENTS.guilds, { id: this.#world.guildId });
  }

  inviteBot(): void {
    this.#world.bot.inGuild = true;
    broadcast(this.#world, 'GUILD_CREATE', INTENTS.guilds, showGuildWhole(this.#world));
  }

  /** The same message event once more, under a new sequence number. */
  duplicate(message: PostedMessage): void {
    announceMessage(this.#world, 'MESSAGE_CREATE', message);
  }

  /** The same interaction once more, as after a line that broke before its number was noted. */
  repeat({ interaction }: Pick<Seen, 'interaction'>): void {
    broadcast(this.#world, 'INTERACTION_CREATE', null, (intents) => showInteraction(this.#world, interaction, intents));
  }

  /** The next requests of `route` (like `POST /channels/:channel/messages`) are answered 429 for so many seconds, of all routes if global. */
  limitNext(route: string, seconds: number, global = false): void {
    this.#rest.limitNext(route, seconds, global);
  }
  failNext(route: string, failure: Failure): void {
    this.#rest.failNext(route, failure);
  }

  /** Gateway op 7: please reconnect. */
  reconnect(): void {
    this.#gateway.askToReconnect();
  }
  /** Gateway op 9: the session is over, or to be resumed. */
  invalidate({ resumable = false } = {}): void {
    this.#gateway.invalidate(resumable);
  }
  /** TCP loss of all gateway connections. */
  cut(): void {
    this.#gateway.cut();
  }

  /** Discord is away; its memory stays. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    this.#gateway.stop();
    server.closeAllConnections();
    await closed;
  }

  /** Back on the same port. */
  async restart(): Promise<void> {
    await this.stop();
    const server = createServer((request, response) => {
      this.#rest.answer(request, response).catch((error: unknown) => {
        this.journal.faults.push(`the double broke: ${error instanceof Error ? error.stack : String(error)}`);
        response.destroy();
      });
    });
    server.on('upgrade', (request, socket, head) => this.#gateway.accept(request, socket, head));
    server.listen(this.#world.port, '127.0.0.1');
    await once(server, 'listening');
    this.#world.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }
}

export async function startDiscordDouble(options: DiscordDoubleOptions = {}): Promise<DiscordDouble> {
  const double = new DiscordDouble(options);
  await double.restart();
  return double;
}
