// An outside effect that anybody can count: a server on loopback with a journal of its own, and the tool that reaches it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hashOf } from '../../src/core/canonical-json.ts';
import type { Success, Tool } from '../../src/domain/tools/tool.ts';

export interface Knock {
  key: string;
  taskId: number;
  /** The process that knocked. */
  pid: number;
}

export interface KnockServer {
  url: string;
  /** Every effect, in the order it happened; a key that came twice is here twice. */
  knocks: Knock[];
  /** Task ids that knocked while another knock of the same task was still being answered. */
  overlaps: number[];
  /** Knocks that were heard and not answered yet. */
  readonly unanswered: number;
  /** From now on knocks are heard and not answered, until `release`. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** @param holdMs how long an answer takes: time for a second owner of the same task to show */
export async function startKnockServer(holdMs = 0): Promise<KnockServer> {
  const inside = new Set<number>();
  let gate = Promise.resolve();
  let open = (): void => {};
  const far: KnockServer = {
    url: '',
    knocks: [],
    overlaps: [],
    get unanswered() {
      return inside.size;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      open = resolve;
    },
    release: () => open(),
    close: async () => {},
  };
  const server = createServer(async (incoming, response) => {
    if (incoming.method === 'GET') {
      const key = new URL(incoming.url ?? '/', far.url).searchParams.get('key');
      response.end(JSON.stringify({ done: far.knocks.some((knock) => knock.key === key) }));
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const knock = JSON.parse(Buffer.concat(chunks).toString()) as Knock;
    if (inside.has(knock.taskId)) far.overlaps.push(knock.taskId);
    inside.add(knock.taskId);
    far.knocks.push(knock);
    await Promise.all([gate, sleep(holdMs)]);
    inside.delete(knock.taskId);
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  far.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  far.close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return far;
}

const input = z.object({ url: z.string() });

/**
 * Knocks once a call. It takes the place of `web_fetch`, which tasks of kind research may call; being an effect that cannot be repeated, it
 * is looked up after a crash. @param asks whether a person must say yes first
 */
export function createKnockTool(url: string, asks = false): Tool {
  const success = (key: string): Success => ({
    ok: true,
    output: { knocked: true },
    evidence: [{ kind: 'outside_read', source: `knock ${key}`, sha256: hashOf(key) }],
    spentMicros: 0n,
    receipt: key,
  });
  const tool: Tool<z.output<typeof input>> = {
    name: 'web_fetch',
    version: 'knock',
    description: 'Knocks at the far side.',
    input,
    act: asks ? 'publish' : 'read',
    touches: 'outside',
    reversible: !asks,
    reach: asks ? 'public' : 'nobody',
    credentials: false,
    production: false,
    modes: ['practice'],
    taints: false,
    repeatable: false,
    rate: { perMinute: 1_000_000, perHour: 1_000_000 },
    quote: async () => ({ amountMicros: 0n, payee: null, effect: 'Knocks once.', expectedReturn: null }),
    run: async (_input, context) => {
      const body = JSON.stringify({ key: context.idempotencyKey, taskId: context.taskId, pid: process.pid });
      await fetch(url, { method: 'POST', body, signal: context.signal });
      return success(context.idempotencyKey);
    },
    reconcile: async (_input, context) => {
      const answer = await fetch(`${url}?key=${context.idempotencyKey}`, { signal: context.signal });
      const { done } = (await answer.json()) as { done: boolean };
      return done ? { kind: 'happened', outcome: success(context.idempotencyKey) } : { kind: 'never_happened' };
    },
  };
  return tool as Tool;
}
