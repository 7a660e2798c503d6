// SQL as it is written: text with its values beside it. The hot statements use this instead of kysely's own tag, which builds and
// walks a tree of nodes for each of them; connections, transactions, prepared plans and the types of results are the same.
import { CompiledQuery } from 'kysely';
import type { DatabaseOrTrx } from './database.ts';

/** A statement, or a piece of one: pieces are put into others like values. */
export class Sql<Row = unknown> {
  readonly #texts: readonly string[];
  readonly #values: readonly unknown[];
  /** Only a type: what the rows are. */
  declare readonly row: Row;

  constructor(texts: readonly string[], values: readonly unknown[]) {
    this.#texts = texts;
    this.#values = values;
  }

  /** Appends this piece to a growing statement. */
  writeTo(out: { text: string; values: unknown[] }): void {
    out.text += this.#texts[0] ?? '';
    for (const [index, value] of this.#values.entries()) {
      if (value instanceof Sql) value.writeTo(out);
      else out.text += `$${out.values.push(value)}`;
      out.text += this.#texts[index + 1] ?? '';
    }
  }

  async execute(db: DatabaseOrTrx): Promise<{ rows: Row[] }> {
    const out = { text: '', values: [] };
    this.writeTo(out);
    return db.executeQuery<Row>(CompiledQuery.raw(out.text, out.values));
  }
}

/** Values become parameters, never text. */
export function sql<Row = unknown>(texts: TemplateStringsArray, ...values: unknown[]): Sql<Row> {
  return new Sql<Row>(texts, values);
}

/** Pieces with commas between. */
export function listed(pieces: readonly unknown[]): Sql {
  return new Sql(['', ...pieces.slice(1).map(() => ', '), ''], pieces);
}

/** Text that is part of the statement itself: only what this code wrote. */
export function verbatim(text: string): Sql {
  return new Sql([text], []);
}
