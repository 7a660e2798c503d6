// The response_url of Slack's double: good for five answers within thirty minutes, without a token, to one command or click.
// It answers or replaces what the person sees; a mistake comes back as a status other than 200, as at Slack.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addFault, type Fields, isFields, Refusal, type ReplyAddress, text, type World } from './slack-double-model.ts';
import { addMessage, changeMessage, removeMessage, takeContent } from './slack-double-posting.ts';
import { readBody } from './slack-double-web-api.ts';

const USES = 5;
const GOOD_FOR_MS = 30 * 60_000;
const KNOWN = new Set(
  'text blocks attachments response_type replace_original delete_original thread_ts metadata mrkdwn unfurl_links unfurl_media'.split(' '),
);

export function giveReplyAddress(world: World, address: Omit<ReplyAddress, 'uses' | 'until'>): string {
  const id = world.nextId('reply-');
  world.replyAddresses.set(id, { ...address, uses: 0, until: world.now() + GOOD_FOR_MS });
  return `${world.baseUrl}/reply/${id}`;
}

function apply(world: World, address: ReplyAddress, body: Fields): void {
  for (const name of Object.keys(body)) if (!KNOWN.has(name)) addFault(world, 'warned', 'response_url', 'unknown_argument', name);
  if (body['delete_original'] === true) {
    if (address.source !== null) removeMessage(world, address.source);
    return;
  }
  const content = takeContent(world, 'response_url', body);
  if (body['replace_original'] === true && address.source !== null && !address.source.deleted) {
    changeMessage(world, address.source, content);
    return;
  }
  const ephemeralTo = body['response_type'] === 'in_channel' ? null : address.user;
  const threadTs = text(body, 'thread_ts') || address.threadTs;
  addMessage(world, { channel: address.channel, threadTs, ephemeralTo, ...content, via: 'response_url' });
}

/** Answers one POST to `/reply/ID`. */
export async function answerReply(world: World, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const raw = (await readBody(request)).toString('utf8');
  const address = world.replyAddresses.get(id);
  const call = { method: 'response_url', args: {} as Fields, at: world.now(), token: 'none' as const, response: {} as Fields, status: 200 };
  world.journal.push(call);
  const end = (status: number, body: string): void => {
    call.status = status;
    call.response = { ok: status === 200, body };
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  };
  try {
    if (address === undefined) throw new Refusal('expired_url');
    if (address.uses >= USES) throw new Refusal('used_url');
    if (world.now() > address.until) throw new Refusal('expired_url');
    address.uses += 1;
    const body: unknown = JSON.parse(raw);
    if (!isFields(body)) throw new Refusal('invalid_payload');
    call.args = body;
    apply(world, address, body);
    end(200, 'ok');
  } catch (error) {
    const code = error instanceof Refusal ? error.error : error instanceof SyntaxError ? 'invalid_payload' : null;
    if (code === null) throw error;
    addFault(world, 'refused', 'response_url', code);
    end(code === 'used_url' || code === 'expired_url' ? 404 : 400, JSON.stringify({ ok: false, error: code }));
  }
}
