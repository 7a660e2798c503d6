// What the local Discord double knows: its people, channels, messages, interactions and its journal. No network here.
import type { WebSocket } from 'ws';

export type Json = Record<string, unknown>;

export interface Person {
  id: string;
  name: string;
  bot: boolean;
  inGuild: boolean;
  /** Guild-wide permissions beside those of @everyone. */
  permissions: bigint;
  /** Opening a direct channel works, writing into it answers 50007. */
  refusesDirect: boolean;
}

export interface Place {
  id: string;
  /** 0 text channel, 1 direct messages, 11 public thread. */
  type: 0 | 1 | 11;
  name: string;
  guildId: string | null;
  parentId: string | null;
  /** The other side of a direct channel. */
  recipientId: string | null;
  /** What the bot may not do here: a permission overwrite for its own member. */
  denied: bigint;
  archived: boolean;
  locked: boolean;
}

export interface PostedFile {
  id: string;
  name: string;
  size: number;
  type: string;
  description: string | null;
  bytes: Buffer;
}

export interface PostedButton {
  label: string;
  /** Null for a link. */
  customId: string | null;
  style: number;
  disabled: boolean;
}

export interface PostedMessage {
  id: string;
  channelId: string;
  authorId: string;
  content: string;
  embeds: Json[];
  components: Json[];
  files: PostedFile[];
  flags: number;
  nonce: string | number | null;
  replyTo: string | null;
  /** Users named in it and notified by it. */
  mentions: string[];
  /** Who would have been pinged: user ids, `role:ID`, `everyone`. Mentions inside code count too: stricter than Discord. */
  pings: string[];
  edits: number;
  editedAt: number | null;
  deleted: boolean;
  /** The only person who sees it. */
  ephemeralTo: string | null;
  interactionId: string | null;
  threadId: string | null;
  at: number;
  /** Everything readable: content, text displays, embeds, one line each. */
  text: string;
  buttons: PostedButton[];
}

export interface ShownModal {
  customId: string;
  title: string;
  components: Json[];
}

export type AckKind = 'message' | 'thinking' | 'deferred-update' | 'update' | 'choices' | 'modal';

export interface RaisedInteraction {
  id: string;
  token: string;
  /** 2 command, 3 component, 4 autocomplete, 5 modal submission. */
  type: 2 | 3 | 4 | 5;
  data: Json;
  userId: string;
  channelId: string;
  /** The message whose button was clicked, also when a modal came between. */
  messageId: string | null;
  at: number;
  /** Milliseconds from the event to its acknowledgement; null while there is none. */
  ackMs: number | null;
  ack: AckKind | null;
  /** The first answer: the reply, or for an update the clicked message. */
  originalId: string | null;
  followUps: string[];
  modal: ShownModal | null;
  choices: { name: string; value: string | number }[];
  waiters: (() => void)[];
}

export interface RestRequest {
  /** Like `POST /channels/:channel/messages`. */
  route: string;
  path: string;
  body: unknown;
  files: { name: string; size: number }[];
  at: number;
  status: number;
  /** Discord's error code, when the answer was one. */
  code: number | null;
}

export interface GatewayNote {
  kind: 'identify' | 'resume' | 'closed' | 'heartbeat';
  at: number;
  intents: number | null;
  /** The close code, seen or sent. */
  code: number | null;
}

export interface Journal {
  requests: RestRequest[];
  messages: PostedMessage[];
  interactions: RaisedInteraction[];
  gateway: GatewayNote[];
  /** What a correct bot would not have done: unknown fields and routes, refused forms, late or double acknowledgements. */
  faults: string[];
}

export interface Session {
  id: string;
  intents: number;
  sequence: number;
  sent: { s: number; frame: string }[];
  socket: WebSocket | null;
}

export interface Rule {
  limit: number;
  perSeconds: number;
}

export interface World {
  token: string;
  applicationId: string;
  guildId: string;
  bot: Person;
  /** The managed role that holds the bot's own permissions. */
  botRoleId: string;
  /** Privileged intents switched on in the developer portal. */
  enabledIntents: number;
  answerWithinMs: number;
  tokenLifeMs: number;
  heartbeatMs: number;
  buckets: Record<string, Rule>;
  port: number;
  people: Map<string, Person>;
  places: Map<string, Place>;
  messages: Map<string, PostedMessage>;
  /** By guild id, or `global`. */
  commands: Map<string, Json[]>;
  /** By token. */
  interactions: Map<string, RaisedInteraction>;
  interactionsById: Map<string, RaisedInteraction>;
  sessions: Map<string, Session>;
  journal: Journal;
}

let last = 0n;

/** A snowflake of this moment: libraries compute a creation time from it. */
export function nextId(): string {
  const now = BigInt(Date.now() - 1_420_070_400_000) << 22n;
  last = now > last ? now : last + 1n;
  return String(last);
}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readRecords(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function readString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Wakes whoever waits for this interaction to change. */
export function wake(interaction: RaisedInteraction): void {
  for (const waiter of interaction.waiters.splice(0)) waiter();
}
