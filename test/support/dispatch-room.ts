// Commands on a database without the rest of the bot: for rules of live money, which needs a payment provider to start a whole bot.
import pg from 'pg';
import { pino } from 'pino';
import { commands } from '../../commands/index.ts';
import { openMarketplace } from '../../src/adapters/open-tools.ts';
import type { Card } from '../../src/chat/card.ts';
import { createDispatch } from '../../src/chat/dispatch.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { createDatabase, createPool } from '../../src/db/database.ts';
import { findPerson } from '../../src/domain/people/people-store.ts';
import type { Mode } from '../../src/domain/tools/tool.ts';
import { NO_TOOL_SERVERS } from '../../src/domain/tools/tool-servers.ts';
import type { Deps } from '../../src/flows/deps.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { createTestDatabase } from './postgres.ts';

export interface DispatchRoom {
  deps: Deps;
  /** As this person, `anna` or `slack:T1/U1`. */
  say(person: string, name: string, input?: Record<string, unknown>): Promise<{ code: string | null; card: Card }>;
  rows<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

const idOf = (person: string): string => (person.includes(':') ? person : `console:${person}`);

export async function openDispatchRoom(options: { mode: Mode; env?: Record<string, string>; now?: () => Date }): Promise<DispatchRoom> {
  const database = await createTestDatabase();
  const pool = createPool({ ...database.connection, max: 8 }, () => {});
  const own = new pg.Pool({ ...database.connection, max: 2 });
  const read = readConfig({ JUG_TIMEZONE: 'UTC', ...options.env }, '/tmp');
  // Practice mode makes the console's owner an approver by itself; a live bot has only those who are named.
  const people = { ...read.people, approvers: read.people.approvers.filter((id) => options.env?.['JUG_APPROVERS']?.includes(id)) };
  const config: Config = { ...read, people, mode: options.mode };
  const metrics = createMetrics();
  const deps: Deps = {
    config,
    mode: options.mode,
    db: createDatabase(pool),
    clock: { now: options.now ?? (() => new Date()) },
    random: () => 0.5,
    log: pino({ level: 'silent' }),
    metrics,
    model: { offers: () => [], health: () => 'ok', chat: () => Promise.reject(new Error('nobody asks here')) },
    hooks: { send: () => Promise.reject(new Error('nothing is sent here')) },
    payments: null,
    onMessages: () => () => {},
    tools: new Map(),
    toolServers: NO_TOOL_SERVERS,
    market: openMarketplace(createDatabase(pool)),
    processId: 0,
  };
  const dispatch = createDispatch(deps, commands, async () => {});
  return {
    deps,
    say: async (person, name, input = {}) => {
      const platformId = idOf(person);
      const found = await findPerson(deps.db, platformId, config.people);
      const { code, card } = await dispatch({ name, input, caller: { ...found, surface: 'console', goalId: null } });
      return { code, card };
    },
    rows: async (text, values = []) => (await own.query(text, values)).rows,
    stop: async () => {
      metrics.close();
      await own.end();
      await pool.end();
      await database.drop();
    },
  };
}
