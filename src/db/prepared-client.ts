// Connections that keep the plans of what they are asked again and again: planning our larger statements costs more than running them.
import pg from 'pg';
import { PatientClient } from './patient-client.ts';

/** Statements of varying length (lists of ids) must not fill the server's memory with plans. */
const MOST_NAMES = 400;
/** A migration of a newer process changed a table under a kept plan. */
const PLAN_IS_OUT_OF_DATE = '0A000';

/** The same text has the same name on every connection of this process. */
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES) return known;
  const name = `jug_${names.size}`;
  names.set(text, name);
  return name;
}

type Callback = (error: Error | null | undefined, result?: pg.QueryResult) => void;
/** `query` has a dozen shapes; this is the one we change, all others pass through. */
type AnyQuery = (config: unknown, values?: unknown, callback?: Callback) => Promise<pg.QueryResult> | undefined;

/** A client that prepares each parametrised statement once and then only binds and runs it. */
export class PreparedClient extends PatientClient {
  #keepsPlans = true;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const plain = super.query.bind(this) as AnyQuery;
    const prepared: AnyQuery = (text, values, callback) => {
      const name = this.#keepsPlans && typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
      if (name === undefined) return plain(text, values, callback);
      const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
      void plain(
        named(name, text as string, values as unknown[], (error, result) => {
          if (error === null || error === undefined) return resolve(result as pg.QueryResult);
          // The plans of this connection stay as they are, so from now on it does without.
          if (error instanceof pg.DatabaseError && error.code === PLAN_IS_OUT_OF_DATE) this.#keepsPlans = false;
          Error.captureStackTrace(error);
          reject(error);
        }),
      );
      if (callback === undefined) return promise;
      promise.then((result) => callback(null, result), callback);
      return undefined;
    };
    this.query = prepared as typeof this.query;
  }
}

/** A ready query: given as a config, the package would copy it property by property. */
function named(name: string, text: string, values: unknown[], callback: Callback): pg.Query {
  const query = new pg.Query(text, values) as pg.Query & { name: string; callback: Callback };
  query.name = name;
  query.callback = callback;
  return query;
}
