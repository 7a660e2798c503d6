// POSTs an order to somebody else's server: to the public internet only, judged on the connected socket, without redirects, cookies or proxies.
import { createHash } from 'node:crypto';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import type { Socket } from 'node:net';
import { judgeUrl } from '../../core/public-address.ts';
import type { HookSender } from '../../domain/orders/hook-sender.ts';
import { readBoundedBody } from './bounded-body.ts';
import { asFailure, refusal, tooSlow } from './fetch-failure.ts';
import { type Dialer, dialTcp, openGuarded, type Resolver, resolveName } from './guarded-connection.ts';

const ANSWER_BYTES = 64 * 1024;

/** `dial` and `resolve` are replaced in tests only, so that a public address can stand for a loopback server. */
export function createHookSender(options: { dial?: Dialer; resolve?: Resolver } = {}): HookSender {
  const { dial = dialTcp, resolve = resolveName } = options;
  return {
    send: async ({ url: text, body, headers, signal }) => {
      const verdict = judgeUrl(text);
      if (!verdict.ok) throw refusal(verdict.reason);
      const { url } = verdict;
      try {
        const socket = await openGuarded(url, { dial, resolve, signal });
        const response = await post(url, socket, body, headers);
        const { bytes } = await readBoundedBody(response, ANSWER_BYTES);
        socket.destroy();
        return { status: response.statusCode ?? 0, sha256: createHash('sha256').update(bytes).digest('hex') };
      } catch (error) {
        if (signal.aborted) throw tooSlow(`${url.host} did not answer in time.`);
        throw asFailure(error, url.host);
      }
    },
  };
}

function post(url: URL, socket: Socket, body: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = requestHttp({
    method: 'POST',
    createConnection: () => socket,
    path: url.pathname + url.search,
    setHost: false,
    headers: { host: url.host, connection: 'close', 'content-length': Buffer.byteLength(body), ...headers },
    insecureHTTPParser: false,
  });
  request.once('response', resolve);
  request.on('error', reject);
  request.end(body);
  return promise;
}
