// On a PostgreSQL of the operators' own: the practice market's role, made at the first start where the login may make roles.
import pg from 'pg';
import { MARKET_ROLE } from './roles.ts';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Makes sure that the market can work under a role of its own, so that product code cannot read its tables.
 * @returns the market's connection: the same login, switched to the market's role.
 * @throws Error with the SQL to run when the login may not make roles.
 */
export async function prepareMarketRole(connection: pg.PoolConfig): Promise<pg.PoolConfig> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const { rows } = await client.query<{ there: boolean; login: string; database: string; version: number }>(
      `select exists (select 1 from pg_roles where rolname = $1) as there, current_user as login, current_database() as database,
        current_setting('server_version_num')::int as version`,
      [MARKET_ROLE],
    );
    const { there = false, login = '', database = '', version = 0 } = rows[0] ?? {};
    // Able to become the role, without having its rights all the time: product queries stay blind to the market's tables.
    const withoutRights = version >= 160_000 ? ' with inherit false, set true' : '';
    const steps = [
      ...(there ? [] : [`create role ${MARKET_ROLE} nologin`]),
      `grant ${MARKET_ROLE} to ${quote(login)}${withoutRights}`,
      `grant connect, create on database ${quote(database)} to ${MARKET_ROLE}`,
    ];
    if (!(await mayWork(client))) await runSteps(client, steps);
  } finally {
    await client.end();
  }
  return { ...connection, options: `-c role=${MARKET_ROLE}` };
}

/** The login can become the market's role, and the role can make its schema. */
async function mayWork(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ yes: boolean }>(
    `select coalesce((select pg_has_role(current_user, oid, 'MEMBER') and has_database_privilege(oid, current_database(), 'CREATE') from pg_roles where rolname = $1), false) as yes`,
    [MARKET_ROLE],
  );
  return rows[0]?.yes === true;
}

async function runSteps(client: pg.Client, steps: readonly string[]): Promise<void> {
  try {
    for (const step of steps) await client.query(step);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The practice market needs a database role of its own, and this login may not make it (${reason}).\nRun as a superuser, then start again:\n${steps.map((step) => `  ${step};`).join('\n')}`,
    );
  }
}
