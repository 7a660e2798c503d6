// The gateway: hello, identify, resume with replay, heartbeats, and the close codes of a client that does it wrong.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { MESSAGE_CONTENT } from './discord-double-message-wire.ts';
import { type GatewayNote, isRecord, type Json, type Session, type World } from './discord-double-model.ts';
import { INTENTS, openSession, sendEvent } from './discord-double-sessions.ts';
import { showGuildWhole, showUser } from './discord-double-wire.ts';

const PRIVILEGED = INTENTS.members | INTENTS.presences | MESSAGE_CONTENT;
const HIGHEST_INTENT = 1 << 26;

export interface Gateway {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** TCP loss of every connection; sessions can be resumed. */
  cut(): void;
  /** Op 7. */
  askToReconnect(): void;
  /** Op 9. */
  invalidate(resumable: boolean): void;
  stop(): void;
}

/** Application flags of a bot in fewer than 100 servers: the "limited" ones. */
export function readApplicationFlags(world: World): number {
  const on = (intent: number, flag: number): number => ((world.enabledIntents & intent) === 0 ? 0 : flag);
  return on(INTENTS.presences, 1 << 13) | on(INTENTS.members, 1 << 15) | on(MESSAGE_CONTENT, 1 << 19);
}

function note(world: World, kind: GatewayNote['kind'], intents: number | null = null, code: number | null = null): void {
  world.journal.gateway.push({ kind, at: Date.now(), intents, code });
}

function greet(world: World, session: Session): void {
  sendEvent(session, 'READY', {
    v: 10,
    user: { ...showUser(world.bot), verified: true, mfa_enabled: true, email: null, flags: 0 },
    guilds: world.bot.inGuild ? [{ id: world.guildId, unavailable: true }] : [],
    session_id: session.id,
    resume_gateway_url: `ws://127.0.0.1:${world.port}`,
    session_type: 'normal',
    private_channels: [],
    shard: [0, 1],
    application: { id: world.applicationId, flags: readApplicationFlags(world) },
  });
  if (world.bot.inGuild && (session.intents & INTENTS.guilds) !== 0) sendEvent(session, 'GUILD_CREATE', showGuildWhole(world));
}

function decode(raw: string): Json | null {
  try {
    const frame: unknown = JSON.parse(raw);
    return isRecord(frame) ? frame : null;
  } catch {
    return null;
  }
}

class Connection {
  readonly #world: World;
  readonly #socket: WebSocket;
  #session: Session | null = null;

  constructor(world: World, socket: WebSocket) {
    this.#world = world;
    this.#socket = socket;
    socket.on('message', (raw) => this.#receive(String(raw)));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => this.#closed(code));
    this.#send({ op: 10, d: { heartbeat_interval: world.heartbeatMs } });
  }

  #send(frame: Json): void {
    this.#socket.send(JSON.stringify(frame));
  }

  #refuse(code: number, reason: string): void {
    note(this.#world, 'closed', null, code);
    this.#socket.close(code, reason);
  }

  #closed(code: number): void {
    if (this.#session?.socket === this.#socket) this.#session.socket = null;
    // A client that closes with 1000 or 1001 ends its session; any other end leaves it to be resumed.
    if (this.#session && (code === 1000 || code === 1001)) this.#world.sessions.delete(this.#session.id);
    note(this.#world, 'closed', null, code);
  }

  #receive(raw: string): void {
    const frame = decode(raw);
    if (!frame) this.#refuse(4002, 'Error while decoding payload.');
    else this.#obey(Number(frame['op']), isRecord(frame['d']) ? frame['d'] : {});
  }

  #obey(op: number, d: Json): void {
    if (op === 1) {
      note(this.#world, 'heartbeat');
      this.#send({ op: 11 });
    } else if (op === 2) this.#identify(d);
    else if (op === 6) this.#resume(d);
    else if (!this.#session) this.#refuse(4003, 'Not authenticated.');
    // Presence, voice and member requests change nothing a test looks at.
    else if (![3, 4, 8, 31].includes(op)) this.#refuse(4001, 'Unknown opcode.');
  }

  #findFault(d: Json): readonly [number, string] | null {
    const intents = d['intents'];
    if (this.#session) return [4005, 'Already authenticated.'];
    if (d['token'] !== this.#world.token) return [4004, 'Authentication failed.'];
    if (typeof intents !== 'number' || intents < 0 || intents >= HIGHEST_INTENT) return [4013, 'Invalid intent(s).'];
    return (intents & PRIVILEGED & ~this.#world.enabledIntents) === 0 ? null : [4014, 'Disallowed intent(s).'];
  }

  #identify(d: Json): void {
    const intents = Number(d['intents']);
    note(this.#world, 'identify', intents);
    const fault = this.#findFault(d);
    if (fault) {
      this.#refuse(...fault);
      return;
    }
    this.#session = openSession(this.#world, intents);
    this.#session.socket = this.#socket;
    greet(this.#world, this.#session);
  }

  #resume(d: Json): void {
    note(this.#world, 'resume');
    const session = this.#world.sessions.get(String(d['session_id']));
    const seen = Number(d['seq']);
    if (d['token'] !== this.#world.token) this.#refuse(4004, 'Authentication failed.');
    else if (!session) this.#send({ op: 9, d: false });
    else if (seen > session.sequence) this.#refuse(4007, 'Invalid seq.');
    else this.#replay(session, seen);
  }

  #replay(session: Session, seen: number): void {
    session.socket?.terminate();
    session.socket = this.#socket;
    this.#session = session;
    for (const { s, frame } of session.sent) if (s > seen) this.#socket.send(frame);
    sendEvent(session, 'RESUMED', {});
  }
}

export function createGateway(world: World): Gateway {
  const server = new WebSocketServer({ noServer: true });
  server.on('connection', (socket: WebSocket) => {
    new Connection(world, socket);
  });
  const tellAll = (frame: Json): void => {
    for (const client of server.clients) client.send(JSON.stringify(frame));
  };
  const cut = (): void => {
    for (const client of server.clients) client.terminate();
  };
  return {
    accept: (request, socket, head) => server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request)),
    cut,
    askToReconnect: () => tellAll({ op: 7, d: null }),
    invalidate: (resumable) => {
      if (!resumable) world.sessions.clear();
      tellAll({ op: 9, d: resumable });
    },
    stop: cut,
  };
}
