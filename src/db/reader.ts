// Runs one query of a model under the reader's role: read only, in a session of its own, with a bound on time and rows.
import pg from 'pg';
import { InvalidInput, Upstream } from '../core/errors.ts';
import { type PreparedReader, prepareReader } from './reader-role.ts';

const STATEMENT_MS = 5_000;
const MOST_ROWS = 200;
const MOST_CHARACTERS = 40_000;
/** A query that was wrong or too slow, in PostgreSQL's classes of errors: syntax and access, data, limits. */
const ITS_OWN_FAULT = /^(?:42|22|54|25)/;
const CANCELED = '57014';

export interface QueryResult {
  rows: { [column: string]: unknown }[];
  truncated: boolean;
}

export interface DataReader {
  /** Why it cannot be used on this database; null while that is not known, or when it can. */
  off(): string | null;
  /** Finds out whether it can be used. @returns why not, null when it can */
  prepare(): Promise<string | null>;
  /** @throws InvalidInput with the database's words when the query is wrong; Upstream when it takes too long */
  query(text: string): Promise<QueryResult>;
}

export function openReader(own: pg.PoolConfig, mode: 'practice' | 'live', password: () => Promise<string>): DataReader {
  let prepared: Promise<PreparedReader> | null = null;
  let off: string | null = null;

  async function prepare(): Promise<PreparedReader> {
    prepared ??= password().then((word) => prepareReader(own, mode, word));
    try {
      const result = await prepared;
      off = result.ok ? null : result.why;
      return result;
    } catch (error) {
      // The database was away: asked again with the next need.
      prepared = null;
      throw error;
    }
  }

  return {
    off: () => off,
    prepare: async () => {
      const result = await prepare();
      return result.ok ? null : result.why;
    },
    query: async (text) => {
      const result = await prepare();
      if (!result.ok) throw new InvalidInput(`Data cannot be queried here: ${result.why}.`);
      const client = new pg.Client({ ...result.connection, application_name: 'juggernaut reader', connectionTimeoutMillis: 5_000 });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return await runQuery(client, mode, text.trim().replace(/;$/, ''));
      } catch (error) {
        throw translate(error);
      } finally {
        await client.end();
      }
    },
  };
}

async function runQuery(client: pg.Client, mode: string, text: string): Promise<QueryResult> {
  await client.query(
    `begin transaction read only; set local statement_timeout = ${STATEMENT_MS}; set local lock_timeout = 1000; set local work_mem = '8MB'; set local search_path = ${mode}_view`,
  );
  // As a subquery in the extended protocol: one statement, and one that gives rows.
  const config = {
    text: `select left(to_json(q)::text, ${MOST_CHARACTERS}) as row from (\n${text}\n) as q limit ${MOST_ROWS + 1}`,
    queryMode: 'extended',
  };
  const { rows } = await client.query<{ row: string }>(config as pg.QueryConfig);
  const kept: QueryResult['rows'] = [];
  let size = 0;
  for (const { row } of rows.slice(0, MOST_ROWS)) {
    size += row.length;
    if (size > MOST_CHARACTERS) break;
    kept.push(JSON.parse(row) as QueryResult['rows'][number]);
  }
  return { rows: kept, truncated: kept.length < rows.length };
}

function translate(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  if (error.code === CANCELED)
    return new Upstream(`The query took longer than ${STATEMENT_MS / 1000} s.`, { retryable: false, cause: error });
  return ITS_OWN_FAULT.test(error.code ?? '') ? new InvalidInput(`The query is wrong: ${error.message}`) : error;
}
