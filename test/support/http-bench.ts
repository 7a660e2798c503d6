// A real HTTP server on a real test database, with a dispatch that answers what a test says.
import type pg from 'pg';
import { pino } from 'pino';
import { z } from 'zod';
import type { HttpParts } from '../../src/adapters/http/parts.ts';
import { type RunningHttp, startHttp } from '../../src/adapters/http/server.ts';
import type { Answer } from '../../src/chat/answer.ts';
import { type Caller, type Command, defineCommand } from '../../src/chat/command.ts';
import { idField, wordsField } from '../../src/chat/fields.ts';
import { readConfig } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import { createVisitCounter } from '../../src/flows/count-visits.ts';
import { createTestDatabase } from './postgres.ts';

export const LOCAL_TOKEN = 'local-token-of-this-test';

const card = { title: 'Never run', tone: 'info' as const };

/** A menu of the usual shapes; tests answer for it through `answer`. */
export const TEST_COMMANDS: Command[] = [
  defineCommand({
    name: 'goal',
    summary: 'give a goal',
    role: 'operator',
    input: z.object({
      text: wordsField('what to achieve').optional(),
      budget: z.union([z.string(), z.number()]).describe('dollars').optional(),
      deadline: z.coerce.date().describe('until when').optional(),
    }),
    positional: 'text',
    examples: ['goal Earn $5'],
    run: async () => card,
  }),
  defineCommand({
    name: 'approve',
    summary: 'approve a request',
    role: 'approver',
    input: z.object({ id: idField('a request'), amount: z.string().describe('a lower amount').optional() }),
    positional: 'id',
    examples: ['approve 17'],
    run: async () => card,
  }),
  defineCommand({
    name: 'deny',
    summary: 'deny a request',
    role: 'approver',
    input: z.object({ id: idField('a request'), reason: wordsField('why not; the agent reads it') }),
    positional: 'id',
    examples: ['deny 17 too dear'],
    run: async () => card,
  }),
  defineCommand({
    name: 'status',
    summary: 'what it does',
    role: 'viewer',
    input: z.object({}),
    examples: ['status'],
    run: async () => card,
  }),
];

export interface Heard {
  /** Command name, or null for typed text. */
  name: string | null;
  input: Record<string, unknown>;
  caller: Caller;
}

export interface HttpBench {
  db: Database;
  http: RunningHttp;
  url: string;
  heard: Heard[];
  log: string[];
  /** What the next commands answer. */
  answer: (answer: Answer | ((heard: Heard) => Answer)) => void;
  /** Tells the server that messages changed, as LISTEN does. */
  notify: () => void;
  listeners: () => number;
  health: { current: Awaited<ReturnType<HttpParts['health']>> };
  payments: { body: Buffer; signature: string | null }[];
  stop(): Promise<void>;
}

/** The signature that the bench takes for a good one. */
export const SIGNED = `t=1,v1=${'a'.repeat(64)}`;

export const GOOD: Answer = { ok: true, code: null, card: { title: 'Done', tone: 'good', text: 'All fine.' } };

export async function startHttpBench(localToken = LOCAL_TOKEN): Promise<HttpBench> {
  const database = await createTestDatabase();
  const pool = createPool({ ...database.connection, max: 4 } as pg.PoolConfig, () => {});
  const db = createDatabase(pool);
  const listeners = new Set<() => void>();
  const heard: Heard[] = [];
  const log: string[] = [];
  const payments: HttpBench['payments'] = [];
  let answer: (heard: Heard) => Answer = () => GOOD;
  const take = async (one: Heard) => {
    heard.push(one);
    return answer(one);
  };
  const health: HttpBench['health'] = {
    current: { status: 'ok', mode: 'practice', db: 'ok', loop: 'ok', slack: 'off', discord: 'off', model: 'ok', stripe: 'off', mcp: 'off' },
  };
  const config = readConfig({ PORT: '0', JUG_TIMEZONE: 'UTC' }, '/tmp');
  const http = await startHttp({
    config,
    visits: createVisitCounter({ db, config, clock: systemClock }),
    db,
    log: pino({ level: 'info' }, { write: (line: string) => void log.push(line) }),
    commands: TEST_COMMANDS,
    dispatch: ({ name, input, caller }) => take({ name, input, caller }),
    hear: ({ text, caller }) => take({ name: null, input: { text }, caller }),
    health: async () => health.current,
    metricsText: async () => 'jug_tasks_total 3\n',
    handleSlack: null,
    acceptPaymentEvent: async (body, signature) => {
      payments.push({ body, signature });
      return signature === SIGNED ? { status: 200, message: 'kept' } : { status: 400, message: 'the signature does not match' };
    },
    localToken,
    onMessages: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return {
    db,
    http,
    url: `http://127.0.0.1:${http.port}`,
    heard,
    log,
    health,
    payments,
    answer: (next) => {
      answer = typeof next === 'function' ? next : () => next;
    },
    notify: () => {
      for (const listener of listeners) listener();
    },
    listeners: () => listeners.size,
    stop: async () => {
      await http.stop();
      await db.destroy();
      await database.drop();
    },
  };
}
