// Brings a database to the newest migration: forward only, all or nothing, once over however many processes boot together.
// Kysely's Migrator takes a session advisory lock and runs what is pending in one transaction, in the order of the names.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Kysely, PostgresDialect } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Pool } from 'pg';

/** Where this code's migrations are: `20261122T0900-name.ts`, each exporting `up(db: Kysely<unknown>)`. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));

const UNDEFINED_TABLE = '42P01';

/** The migrations' names, oldest first. */
async function listMigrations(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  const names = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')).map((file) => file.slice(0, -'.ts'.length));
  return names.sort();
}

async function readMigrations(folder: string, names: string[]): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {};
  for (const name of names) {
    const module = (await import(/* @vite-ignore */ pathToFileURL(path.join(folder, `${name}.ts`)).href)) as Partial<Migration>;
    if (typeof module.up !== 'function') throw new Error(`The migration ${name} exports no function \`up\`.`);
    migrations[name] = { up: module.up };
  }
  return migrations;
}

/** The names the database knows; empty before the first migration. */
async function readApplied(pool: Pool): Promise<string[]> {
  try {
    const { rows } = await pool.query<{ name: string }>('select name from kysely_migration');
    return rows.map((row) => row.name);
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return [];
    throw error;
  }
}

/**
 * Applies what is pending. With nothing to do it costs one query.
 * @param folder the migrations to apply, default this code's own
 * @returns the names applied by this call, oldest first
 * @throws Error when the database has a migration this code doesn't know, or one fails (then none of the pending is applied)
 */
export async function migrateToLatest(pool: Pool, folder: string = MIGRATIONS_FOLDER): Promise<string[]> {
  const names = await listMigrations(folder);
  const applied = await readApplied(pool);
  const unknown = applied.filter((name) => !names.includes(name)).sort();
  if (unknown.length > 0) {
    throw new Error(
      `The database is newer than this code: it has the migration ${unknown.join(', ')}, which is not in ${folder}. Update the code, or use the database it belongs to.`,
    );
  }
  if (applied.length === names.length) return [];
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const migrations = await readMigrations(folder, names);
  const { error, results } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(failed === undefined ? `Migrating failed: ${reason}` : `The migration ${failed} failed: ${reason}`, { cause: error });
  }
  return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName);
}
