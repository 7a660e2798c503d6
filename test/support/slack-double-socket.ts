// The Socket Mode door of Slack's double: tickets, hello, envelopes and their acknowledgements, refresh, and cut connections.
// Each envelope goes to any one of the open sockets, in turn.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { addFault, type Fields, isFields, text, type World } from './slack-double-model.ts';

export interface Envelope {
  kind: 'events_api' | 'slash_commands' | 'interactive';
  payload: Fields;
}

/** A delivery that was tried once. */
export interface Attempt {
  /** `ack`: in time; `timeout`: not in time; `refused`: a status other than 2xx; `unreachable`: nobody there, or hung up. */
  outcome: 'ack' | 'timeout' | 'refused' | 'unreachable';
  status: number | null;
  /** What came with the acknowledgement; null: nothing. */
  body: unknown;
}

export interface Retry {
  num: number;
  reason: string;
}

export interface SocketDoor {
  /** @returns the address for one connection. */
  issue(): string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  send(envelope: Envelope, retry: Retry | null): Promise<Attempt>;
  count(): number;
  refresh(reason: string): void;
  cut(): void;
}

interface Waiting {
  socket: WebSocket;
  envelope: Envelope;
  settle(attempt: Attempt): void;
}

/** An app may have this many sockets; the next one is sent away. */
const MAX_SOCKETS = 10;
const PING_MS = 5000;
/** How long a connection that is to be refreshed is still used; Slack's is about ten seconds. */
const REFRESH_MS = 2000;

/** @returns what an app sent; nothing when it is no JSON object. */
function parse(raw: string): Fields {
  try {
    const message: unknown = JSON.parse(raw);
    return isFields(message) ? message : {};
  } catch {
    return {};
  }
}

export function createSocketDoor(world: World, ackTimeoutMs: number): SocketDoor {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const open: WebSocket[] = [];
  const waiting = new Map<string, Waiting>();
  const settled = new Set<string>();

  function take(raw: string): void {
    const message = parse(raw);
    const id = text(message, 'envelope_id');
    const one = waiting.get(id);
    if (one === undefined) {
      addFault(world, 'warned', 'socket', settled.has(id) ? 'late_or_second_ack' : 'unknown_envelope_id', raw.slice(0, 200));
      return;
    }
    const body = isFields(message['payload']) && Object.keys(message['payload']).length > 0 ? message['payload'] : null;
    if (body !== null && one.envelope.kind === 'events_api') addFault(world, 'warned', 'socket', 'unexpected_payload', raw);
    one.settle({ outcome: 'ack', status: null, body });
  }

  function close(socket: WebSocket): void {
    const index = open.indexOf(socket);
    if (index >= 0) open.splice(index, 1);
    for (const one of [...waiting.values()]) if (one.socket === socket) one.settle({ outcome: 'unreachable', status: null, body: null });
  }

  function welcome(socket: WebSocket): void {
    if (open.length >= MAX_SOCKETS) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
      socket.close();
      return;
    }
    open.push(socket);
    const ping = setInterval(() => socket.ping(), PING_MS);
    ping.unref();
    socket.on('message', (data) => take(String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearInterval(ping);
      close(socket);
    });
    const debug = { host: 'applink-double', build_number: 1, approximate_connection_time: 18_060 };
    socket.send(
      JSON.stringify({ type: 'hello', num_connections: open.length, debug_info: debug, connection_info: { app_id: world.appId } }),
    );
  }

  /** Gives it nothing more, and ends it when all it was given is acknowledged. */
  function retire(socket: WebSocket): void {
    const index = open.indexOf(socket);
    if (index >= 0) open.splice(index, 1);
    if ([...waiting.values()].some((one) => one.socket === socket)) setTimeout(() => retire(socket), 50).unref();
    else socket.close();
  }

  function send(envelope: Envelope, retry: Retry | null): Promise<Attempt> {
    const socket = open.shift();
    if (socket === undefined) return Promise.resolve({ outcome: 'unreachable', status: null, body: null });
    open.push(socket);
    const id = world.nextId('envelope-');
    return new Promise((resolve) => {
      const settle = (attempt: Attempt): void => {
        clearTimeout(timer);
        waiting.delete(id);
        settled.add(id);
        resolve(attempt);
      };
      const timer = setTimeout(() => settle({ outcome: 'timeout', status: null, body: null }), ackTimeoutMs);
      waiting.set(id, { socket, envelope, settle });
      const again = envelope.kind === 'events_api' ? { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? '' } : {};
      const accepts = envelope.kind !== 'events_api';
      socket.send(
        JSON.stringify({ envelope_id: id, type: envelope.kind, payload: envelope.payload, accepts_response_payload: accepts, ...again }),
      );
    });
  }

  return {
    send,
    issue() {
      const ticket = world.nextId('ticket-');
      tickets.add(ticket);
      return `${world.baseUrl.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${world.appId}`;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://double').searchParams.get('ticket') ?? '';
      if (!tickets.delete(ticket)) {
        addFault(world, 'refused', 'socket', 'bad_ticket', ticket);
        return void socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
      }
      server.handleUpgrade(request, socket, head, welcome);
    },
    count: () => open.filter((each) => each.readyState === WebSocket.OPEN).length,
    refresh(reason) {
      for (const socket of [...open]) {
        socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-double' } }));
        setTimeout(() => retire(socket), REFRESH_MS).unref();
      }
    },
    cut() {
      for (const socket of [...open]) socket.terminate();
    },
  };
}
