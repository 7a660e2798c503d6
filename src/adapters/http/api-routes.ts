// The JSON API: commands, free text, messages. Every request is authenticated by itself; errors are JSON.
import type { Context, Hono } from 'hono';
import type { Answer } from '../../chat/answer.ts';
import type { Caller } from '../../chat/command.ts';
import type { Channel } from '../../db/tables/states.ts';
import { createRef, type ErrorStatus, toBody, toError, toStatus } from './api-error.ts';
import { API_BODY_BYTES, parseObject, readBody, tooLarge } from './body.ts';
import { describeMenu } from './menu.ts';
import { findGoalState, listMessages, type PostedMessage } from './message-store.ts';
import type { HttpParts } from './parts.ts';
import type { SignIn, Visitor } from './sign-in.ts';

const PAGE = 200;
const ASK_TOKEN = 'Send Authorization: Bearer TOKEN (the local one is in the data directory, file "token").';
export const CHANNELS: readonly Channel[] = ['goals', 'approvals', 'experiments', 'revenue'];

/** The public shape of a message. `version` and `change` grow with every edit. */
export function toJson(message: PostedMessage) {
  const { id, channel, goalId, version, change, at, editedAt, card } = message;
  return { id, channel, thread: goalId, at, editedAt, version, change, card };
}

/** A whole number ≥ 0 from the query; null when absent, NaN when it is something else. */
export function readCount(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

export function isChannel(text: string | undefined): text is Channel {
  return CHANNELS.some((channel) => channel === text);
}

export function refuse(c: Context, status: ErrorStatus, code: string, message: string): Response {
  return c.json(toError(code, message), status);
}

export async function requireViewer(c: Context, signIn: SignIn): Promise<Visitor | Response> {
  const visitor = await signIn.identify(c);
  if (visitor === null) return refuse(c, 401, 'unauthorized', ASK_TOKEN);
  if (!visitor.person.roles.has('viewer'))
    return refuse(c, 403, 'not_allowed', `${visitor.person.platformId} has no role here. An owner can give one with: team`);
  return visitor;
}

/** Authenticate, bound, parse. The order matters: nothing is read of a stranger's body. */
async function readRequest(c: Context, signIn: SignIn): Promise<{ visitor: Visitor; body: Record<string, unknown> } | Response> {
  const visitor = await signIn.identify(c);
  if (visitor === null) return refuse(c, 401, 'unauthorized', ASK_TOKEN);
  if (!signIn.isOwnPost(c, visitor, c.req.header('x-csrf-token'))) {
    return refuse(c, 403, 'not_allowed', 'This request came from another page. Reload the console and try again.');
  }
  const raw = await readBody(c, API_BODY_BYTES);
  if (raw === null) return refuse(c, 413, 'too_large', tooLarge(API_BODY_BYTES));
  try {
    return { visitor, body: raw.length === 0 ? {} : parseObject(raw) };
  } catch {
    return refuse(c, 400, 'invalid_input', 'The body must be a JSON object in UTF-8.');
  }
}

export function addApiRoutes(app: Hono, parts: HttpParts, signIn: SignIn): void {
  const menu = describeMenu(parts.commands);

  async function answer(c: Context, run: (body: Record<string, unknown>, caller: Caller) => Promise<Answer | string>): Promise<Response> {
    const request = await readRequest(c, signIn);
    if (request instanceof Response) return request;
    const { body, visitor } = request;
    const goalId = Number.isSafeInteger(body['goalId']) ? Number(body['goalId']) : null;
    const result = await run(body, { ...visitor.person, surface: visitor.surface, goalId });
    if (typeof result === 'string') return refuse(c, 400, 'invalid_input', result);
    if (result.ok) return c.json(toBody(result));
    const failed = { ...result, ref: result.ref ?? createRef() };
    parts.log.info({ ref: failed.ref, code: failed.code, path: c.req.path, who: visitor.person.platformId }, 'request refused');
    return c.json(toBody(failed), toStatus(failed));
  }

  app.get('/api/commands', async (c) => {
    const visitor = await requireViewer(c, signIn);
    return visitor instanceof Response ? visitor : c.json({ commands: menu });
  });

  app.post('/api/commands/:name', (c) =>
    answer(c, async (body, caller) => {
      const input = body['input'] ?? {};
      if (typeof input !== 'object' || Array.isArray(input)) return 'The body is {"input":{…}}: "input" must be an object.';
      return await parts.dispatch({ name: c.req.param('name'), input: input as Record<string, unknown>, caller });
    }),
  );

  app.post('/api/text', (c) =>
    answer(c, async (body, caller) => {
      const text = body['text'];
      if (typeof text !== 'string' || text.trim() === '') return 'The body is {"text":"…"}: "text" must be some words.';
      return await parts.hear({ text, caller });
    }),
  );

  app.get('/api/messages', async (c) => {
    const visitor = await requireViewer(c, signIn);
    if (visitor instanceof Response) return visitor;
    const { channel, after, thread } = c.req.query();
    if (channel !== undefined && !isChannel(channel)) return refuse(c, 400, 'invalid_input', `channel: one of ${CHANNELS.join(', ')}`);
    const from = readCount(after) ?? 0;
    const goalId = readCount(thread);
    if (Number.isNaN(from) || Number.isNaN(goalId)) return refuse(c, 400, 'invalid_input', 'after and thread: whole numbers');
    const query = { after: from, limit: PAGE, ...(channel === undefined ? {} : { channel }), ...(goalId === null ? {} : { goalId }) };
    return c.json((await listMessages(parts.db, query)).map(toJson));
  });

  app.get('/api/goals/:id', async (c) => {
    const visitor = await requireViewer(c, signIn);
    if (visitor instanceof Response) return visitor;
    const wanted = c.req.param('id');
    const id = wanted === 'newest' ? null : readCount(wanted);
    if (Number.isNaN(id)) return refuse(c, 400, 'invalid_input', 'A goal is named by its number.');
    const goal = await findGoalState(parts.db, id);
    return goal === null ? refuse(c, 404, 'not_found', id === null ? 'There is no goal yet.' : `There is no goal ${id}.`) : c.json(goal);
  });
}
