// Slack on loopback: the Web API, Socket Mode and signed HTTP deliveries, as strict as the real one, with a journal of its own.
// The parts are in slack-double-*.ts; this file puts them together, opens the port, and is what a test imports.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClickPeople, createClickPeople } from './slack-double-clicks.ts';
import { createDelivery, type Shown } from './slack-double-delivery.ts';
import { createEventPeople, type EventPeople } from './slack-double-events.ts';
import type { ApiCall, Fault, Fields, Method, SlackMessage, SlackView, World } from './slack-double-model.ts';
import { answerReply } from './slack-double-reply-address.ts';
import { createSocketDoor } from './slack-double-socket.ts';
import { takeUpload } from './slack-double-surfaces.ts';
import { answerApi, type Failure, type Failures, readBody } from './slack-double-web-api.ts';
import { createWorld, type SlackDoubleOptions, SUBSCRIPTIONS } from './slack-double-world.ts';

export interface SlackDouble extends EventPeople, ClickPeople {
  /** Like `http://127.0.0.1:PORT/api/`: SLACK_API_URL. */
  apiUrl: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  teamId: string;
  botUserId: string;
  botId: string;
  /** Every Web API and response_url request, in order. */
  journal: readonly ApiCall[];
  /** Everything a real Slack would have refused or warned about, but what the test asked for itself. */
  faults: readonly Fault[];
  calls(method: string): ApiCall[];
  /** What is or was to be seen in a channel, in order, without deleted messages; with `thread`: its answers only. */
  messages(channel: string, thread?: string): SlackMessage[];
  /** The app's own among them; ephemeral ones too. */
  posted(channel: string, thread?: string): SlackMessage[];
  /** Any message ever, also a deleted one. */
  find(channel: string, ts: string): SlackMessage | undefined;
  /** The modal a person has open. */
  modal(user: string): SlackView | undefined;
  home(user: string): SlackView | undefined;
  /** The file's bytes as they arrived. */
  upload(fileId: string): { filename: string; bytes: Uint8Array | null } | undefined;
  expireStream(channel: string, ts: string): void;
  grant(...scopes: string[]): void;
  revoke(...scopes: string[]): void;
  /** Events, clicks and commands go to this URL from now on, signed, instead of to a socket. */
  deliverTo(url: string, signingSecret?: string): void;
  /** Slack's question before it accepts a Request URL. */
  verifyUrl(challenge: string): Promise<Shown>;
  limitNext(method: string, seconds: number, times?: number): void;
  failNext(method: string, failure: Failure, times?: number): void;
  sockets(): number;
  /** `refresh_requested`, `warning`, `link_disabled`, … */
  refreshSockets(reason?: string): void;
  cutSockets(): void;
  /** Refuses connections (an outage) until `restart` on the same port; everything is remembered. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/** A reply address fails with a status only. */
const failStatus = (failure: Failure | undefined): number | null => (failure !== undefined && 'status' in failure ? failure.status : null);

function createDoors(world: World, failures: Failures, own: Record<string, Method>) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://double');
    const [, door, ...rest] = pathname.split('/');
    if (door === 'api') return answerApi({ world, failures, own, name: rest.join('/'), request, response });
    if (door === 'reply') {
      const status = failStatus(failures.get('response_url')?.shift());
      if (status !== null) return void response.writeHead(status).end();
      return answerReply(world, rest.join('/'), request, response);
    }
    if (door !== 'upload') return void response.writeHead(404).end();
    const status = takeUpload(world, rest.at(-1) ?? '', await readUpload(request));
    response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'OK' : 'not found');
  };
}

/** A file comes as it is, or as the one part of a form. */
async function readUpload(request: IncomingMessage): Promise<Uint8Array> {
  const body = await readBody(request);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return body;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const file = [...form.values()].find((each) => typeof each !== 'string');
  return file === undefined ? new Uint8Array() : new Uint8Array(await file.arrayBuffer());
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

export async function startSlackDouble(options: SlackDoubleOptions = {}): Promise<SlackDouble> {
  const world = createWorld(options);
  const failures: Failures = new Map();
  const door = createSocketDoor(world, options.ackTimeoutMs ?? 3000);
  const delivery = createDelivery(world, door, {
    ackTimeoutMs: options.ackTimeoutMs ?? 3000,
    retryDelaysMs: options.retryDelaysMs ?? [20, 100, 500],
  });
  const subscriptions = new Set(options.subscriptions ?? SUBSCRIPTIONS);
  const people = createEventPeople(world, delivery, subscriptions);
  const own: Record<string, Method> = {
    'apps.connections.open': { scope: null, args: '', token: 'app', run: () => ({ url: door.issue() }) },
  };
  const answer = createDoors(world, failures, own);
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.on('upgrade', (request, socket, head) => door.upgrade(request, socket, head));
  const port = await listen(server, 0);
  world.baseUrl = `http://127.0.0.1:${port}`;
  world.emit = (event: Fields) => {
    const channel = world.channels.get(String(event['channel']));
    const family = channel?.kind === 'im' ? 'im' : channel?.kind === 'private' ? 'groups' : 'channels';
    if (delivery.isOpen() && channel?.isMember === true && subscriptions.has(`message.${family}`)) void people.sendEvent(event);
  };

  const script = (method: string, failure: Failure, times: number): void => {
    failures.set(method, [...(failures.get(method) ?? []), ...Array.from({ length: times }, () => failure)]);
  };
  const { botToken, appToken, signingSecret, teamId, botUserId, botId, journal, faults } = world;
  const messages = (channel: string, thread?: string): SlackMessage[] =>
    world.messages.filter((each) => each.channel === channel && !each.deleted && (thread === undefined || each.threadTs === thread));
  const view = (user: string, type: SlackView['type']): SlackView | undefined =>
    world.views.findLast((each) => each.open && each.user === user && each.type === type);

  return {
    ...{ apiUrl: `${world.baseUrl}/api/`, botToken, appToken, signingSecret, teamId, botUserId, botId, journal, faults },
    ...people,
    ...createClickPeople(world, delivery),
    messages,
    posted: (channel, thread) => messages(channel, thread).filter((each) => each.byApp),
    find: (channel, ts) => world.messages.find((each) => each.channel === channel && each.ts === ts),
    calls: (method) => journal.filter((each) => each.method === method),
    modal: (user) => view(user, 'modal'),
    home: (user) => view(user, 'home'),
    upload: (fileId) => world.uploads.get(fileId),
    expireStream(channel, ts) {
      for (const each of world.messages) if (each.channel === channel && each.ts === ts) each.stream = 'expired';
    },
    grant: (...scopes) => scopes.forEach((each) => void world.scopes.add(each)),
    revoke: (...scopes) => scopes.forEach((each) => void world.scopes.delete(each)),
    deliverTo: (url, secret) => delivery.deliverTo(url, secret ?? signingSecret),
    verifyUrl: (challenge) =>
      delivery.send({ kind: 'events_api', payload: { token: 'verification-double', challenge, type: 'url_verification' } }),
    limitNext: (method, seconds, times = 1) => script(method, { retryAfter: seconds }, times),
    failNext: (method, failure, times = 1) => script(method, failure, times),
    sockets: () => door.count(),
    refreshSockets: (reason = 'refresh_requested') => door.refresh(reason),
    cutSockets: () => door.cut(),
    stop: () => close(server, door.cut, delivery.cancel),
    restart: async () => void (await listen(server, port)),
  };
}

async function close(server: Server, ...ends: (() => void)[]): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    for (const end of ends) end();
    server.closeAllConnections();
  });
}
