// The login roles of a Juggernaut database and what each may do: one statement of it for the bot's own server and for tests.
// The practice market's far side is a role of its own, so that product code can't read its tables even by accident.
import type { ClientBase } from 'pg';

export const BOT_ROLE = 'juggernaut';
export const MARKET_ROLE = 'juggernaut_market';
/** What queries of the agent run under: a role for each mode, so that one never reads the other's views. */
export const READER_ROLES = { practice: 'juggernaut_reader_practice', live: 'juggernaut_reader_live' } as const;
/** The superuser that initdb makes; only set-up, tests and benches use it. */
export const ADMIN_ROLE = 'postgres';

const LOGIN_ROLES = [BOT_ROLE, MARKET_ROLE, ...Object.values(READER_ROLES)];

/** Creates the login roles where missing. Needs a superuser; callers hold a lock, because role names are server-wide. */
export async function createRoles(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [LOGIN_ROLES]);
  for (const role of LOGIN_ROLES) {
    if (rows.some((row) => row.rolname === role)) continue;
    await client.query(`create role ${role} login nosuperuser nocreatedb nocreaterole noinherit`);
  }
}

/**
 * Makes `database` for the two roles: owned by the bot; the market may connect and make its own schema, nobody else gets in.
 * @param options.template the database to copy, default PostgreSQL's empty one
 * @param options.strategy how PostgreSQL copies it, default its own choice
 */
export async function createOwnedDatabase(
  client: ClientBase,
  database: string,
  options: { template?: string; strategy?: 'wal_log' | 'file_copy' } = {},
): Promise<void> {
  const { template = 'template0', strategy = 'wal_log' } = options;
  await client.query(`create database ${database} owner ${BOT_ROLE} template ${template} strategy ${strategy}`);
  // Both in one message = one transaction.
  await client.query(`revoke all on database ${database} from public; grant connect, create on database ${database} to ${MARKET_ROLE}`);
}
