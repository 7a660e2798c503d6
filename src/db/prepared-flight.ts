// One prepared statement on its way: BEGIN before it and COMMIT behind it go in the same message, before the one Sync, so that the
// server leaves out whatever stands behind a failure. Once the columns of its answer are known they are not asked for again.
import pg from 'pg';

export type Callback = (error: Error | null | undefined, result?: pg.QueryResult) => void;

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
  parse(message: { text: string }): void;
  bind(message: object): void;
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

function run(connection: Connection, text: 'begin' | 'commit'): void {
  connection.parse({ text });
  connection.bind({});
  connection.execute({});
}

/** Given to a client's `query` as it is. */
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
    const parts = this as unknown as QueryParts;
    if (this.#statement.begins) run(connection, 'begin');
    const sender = Object.create(connection) as Connection;
    const shape = this.#shapes.get(this.#statement.name);
    if (shape !== undefined) {
      Object.assign(parts._result, shape);
      parts._accumulateRows = true;
      sender.describe = () => {};
    }
    if (this.#statement.commits) {
      sender.execute = (message) => {
        connection.execute(message);
        run(connection, 'commit');
      };
    }
    basic.prepare.call(parts, sender);
    // The client takes the next parsing that is complete for that of the name it finds here; BEGIN's comes first.
    if (this.#statement.begins) parts.name = '';
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    const parts = this as unknown as QueryParts;
    parts.name = this.#statement.name;
    // Only its own: that of BEGIN comes before, that of COMMIT behind it.
    if (this.#ahead === 0) basic.handleCommandComplete.call(parts, message, connection);
    this.#ahead -= 1;
  }
}
