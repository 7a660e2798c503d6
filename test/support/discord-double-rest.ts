// The HTTP side: finds the endpoint, checks the token, holds the rate limits, plays scripted failures, keeps the journal.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { commandEndpoints } from './discord-double-commands.ts';
import { type Answer, type Endpoint, readBody } from './discord-double-endpoint.ts';
import { ApiError, refuse } from './discord-double-errors.ts';
import { callbackEndpoints } from './discord-double-interactions.ts';
import { RateLimits } from './discord-double-limits.ts';
import { messageEndpoints } from './discord-double-messages.ts';
import type { RestRequest, World } from './discord-double-model.ts';
import { placeEndpoints } from './discord-double-places.ts';
import { webhookEndpoints } from './discord-double-webhooks.ts';

export type Failure =
  /** Answered with this status, nothing happens. */
  | { status: number; times?: number }
  /** `effect`: it happens, then the connection is cut; `nothing`: cut before it happens. */
  | { drop: 'effect' | 'nothing'; times?: number };

const ENDPOINTS: readonly Endpoint[] = [
  ...placeEndpoints,
  ...messageEndpoints,
  ...commandEndpoints,
  ...callbackEndpoints,
  ...webhookEndpoints,
];

interface Match {
  endpoint: Endpoint;
  route: string;
  params: Record<string, string>;
}

function matchPath(pattern: string, steps: readonly string[]): Record<string, string> | null {
  const wanted = pattern.split('/');
  if (wanted.length !== steps.length) return null;
  const params: Record<string, string> = {};
  for (const [index, want] of wanted.entries()) {
    const step = steps[index] ?? '';
    if (want.startsWith(':')) params[want.slice(1)] = step;
    else if (want !== step) return null;
  }
  return params;
}

function findEndpoint(method: string, path: string): Match | null {
  const steps = path.split('/').map(decodeURIComponent);
  for (const endpoint of ENDPOINTS) {
    const params = endpoint.method === method ? matchPath(endpoint.path, steps) : null;
    if (params) return { endpoint, route: `${method} ${endpoint.path}`, params };
  }
  return null;
}

function send(response: ServerResponse, { status, body }: Answer, headers: Record<string, string>): void {
  // A 204 with a content type makes discord.js read a body that is not there.
  if (body === undefined) response.writeHead(status, headers).end();
  else response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export class Rest {
  readonly #world: World;
  readonly #limits: RateLimits;
  readonly #failures = new Map<string, Failure[]>();

  constructor(world: World) {
    this.#world = world;
    this.#limits = new RateLimits(world);
  }

  /** @throws Error for a route the double does not have: a script that never plays would prove nothing */
  #demandRoute(route: string): void {
    if (!ENDPOINTS.some((endpoint) => `${endpoint.method} ${endpoint.path}` === route))
      throw new Error(`The double has no route ${route}.`);
  }

  failNext(route: string, failure: Failure): void {
    this.#demandRoute(route);
    const listed = this.#failures.get(route) ?? [];
    for (let n = 0; n < (failure.times ?? 1); n += 1) listed.push(failure);
    this.#failures.set(route, listed);
  }

  limitNext(route: string, seconds: number, global: boolean): void {
    this.#demandRoute(route);
    this.#limits.limitNext(route, seconds, global);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://double');
    const path = url.pathname.replace(/^\/api(?:\/v\d+)?/, '');
    const match = findEndpoint(request.method ?? 'GET', path);
    const note: RestRequest = {
      route: match?.route ?? `${request.method} ${path}`,
      path,
      body: null,
      files: [],
      at: Date.now(),
      status: 0,
      code: null,
    };
    this.#world.journal.requests.push(note);
    const failure = this.#failures.get(note.route)?.shift();
    if (failure && 'drop' in failure && failure.drop === 'nothing') {
      response.destroy();
      return;
    }
    const headers: Record<string, string> = {};
    const answer = await this.#work(request, url, match, note, failure, headers);
    note.status = answer.status;
    if (failure && 'drop' in failure) response.destroy();
    else send(response, answer, headers);
  }

  async #work(
    request: IncomingMessage,
    url: URL,
    match: Match | null,
    note: RestRequest,
    failure: Failure | undefined,
    headers: Record<string, string>,
  ): Promise<Answer> {
    try {
      const { whole, body, uploads } = await readBody(request);
      note.body = whole;
      note.files = uploads.map((upload) => ({ name: upload.name, size: upload.bytes.length }));
      if (!match) {
        this.#world.journal.faults.push(`no such route: ${note.route}`);
        throw refuse('noRoute');
      }
      if (failure && 'status' in failure) return { status: failure.status, body: { code: 0, message: `${failure.status}: scripted` } };
      if (!match.endpoint.open && request.headers.authorization !== `Bot ${this.#world.token}`) throw refuse('unauthorized');
      const limited = this.#limits.take(match.route, match.params, match.endpoint.open === true, headers);
      if (limited) return limited;
      return match.endpoint.run(this.#world, { params: match.params, query: url.searchParams, whole, body, uploads });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      note.code = error.code;
      if (error.code === 50035) this.#world.journal.faults.push(`${note.route}: refused form ${JSON.stringify(error.errors)}`);
      const errors = error.errors === null ? {} : { errors: error.errors };
      return { status: error.status, body: { message: error.message, code: error.code, ...errors } };
    }
  }
}
