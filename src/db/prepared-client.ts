// Connections that keep the plans of what they are asked again and again, and spare round trips: planning our larger statements costs
// more than running them, and so does every message to and fro. BEGIN travels with the first statement, COMMIT with one that says so.
import pg from 'pg';
import { PatientClient } from './patient-client.ts';
import { BEGIN, type Callback, COMMIT, Flight, isPrepared, type Shape, type Statement } from './prepared-flight.ts';

/** Statements of varying length (lists of ids) must not fill the server's memory with plans. */
const MOST_NAMES = 400;
/** A migration of a newer process changed a table under a kept plan. */
const PLAN_IS_OUT_OF_DATE = '0A000';
/** Before a statement that ends its transaction. */
export const AND_COMMIT = '/* and commit */ ';

/** The same text has the same name on every connection of this process. */
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES) return known;
  const name = `jug_${names.size}`;
  names.set(text, name);
  return name;
}

/** `query` has a dozen shapes; this is the one we change, all others pass through. */
type AnyQuery = (config: unknown, values?: unknown, callback?: Callback) => Promise<pg.QueryResult> | undefined;

const done = (command: string): pg.QueryResult => ({ command, rowCount: null, oid: 0, fields: [], rows: [] });

/** A client that prepares each parametrised statement once and then only binds and runs it. */
export class PreparedClient extends PatientClient {
  #keepsPlans = true;
  /** `announced`: BEGIN was asked for and goes with the next statement; `over`: COMMIT went with the last one. */
  #transaction: 'as sent' | 'announced' | 'over' = 'as sent';
  readonly #shapes = new Map<string, Shape>();
  readonly #plain: AnyQuery;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.#plain = super.query.bind(this) as AnyQuery;
    const changed: AnyQuery = (text, values, callback) => {
      if (typeof text !== 'string' || typeof values === 'function') return this.#plain(text, values, callback);
      const result = this.#ask(text, (values ?? []) as unknown[]);
      if (callback === undefined) return result;
      result.then((answer) => callback(null, answer), callback);
      return undefined;
    };
    this.query = changed as typeof this.query;
  }

  #ask(text: string, values: unknown[]): Promise<pg.QueryResult> {
    if (values.length === 0) {
      if (text === 'begin') return this.#begin();
      if (text === 'commit' || text === 'rollback') return this.#end(text);
    }
    if (this.#transaction === 'over') return Promise.reject(new Error('a statement after the one that was said to be the last'));
    const begins = this.#transaction === 'announced';
    const commits = text.startsWith(AND_COMMIT);
    this.#transaction = 'as sent';
    return this.#send(commits ? text.slice(AND_COMMIT.length) : text, values, { begins, commits });
  }

  #begin(): Promise<pg.QueryResult> {
    if (!isPrepared(this, BEGIN)) return this.#fly({ ...BEGIN, values: [], begins: false, commits: false });
    this.#transaction = 'announced';
    return Promise.resolve(done('BEGIN'));
  }

  #end(text: 'commit' | 'rollback'): Promise<pg.QueryResult> {
    const state = this.#transaction;
    this.#transaction = 'as sent';
    if (state === 'announced' || (state === 'over' && text === 'commit')) return Promise.resolve(done(text.toUpperCase()));
    return text === 'commit' ? this.#fly({ ...COMMIT, values: [], begins: false, commits: false }) : this.#simple(text, []);
  }

  async #send(text: string, values: unknown[], ends: { begins: boolean; commits: boolean }): Promise<pg.QueryResult> {
    const name = this.#keepsPlans && values.length > 0 ? nameOf(text) : undefined;
    if (name === undefined) {
      if (ends.begins) await this.#simple('begin', []);
      return this.#simple(text, values);
    }
    const commits = ends.commits && isPrepared(this, COMMIT);
    const result = await this.#fly({ name, text, values, begins: ends.begins, commits });
    if (commits) this.#transaction = 'over';
    return result;
  }

  #simple(text: string, values: unknown[]): Promise<pg.QueryResult> {
    return this.#plain(text, values) as Promise<pg.QueryResult>;
  }

  #fly(statement: Statement): Promise<pg.QueryResult> {
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
    const flight = new Flight(statement, this.#shapes, (error, result) => {
      if (error === null || error === undefined) return resolve(result as pg.QueryResult);
      // The plans of this connection stay as they are, so from now on it does without.
      if (error instanceof pg.DatabaseError && error.code === PLAN_IS_OUT_OF_DATE) this.#keepsPlans = false;
      Error.captureStackTrace(error);
      reject(error);
    });
    void this.#plain(flight);
    return promise;
  }
}
