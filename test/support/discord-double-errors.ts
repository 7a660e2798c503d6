// Errors as Discord answers them, and the collector behind its nested form errors (50035).
import { isRecord, type Json, type World } from './discord-double-model.ts';

export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: Json | null;

  constructor(status: number, code: number, message: string, errors: Json | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

const known = {
  unauthorized: [401, 0, '401: Unauthorized'],
  noRoute: [404, 0, '404: Not Found'],
  unknownChannel: [404, 10003, 'Unknown Channel'],
  unknownGuild: [404, 10004, 'Unknown Guild'],
  unknownMember: [404, 10007, 'Unknown Member'],
  unknownMessage: [404, 10008, 'Unknown Message'],
  unknownUser: [404, 10013, 'Unknown User'],
  unknownWebhook: [404, 10015, 'Unknown Webhook'],
  unknownInteraction: [404, 10062, 'Unknown interaction'],
  tooLarge: [413, 40005, 'Request entity too large'],
  alreadyAcknowledged: [400, 40060, 'Interaction has already been acknowledged.'],
  missingAccess: [403, 50001, 'Missing Access'],
  notYours: [403, 50005, 'Cannot edit a message authored by another user'],
  emptyMessage: [400, 50006, 'Cannot send an empty message'],
  refusesDirect: [403, 50007, 'Cannot send messages to this user'],
  missingPermissions: [403, 50013, 'Missing Permissions'],
  invalidWebhookToken: [401, 50027, 'Invalid Webhook Token'],
  invalidRecipient: [400, 50033, 'Invalid Recipient(s)'],
  archivedThread: [400, 50083, 'Thread is archived'],
  invalidJson: [400, 50109, 'The request body contains invalid JSON.'],
  threadExists: [400, 160004, 'A thread has already been created for this message'],
} as const satisfies Record<string, readonly [number, number, string]>;

export function refuse(name: keyof typeof known): ApiError {
  const [status, code, message] = known[name];
  return new ApiError(status, code, message);
}

export type Path = readonly (string | number)[];

export class FormErrors {
  readonly #tree: Json = {};
  #count = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  report(path: Path, code: string, message: string): void {
    let node = this.#tree;
    for (const step of path) {
      const next = node[String(step)];
      const child: Json = isRecord(next) ? next : {};
      node[String(step)] = child;
      node = child;
    }
    const errors = Array.isArray(node['_errors']) ? node['_errors'] : [];
    node['_errors'] = [...errors, { code, message }];
    this.#count += 1;
  }

  /** A text of `min` to `max` characters. */
  length(path: Path, value: unknown, min: number, max: number): void {
    if (typeof value !== 'string') this.report(path, 'BASE_TYPE_REQUIRED', 'This field is required');
    else if (value.length < min || value.length > max)
      this.report(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
  }

  /** The same, but the field may be left out. */
  optionalLength(path: Path, value: unknown, min: number, max: number): void {
    if (value !== undefined && value !== null) this.length(path, value, min, max);
  }

  /** A list of `min` to `max` objects; anything else counts as empty. */
  list(path: Path, value: unknown, min: number, max: number): Json[] {
    if (value !== undefined && value !== null && (!Array.isArray(value) || !value.every(isRecord)))
      this.report(path, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
    const items = Array.isArray(value) ? value.filter(isRecord) : [];
    if (items.length < min || items.length > max) this.report(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
    return items;
  }

  /** Discord ignores fields it does not know; a bot that sends them is mistaken, so they go to the journal. */
  known(where: string, body: Json, allowed: readonly string[]): void {
    for (const field of Object.keys(body))
      if (body[field] !== undefined && !allowed.includes(field)) this.fault(`${where}: unknown field ${field}`);
  }

  fault(sentence: string): void {
    this.#world.journal.faults.push(sentence);
  }

  end(): void {
    if (this.#count > 0) throw new ApiError(400, 50035, 'Invalid Form Body', this.#tree);
  }
}
