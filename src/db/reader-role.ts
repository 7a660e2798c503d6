// The role that reads the views of the business and has no other right: found or made at the first need, and tried before it is trusted.
import pg from 'pg';
import { sha256 } from '../core/canonical-json.ts';
import { READER_ROLES } from './roles.ts';

type Mode = keyof typeof READER_ROLES;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export type PreparedReader = { ok: true; connection: pg.PoolConfig } | { ok: false; why: string };

/** @param password of a role that is made here; the same for every process of the database */
export async function prepareReader(own: pg.PoolConfig, mode: Mode, password: string): Promise<PreparedReader> {
  const client = new pg.Client(own);
  await client.connect();
  try {
    const { rows } = await client.query<{ database: string; roles: string[] }>(
      `select current_database() as database, array(select rolname::text from pg_roles) as roles`,
    );
    const { database = '', roles = [] } = rows[0] ?? {};
    const made = `${READER_ROLES[mode]}_${sha256(database).slice(0, 8)}`;
    for (const role of [READER_ROLES[mode], made].filter((name) => roles.includes(name))) {
      const connection = asRole(own, role, password);
      if ((await grantViews(client, database, role, mode)) && (await isBlind(connection, mode))) return { ok: true, connection };
    }
    return await makeRole(client, own, { database, role: made, mode, password, exists: roles.includes(made) });
  } finally {
    await client.end();
  }
}

async function makeRole(
  client: pg.Client,
  own: pg.PoolConfig,
  { database, role, mode, password, exists }: { database: string; role: string; mode: Mode; password: string; exists: boolean },
): Promise<PreparedReader> {
  const rights = 'login nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls';
  try {
    // A password we make is base64url: nothing in it has to be quoted.
    await client.query(`${exists ? 'alter' : 'create'} role ${quote(role)} ${rights} password '${password.replaceAll("'", '')}'`);
    await grantViews(client, database, role, mode);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, why: `this database login may not make a role for it (${reason}); let it: alter role … createrole` };
  }
  const connection = asRole(own, role, password);
  if (await isBlind(connection, mode)) return { ok: true, connection };
  return { ok: false, why: `the role ${role} cannot log in, or sees more than it should` };
}

async function grantViews(client: pg.Client, database: string, role: string, mode: Mode): Promise<boolean> {
  try {
    await client.query(
      `grant connect on database ${quote(database)} to ${quote(role)}; grant usage on schema ${mode}_view to ${quote(role)}; grant select on all tables in schema ${mode}_view to ${quote(role)}`,
    );
    return true;
  } catch {
    // Somebody else's role of that name; another is made.
    return false;
  }
}

function asRole(own: pg.PoolConfig, role: string, password: string): pg.PoolConfig {
  if (own.connectionString === undefined) return { ...own, user: role, password };
  const url = new URL(own.connectionString);
  url.username = role;
  url.password = password;
  return { ...own, connectionString: url.href };
}

/** It can log in as itself, reads no table of ours, and is no member of any other role. */
async function isBlind(connection: pg.PoolConfig, mode: Mode): Promise<boolean> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ blind: boolean }>(
      `select not rolsuper and not rolcreaterole and session_user = current_user
          and not exists (select 1 from pg_auth_members where member = r.oid)
          and not exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname <> $1 and c.relkind in ('r', 'p', 'v', 'm', 'f')
              and n.nspname not like 'pg\\_%' and has_table_privilege(c.oid, 'select, insert, update, delete, truncate')) as blind
        from pg_roles r where rolname = current_user`,
      [`${mode}_view`],
    );
    return rows[0]?.blind === true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
