// HTTP mode: signed requests to /slack/events, each once, answered within Slack's three seconds.
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { hearOnce } from '../../chat/heard-store.ts';
import { type Secret, splitSecret } from '../../core/secret.ts';
import type { Deps } from '../../flows/deps.ts';
import { verifySignature } from './signature.ts';

/** Slack gives up after three seconds. */
const ANSWER_MS = 2_700;
const MAX_BODY_BYTES = 1_000_000;

type Body = Record<string, unknown>;

export class HttpDoor implements Receiver {
  readonly #deps: Deps;
  /** The new and the old one while it is changed. */
  readonly #secrets: readonly string[];
  #app: App | null = null;
  #open = false;

  /** @throws Error for an empty secret. */
  constructor(deps: Deps, secret: Secret) {
    this.#secrets = splitSecret(secret);
    if (this.#secrets.length === 0) throw new Error('SLACK_SIGNING_SECRET is empty: anybody could sign requests.');
    this.#deps = deps;
  }

  init(app: App): void {
    this.#app = app;
  }

  async start(): Promise<void> {
    this.open();
  }

  /** From now on events are taken in. */
  open(): void {
    this.#open = true;
  }

  async stop(): Promise<void> {
    this.#open = false;
  }

  async handle(request: Request): Promise<Response> {
    if (request.method !== 'POST') return reply(405);
    const rawBody = await readBody(request);
    if (rawBody === null) return reply(413);
    const body = parseBody(rawBody, request.headers.get('content-type') ?? '');
    // Slack's certificate check is not signed; it is answered with nothing and reaches nothing.
    if (body !== null && isFlag(body['ssl_check'])) return reply(200);
    const timestamp = request.headers.get('x-slack-request-timestamp');
    const signed = { rawBody, timestamp, signature: request.headers.get('x-slack-signature') };
    const now = this.#deps.clock.now();
    const signature = this.#secrets.map((secret) => verifySignature(secret, signed, now)).find((right) => right !== null) ?? null;
    if (signature === null) return reply(401);
    if (body === null) return reply(400);
    if (body['type'] === 'url_verification') return Response.json({ challenge: String(body['challenge'] ?? '') });
    // Not ready: Slack sends events again; a click shows its sender an error.
    if (!this.#open || this.#app === null) return reply(503);
    if (!(await hearOnce(this.#deps.db, 'slack', `signature:${signature}`))) return reply(200);
    return this.#process(this.#app, body, request.headers);
  }

  #process(app: App, body: Body, headers: Headers): Promise<Response> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(reply(503)), ANSWER_MS);
      const answer = (response: Response): void => {
        clearTimeout(late);
        resolve(response);
      };
      const retryNum = Number(headers.get('x-slack-retry-num') ?? Number.NaN);
      const retryReason = headers.get('x-slack-retry-reason');
      const event: ReceiverEvent = {
        body,
        ack: async (content?: unknown) => answer(toResponse(content)),
        ...(Number.isInteger(retryNum) ? { retryNum } : {}),
        ...(retryReason === null ? {} : { retryReason }),
      };
      app.processEvent(event).then(
        // Nothing here listens to it: that is no reason for Slack to send it again.
        () => answer(reply(200)),
        (error: unknown) => {
          this.#deps.log.error({ err: error }, 'a request of Slack broke');
          answer(reply(500));
        },
      );
    });
  }
}

const reply = (status: number): Response => new Response(null, { status });

function toResponse(content: unknown): Response {
  if (content === undefined || content === '') return reply(200);
  return typeof content === 'string' ? new Response(content) : Response.json(content);
}

const isFlag = (value: unknown): boolean => value === '1' || value === 'true';

async function readBody(request: Request): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Events are JSON; clicks are JSON in a form's `payload`; commands are a form. Null for anything else. */
function parseBody(rawBody: Uint8Array, contentType: string): Body | null {
  const text = Buffer.from(rawBody).toString('utf8');
  if (contentType.startsWith('application/json')) return parseObject(text);
  if (!contentType.startsWith('application/x-www-form-urlencoded')) return null;
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  if (form.has('ssl_check') || payload === null) return Object.fromEntries(form);
  return parseObject(payload);
}

function parseObject(text: string): Body | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : null;
  } catch {
    return null;
  }
}
