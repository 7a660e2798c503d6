// How a Web API request is received by Slack's double: bodies, tokens, scopes, unknown arguments, rates, and scripted failures.
// What a method then does is in slack-double-chat.ts, -conversations.ts and -surfaces.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { chatMethods } from './slack-double-chat.ts';
import { conversationMethods } from './slack-double-conversations.ts';
import { type ApiCall, addFault, type Fields, type Method, Refusal, text, type World } from './slack-double-model.ts';
import { surfaceMethods } from './slack-double-surfaces.ts';

export type Failure =
  /** An HTTP status other than 200, before anything happened. */
  | { status: number }
  /** Slack's `{ok: false, error}`, before anything happened. */
  | { error: string }
  /** The effect happens, but the answer never arrives. */
  | { drop: true }
  /** The effect happens at once, the answer comes later. */
  | { delayMs: number }
  | { retryAfter: number };

/** What the test asked to go wrong, by method, first come first served. */
export type Failures = Map<string, Failure[]>;

const methods: Record<string, Method> = { ...chatMethods, ...conversationMethods, ...surfaceMethods };
const JSON_ARGS = new Set('blocks metadata view chunks files attachments prompts loading_messages file_ids'.split(' '));
const FLAGS = new Set(
  `unfurl_links unfurl_media mrkdwn include_all_metadata inclusive return_im prevent_creation exclude_archived link_names as_user
   reply_broadcast include_locale include_num_members`.split(/\s+/),
);

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parseValue(name: string, value: string): unknown {
  if (FLAGS.has(name)) return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value;
  if (!JSON_ARGS.has(name)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** @throws Refusal `invalid_json`, `invalid_post_type` */
function parseArgs(request: IncomingMessage, body: string): Fields {
  const type = request.headers['content-type'] ?? '';
  const query = new URL(request.url ?? '/', 'http://double').searchParams;
  const fromQuery = Object.fromEntries([...query].map(([name, value]) => [name, parseValue(name, value)]));
  if (body === '') return fromQuery;
  if (type.startsWith('application/json')) {
    try {
      return { ...fromQuery, ...(JSON.parse(body) as Fields) };
    } catch {
      throw new Refusal('invalid_json');
    }
  }
  if (!type.startsWith('application/x-www-form-urlencoded')) throw new Refusal('invalid_post_type');
  return { ...fromQuery, ...Object.fromEntries([...new URLSearchParams(body)].map(([name, value]) => [name, parseValue(name, value)])) };
}

function readToken(world: World, request: IncomingMessage, args: Fields): ApiCall['token'] {
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '') || text(args, 'token');
  delete args['token'];
  if (token === '') return 'none';
  return token === world.botToken ? 'bot' : token === world.appToken ? 'app' : 'bad';
}

function checkToken(method: Method, token: ApiCall['token']): void {
  if (token === 'none') throw new Refusal('not_authed');
  if (token === 'bad') throw new Refusal('invalid_auth');
  if (token !== (method.token ?? 'bot')) throw new Refusal('not_allowed_token_type');
}

function checkScope(world: World, method: Method, args: Fields): void {
  if (method.scope === null) return;
  const kind = world.channels.get(text(args, 'channel'))?.kind;
  const family = kind === 'private' ? 'groups' : kind === 'im' ? 'im' : 'channels';
  const needed = method.scope.replace('*', family);
  if (!world.scopes.has(needed)) throw new Refusal('missing_scope', { needed, provided: [...world.scopes].join(',') });
}

function checkArgs(world: World, name: string, method: Method, args: Fields): void {
  const known = new Set([...method.args.split(' '), 'team_id']);
  for (const each of Object.keys(args)) if (!known.has(each)) addFault(world, 'warned', name, 'unknown_argument', each);
  for (const each of Object.keys(args))
    if (FLAGS.has(each) && typeof args[each] !== 'boolean') addFault(world, 'warned', name, 'not_a_boolean', each);
}

/** One message a second to a channel. */
function checkRate(world: World, name: string, args: Fields, now: number): void {
  if (!world.limitsChannels || name !== 'chat.postMessage') return;
  const last = world.journal.findLast(
    (each) => each.method === name && each.response?.['ok'] !== false && each.args['channel'] === args['channel'] && each.status === 200,
  );
  if (last !== undefined && now - last.at < 1000) throw new Refusal('ratelimited', { retryAfter: 1 });
}

function run(world: World, name: string, method: Method | undefined, request: IncomingMessage, body: string, call: ApiCall): Fields {
  call.args = parseArgs(request, body);
  call.token = readToken(world, request, call.args);
  if (method === undefined) throw new Refusal('unknown_method', { req_method: name });
  checkToken(method, call.token);
  checkScope(world, method, call.args);
  checkArgs(world, name, method, call.args);
  checkRate(world, name, call.args, call.at);
  return { ok: true, ...method.run(world, call.args) };
}

function refuse(world: World, name: string, error: unknown): Fields {
  if (!(error instanceof Refusal)) throw error;
  addFault(world, 'refused', name, error.error, JSON.stringify(error.extra));
  return { ok: false, error: error.error, ...error.extra };
}

function send(response: ServerResponse, world: World, call: ApiCall, answer: Fields, status: number): void {
  call.response = answer;
  call.status = status;
  const { retryAfter, ...body } = answer;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-oauth-scopes': [...world.scopes].join(','),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  response.end(JSON.stringify(body));
}

/** Answers one request to `/api/METHOD`. `own` are the methods that need the double's own doors. */
export async function answerApi(options: {
  world: World;
  failures: Failures;
  own: Record<string, Method>;
  name: string;
  request: IncomingMessage;
  response: ServerResponse;
}): Promise<void> {
  const { world, name, request, response } = options;
  const body = (await readBody(request)).toString('utf8');
  const failure = options.failures.get(name)?.shift();
  const call: ApiCall = { method: name, args: {}, at: world.now(), token: 'none', response: null, status: 0 };
  if (failure !== undefined && ('status' in failure || 'error' in failure || 'retryAfter' in failure)) {
    call.args = parseArgs(request, body);
    call.token = readToken(world, request, call.args);
    world.journal.push(call);
    if ('retryAfter' in failure)
      return send(response, world, call, { ok: false, error: 'ratelimited', retryAfter: failure.retryAfter }, 429);
    if ('status' in failure) return send(response, world, call, { ok: false, error: 'internal_error' }, failure.status);
    return send(response, world, call, { ok: false, error: failure.error }, 200);
  }
  let answer: Fields;
  try {
    answer = run(world, name, options.own[name] ?? methods[name], request, body, call);
  } catch (error) {
    answer = refuse(world, name, error);
  }
  world.journal.push(call);
  if (failure !== undefined && 'drop' in failure) return void response.destroy();
  if (failure !== undefined) await wait(failure.delayMs, undefined, { ref: false });
  send(response, world, call, answer, answer['error'] === 'ratelimited' ? 429 : 200);
}
