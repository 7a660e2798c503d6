// One prepared statement on its way: BEGIN before it and COMMIT behind it go in the same message, before the one Sync, so that the
// server leaves out whatever stands behind a failure. Once the columns of its answer are known they are not asked for again.
import pg from 'pg';

export type Callback = (error: Error | null | undefined, result?: pg.QueryResult) => void;

export const BEGIN = { name: 'jug_begin', text: 'begin' };
export const COMMIT = { name: 'jug_commit', text: 'commit' };

/** What the package works out from a row description. */
export interface Shape {
  fields: unknown;
  _parsers: unknown;
  _prebuiltEmptyResultObject: unknown;
}

export interface Statement {
  name: string;
  text: string;
  values: unknown[];
  begins: boolean;
  commits: boolean;
}

/** The parts of the package's connection that its own types keep to themselves. */
interface Connection {
  parsedStatements: Record<string, string>;
  bind(message: { statement: string }): void;
  describe(message: unknown): void;
  execute(message: { portal?: string }): void;
  sync(): void;
}

/** The same of its query. */
interface QueryParts {
  name: string;
  callback: Callback;
  _result: Shape;
  _accumulateRows: boolean;
  prepare(connection: Connection): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
}

const basic = pg.Query.prototype as unknown as QueryParts;

/** Whether this connection's server knows the statement by its name. */
export function isPrepared(client: pg.Client, { name }: { name: string }): boolean {
  return (client as unknown as { connection: Connection }).connection.parsedStatements[name] !== undefined;
}

function run(connection: Connection, { name }: { name: string }): void {
  connection.bind({ statement: name });
  connection.execute({});
}

/** `begins` and `commits` only where BEGIN and COMMIT are prepared: their names would be taken for this statement's otherwise. */
export class Flight extends pg.Query {
  readonly #statement: Statement;
  readonly #shapes: Map<string, Shape>;
  /** Completions still to come before that of the statement itself. */
  #ahead: number;

  /** @param shapes of this connection, by name of statement */
  constructor(statement: Statement, shapes: Map<string, Shape>, callback: Callback) {
    super(statement.text, statement.values);
    this.#statement = statement;
    this.#shapes = shapes;
    this.#ahead = statement.begins ? 1 : 0;
    const parts = this as unknown as QueryParts;
    parts.name = statement.name;
    parts.callback = (error, result) => {
      if (result !== undefined && !shapes.has(statement.name)) this.#keepShape();
      callback(error, result);
    };
  }

  #keepShape(): void {
    const { fields, _parsers, _prebuiltEmptyResultObject } = (this as unknown as QueryParts)._result;
    this.#shapes.set(this.#statement.name, { fields, _parsers, _prebuiltEmptyResultObject });
  }

  prepare(connection: Connection): void {
    if (this.#statement.begins) run(connection, BEGIN);
    const sender = Object.create(connection) as Connection;
    const shape = this.#shapes.get(this.#statement.name);
    if (shape !== undefined) {
      const parts = this as unknown as QueryParts;
      Object.assign(parts._result, shape);
      parts._accumulateRows = true;
      sender.describe = () => {};
    }
    if (this.#statement.commits) {
      sender.execute = (message) => {
        connection.execute(message);
        run(connection, COMMIT);
      };
    }
    basic.prepare.call(this as unknown as QueryParts, sender);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    this.#ahead -= 1;
    // Only its own: that of BEGIN comes before, that of COMMIT behind it.
    if (this.#ahead === -1) basic.handleCommandComplete.call(this as unknown as QueryParts, message, connection);
  }
}
