// How the model double answers: a good completion in the API's words, or one of the ways a provider goes wrong.
import type { ServerResponse } from 'node:http';

interface ScriptedCall {
  name: string;
  /** An object is written as JSON; a string goes out as it is, JSON or not. */
  arguments: object | string;
  /** Default `call_dN`; null leaves it out, as some servers do. */
  id?: string | null;
  /** Default: its position; null leaves it out. */
  index?: number | null;
}

interface Completion {
  text?: string;
  toolCalls?: ScriptedCall[];
  refusal?: string;
  /** Default: what the content asks for; null ends the stream without one. */
  finish?: string | null;
  /** Default: 10 in, 5 out; null sends none. Extra fields (OpenRouter's `cost`) go out as they are. */
  usage?: Record<string, unknown> | null;
}

export type Failure =
  | 'hang' // accepts the request and says nothing
  | 'hang_after_headers'
  | 'hang_mid_stream'
  | 'hang_after_finish' // the whole reply, but neither usage nor an end
  | 'reset' // closes the connection without an answer
  | 'reset_mid_stream'
  | 'truncate' // ends the stream politely in the middle
  | 'garbage' // 200, an event stream, no JSON in it
  | 'garbage_mid_stream'
  | 'html' // 200 with a web page
  | 'endless_line'
  | 'endless_text'
  | 'flood' // 5 GB as fast as they are taken
  | 'byte_a_second'
  | 'drip'; // comments for ever, never a chunk

export type ScriptedReply =
  | Completion
  | { status: number; headers?: Record<string, string>; body?: object | string }
  | { fail: Failure }
  | { events: (object | string)[]; contentType?: string }
  | { json: object };

const DRIP_MS = 5;

export function sendReply(response: ServerResponse, request: { stream?: boolean; model?: string } | null, reply: ScriptedReply): void {
  if ('status' in reply) {
    const body = reply.body ?? { error: { message: `scripted ${reply.status}` } };
    const headers = { 'content-type': 'application/json', ...reply.headers };
    response.writeHead(reply.status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    return;
  }
  if ('fail' in reply) {
    fail(response, reply.fail);
    return;
  }
  if ('json' in reply) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply.json, null, 2));
    return;
  }
  const isScript = 'events' in reply;
  response.writeHead(200, { 'content-type': (isScript && reply.contentType) || 'text/event-stream' });
  const events = isScript ? reply.events : chunksOf(reply, request?.model ?? 'double');
  for (const event of events) response.write(typeof event === 'string' ? event : line(event));
  response.end(isScript ? undefined : 'data: [DONE]\n\n');
}

function* chunksOf(reply: Completion, model: string): Generator<object> {
  const calls = reply.toolCalls ?? [];
  yield chunk({ role: 'assistant', content: '' }, model);
  for (const piece of pieces(reply.text ?? '')) yield chunk({ content: piece }, model);
  if (reply.refusal !== undefined) yield chunk({ refusal: reply.refusal }, model);
  for (const [position, call] of calls.entries()) yield* callChunks(call, position, model);
  const finish = reply.finish === undefined ? (calls.length > 0 ? 'tool_calls' : 'stop') : reply.finish;
  if (finish !== null) yield { ...chunk({}, model), choices: [{ index: 0, delta: {}, finish_reason: finish }] };
  const usage = reply.usage === undefined ? { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } : reply.usage;
  if (usage !== null) yield { ...chunk({}, model), choices: [], usage };
}

function* callChunks(call: ScriptedCall, position: number, model: string): Generator<object> {
  const index = call.index === null ? {} : { index: call.index ?? position };
  const id = call.id === null ? {} : { id: call.id ?? `call_d${position}` };
  yield chunk({ tool_calls: [{ ...index, ...id, type: 'function', function: { name: call.name, arguments: '' } }] }, model);
  const written = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
  for (const piece of pieces(written)) yield chunk({ tool_calls: [{ ...index, function: { arguments: piece } }] }, model);
}

function chunk(delta: object, model: string): object {
  return { id: 'double', object: 'chat.completion.chunk', created: 0, model, choices: [{ index: 0, delta, finish_reason: null }] };
}

function line(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

/** Three pieces, cut anywhere, as tokens are. */
function pieces(text: string): string[] {
  const size = Math.max(1, Math.ceil(text.length / 3));
  return text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
}

function fail(response: ServerResponse, failure: Failure): void {
  if (failure === 'hang') return;
  if (failure === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(200, { 'content-type': failure === 'html' ? 'text/html' : 'text/event-stream' });
  response.flushHeaders();
  if (failure === 'html') response.end('<!doctype html><h1>Welcome</h1>');
  else if (failure === 'garbage') response.end('data: <<<not json>>>\n\n');
  else if (failure === 'hang_after_finish')
    for (const event of chunksOf({ text: 'All of it.', usage: null }, 'double')) response.write(line(event));
  else if (failure === 'flood') flood(response, 5_000_000_000);
  else if (failure === 'byte_a_second') repeat(response, ':', 'd', 1_000);
  else if (failure === 'drip') repeat(response, ': still thinking\n\n');
  else if (failure === 'endless_line') repeat(response, 'x'.repeat(200_000), 'data: "');
  else if (failure === 'endless_text') repeat(response, line(chunk({ content: 'y'.repeat(50_000) }, 'double')));
  else if (failure !== 'hang_after_headers') failMidStream(response, failure);
}

function failMidStream(response: ServerResponse, failure: Failure): void {
  response.write(line(chunk({ role: 'assistant', content: 'Half a ' }, 'double')), () => {
    if (failure === 'reset_mid_stream') response.socket?.resetAndDestroy();
    if (failure === 'truncate') response.end();
    if (failure === 'garbage_mid_stream') response.end('data: {"choices": [{"del\n\n');
  });
}

function flood(response: ServerResponse, bytes: number): void {
  const event = line(chunk({ content: 'z'.repeat(60_000) }, 'double'));
  let left = bytes;
  const pour = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= event.length;
      if (!response.write(event)) return void response.once('drain', pour);
    }
    response.end();
  };
  pour();
}

function repeat(response: ServerResponse, text: string, first = '', everyMs = DRIP_MS): void {
  response.write(first);
  const timer = setInterval(() => response.write(text), everyMs);
  response.once('close', () => clearInterval(timer));
}
