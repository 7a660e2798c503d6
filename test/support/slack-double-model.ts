// What Slack's double remembers: channels, people, messages, views, and every request and fault. It lives on through an outage.
// Everything is kept as plain values that a test may look into; only the double itself writes them.
export type Fields = Record<string, unknown>;

export interface SlackMessage {
  channel: string;
  ts: string;
  threadTs: string | null;
  /** Who wrote it: a person's id, or the bot's user id. */
  user: string;
  byApp: boolean;
  text: string;
  blocks: Fields[];
  metadata: Fields | null;
  /** How often it was changed after it was posted, a stream's growing included. */
  edits: number;
  deleted: boolean;
  /** The one person who sees it; null: everybody. */
  ephemeralTo: string | null;
  /** Notifications the app's words set off, in any of its versions, like `<!channel>` and `<@U1>`; empty for people's messages. */
  pings: string[];
  /** What the app said about link previews; null: nothing, so Slack would show them. */
  unfurl: { links: boolean | null; media: boolean | null };
  stream: 'open' | 'done' | 'expired' | null;
  /** When the stream began and when it last grew, in milliseconds since the epoch. */
  streamed: { since: number; last: number } | null;
  reactions: string[];
  files: string[];
  /** The Web API method, or `response_url`, `ack`, `person`. */
  via: string;
}

export interface SlackChannel {
  id: string;
  name: string;
  kind: 'public' | 'private' | 'im';
  isArchived: boolean;
  /** Whether the bot is in it. */
  isMember: boolean;
  /** The person of a direct-message channel. */
  person: string | null;
}

export interface SlackView {
  id: string;
  user: string;
  type: 'modal' | 'home';
  callbackId: string;
  privateMetadata: string;
  blocks: Fields[];
  /** The view as the app sent it, with the ids that Slack adds. */
  raw: Fields;
  /** False once it was submitted, closed or replaced. */
  open: boolean;
}

export interface ApiCall {
  method: string;
  args: Fields;
  /** Milliseconds since the epoch. */
  at: number;
  token: 'bot' | 'app' | 'none' | 'bad';
  /** What was answered; null: the connection was cut. */
  response: Fields | null;
  status: number;
}

/** Something a real Slack would have refused or warned about. Failures a test asked for are no faults. */
export interface Fault {
  kind: 'refused' | 'warned';
  where: string;
  error: string;
  detail: string;
  at: number;
}

export interface ReplyAddress {
  channel: string;
  user: string;
  threadTs: string | null;
  /** The message whose button was clicked. */
  source: SlackMessage | null;
  uses: number;
  until: number;
}

export interface World {
  teamId: string;
  appId: string;
  botUserId: string;
  botId: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  scopes: Set<string>;
  /** Whether more than one message a second to a channel is refused. */
  limitsChannels: boolean;
  /** Whether an unknown user id is somebody (true) or `user_not_found`. */
  users: Set<string> | null;
  baseUrl: string;
  channels: Map<string, SlackChannel>;
  messages: SlackMessage[];
  views: SlackView[];
  triggers: Map<string, { user: string; until: number; used: boolean }>;
  replyAddresses: Map<string, ReplyAddress>;
  uploads: Map<string, { filename: string; length: number; bytes: Uint8Array | null }>;
  journal: ApiCall[];
  faults: Fault[];
  now(): number;
  nextTs(): string;
  nextId(prefix: string): string;
  /** An event Slack would send by itself, like the echo of the app's own message. */
  emit(event: Fields): void;
}

/** Slack's `{ok: false}`. */
export class Refusal extends Error {
  readonly error: string;
  readonly extra: Fields;
  constructor(error: string, extra: Fields = {}) {
    super(error);
    this.error = error;
    this.extra = extra;
  }
}

export function text(args: Fields, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function flag(args: Fields, name: string): boolean | null {
  const value = args[name];
  return typeof value === 'boolean' ? value : null;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export function addFault(world: World, kind: Fault['kind'], where: string, error: string, detail = ''): void {
  world.faults.push({ kind, where, error, detail, at: world.now() });
}

/** A direct-message channel between the bot and a person; always the same one. */
export function openDirect(world: World, person: string): SlackChannel {
  if (world.users !== null && !world.users.has(person)) throw new Refusal('user_not_found');
  const id = `D${person.slice(1)}`;
  const known = world.channels.get(id);
  if (known !== undefined) return known;
  const channel: SlackChannel = { id, name: 'directmessage', kind: 'im', isArchived: false, isMember: true, person };
  world.channels.set(id, channel);
  return channel;
}

export function findChannel(world: World, id: string): SlackChannel {
  const channel = /^[UW]/.test(id) ? openDirect(world, id) : world.channels.get(id);
  if (channel === undefined || (channel.kind === 'private' && !channel.isMember)) throw new Refusal('channel_not_found');
  return channel;
}

/** A channel the app may write to. */
export function findWritable(world: World, id: string): SlackChannel {
  const channel = findChannel(world, id);
  if (channel.isArchived) throw new Refusal('is_archived');
  const isOpen = channel.kind === 'public' && world.scopes.has('chat:write.public');
  if (!channel.isMember && !isOpen) throw new Refusal('not_in_channel');
  return channel;
}

/** @returns a message people can see for good: not deleted, not ephemeral. */
export function findMessage(world: World, channel: string, ts: string): SlackMessage | undefined {
  return world.messages.find((each) => each.channel === channel && each.ts === ts && !each.deleted && each.ephemeralTo === null);
}

/** @returns the thread's first message. @throws Refusal `thread_not_found`, also when somebody deleted it. */
export function findThread(world: World, channel: string, args: Fields): string | null {
  const ts = text(args, 'thread_ts');
  if (ts === '') return null;
  const parent = findMessage(world, channel, ts);
  if (parent === undefined) throw new Refusal('thread_not_found');
  return parent.threadTs ?? parent.ts;
}

export interface Method {
  /** What must be granted; `*:` stands for channels, groups or im, by the kind of the channel. Null: any token will do. */
  scope: string | null;
  /** The arguments it knows, besides `token` and `team_id`. */
  args: string;
  token?: 'app';
  run(world: World, args: Fields): Fields;
}
