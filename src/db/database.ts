// The pool, the type parsers and the one way to open a transaction.
// Ids and counts come back as numbers, columns named *_micros as bigint, numeric sums of micros as bigint.
import { Kysely, type KyselyPlugin, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { PreparedClient } from './prepared-client.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;
export type Trx = Transaction<Tables>;
export type DatabaseOrTrx = Database | Trx;

const INT8 = 20;
const NUMERIC = 1700;

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`bigint ${text} is beyond 2^53; a money column must end in _micros and stay below $9 billion`);
  return value;
}

function parseNumeric(text: string): number | bigint {
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return parseInt8;
    if (oid === NUMERIC) return parseNumeric;
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
  },
} as pg.CustomTypesConfig;

/** Columns whose name ends in _micros are money: bigint in TypeScript whatever the wire said. */
const moneyColumns: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  transformResult: async ({ result }) => {
    const first = result.rows[0];
    if (first === undefined) return result;
    const money = Object.keys(first).filter((key) => key.endsWith('_micros'));
    for (const row of money.length === 0 ? [] : result.rows) {
      for (const key of money) {
        const value = row[key];
        if (typeof value === 'number') row[key] = BigInt(value);
      }
    }
    return result;
  },
};

/**
 * A pool that survives the server: errors of its connections are logged, never thrown.
 * @param onError gets each lost connection's error (a restart of PostgreSQL closes them all).
 */
export function createPool(config: pg.PoolConfig, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    Client: PreparedClient,
    max: 10,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    application_name: 'juggernaut',
    ...config,
    types,
  });
  return keepAlive(pool, onError);
}

/** Without listeners a lost connection would end the process, also one that is lent out between two statements. */
export function keepAlive(pool: pg.Pool, onError: (error: Error) => void): pg.Pool {
  // Idle ones are told of twice, by the pool and by themselves.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

export function createDatabase(pool: pg.Pool): Database {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins: [moneyColumns] });
}

/** Runs `work` in one READ COMMITTED transaction. Flows open transactions; stores only take part. */
export function inTransaction<Result>(db: Database, work: (trx: Trx) => Promise<Result>): Promise<Result> {
  return db.transaction().execute(work);
}

/** Server gone, going, coming or full (08, 57P, 53), a deadlock or a serialisation failure (40): the same work may succeed later. */
const PASSING_STATE = /^(08|57P|53|40)/;
const BROKEN_LINE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT']);
const LOST_WORDS = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

/** Whether an error of the database says that it was away or busy rather than that the statement was wrong. */
export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof pg.DatabaseError) return PASSING_STATE.test(code ?? '');
  return LOST_WORDS.test(error.message) || (code !== undefined && BROKEN_LINE.has(code) && 'syscall' in error);
}
