// The database, the model and the people: what every bot needs, with or without a chat platform.
import OpenAI from 'openai';
import pg from 'pg';
import type { Config } from '../../config.ts';
import { openEmbedded } from '../../db/embedded.ts';
import { LISTED_MODEL } from '../../domain/brain/modes.ts';
import { bad, type Check, good, sentence } from './check.ts';

const ANSWER_MS = 10_000;
const OLDEST_POSTGRES = 14;

export async function checkDatabase(config: Config): Promise<Check[]> {
  const what = config.db.url === null ? 'Database (embedded)' : 'Database (DATABASE_URL)';
  try {
    const version = config.db.url === null ? await askEmbedded(config.db.dataDir) : await ask({ connectionString: config.db.url });
    if (Number.parseInt(version, 10) >= OLDEST_POSTGRES) return [good(what, `PostgreSQL ${version}`)];
    return [bad(what, `PostgreSQL ${version}`, `Use PostgreSQL ${OLDEST_POSTGRES} or newer.`)];
  } catch (error) {
    const fix =
      config.db.url === null ? `Look at the log in ${config.db.dataDir}.` : 'Check the address, the login and the network in DATABASE_URL.';
    return [bad(what, sentence(error), fix)];
  }
}

/** Queries of the agent need a role that sees nothing else; without it they are off, which is no fault. */
export async function checkQueries(config: Config): Promise<Check[]> {
  if (config.db.url === null) return [];
  const client = new pg.Client({
    connectionString: config.db.url,
    connectionTimeoutMillis: ANSWER_MS,
    application_name: 'juggernaut doctor',
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ can: boolean }>(
      `select bool_or(rolname = current_user and (rolcreaterole or rolsuper)) or bool_or(rolname like 'juggernaut_reader%') as can from pg_roles`,
    );
    const found =
      rows[0]?.can === true ? 'on, under a role of their own' : 'off: this login may not make a role for them (alter role … createrole)';
    return [good('Data queries', found)];
  } catch {
    // What is wrong with the database is said by its own check.
    return [];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function askEmbedded(dataDir: string): Promise<string> {
  const embedded = await openEmbedded({ dataDir, log: () => undefined });
  try {
    return await ask({ host: embedded.socketDir, port: embedded.port, database: embedded.database, user: embedded.user });
  } finally {
    await embedded.leave();
  }
}

async function ask(connection: pg.ClientConfig): Promise<string> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: ANSWER_MS, application_name: 'juggernaut doctor' });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? '0';
  } finally {
    await client.end();
  }
}

export async function checkModel(config: Config): Promise<Check[]> {
  const { brain } = config;
  if (brain === null) return [good('Model', 'practice playbooks (no language model); OPENAI_API_KEY and JUG_MODELS add one')];
  const what = `Model server ${new URL(brain.baseUrl).host}`;
  const client = new OpenAI({ apiKey: brain.apiKey.reveal(), baseURL: brain.baseUrl, maxRetries: 0, timeout: ANSWER_MS });
  try {
    const names = new Set<string>();
    for await (const model of await client.models.list()) names.add(model.id);
    return [good(what, `answers, ${names.size} models`), ...checkNames(config, names)];
  } catch (error) {
    if (error instanceof OpenAI.AuthenticationError || error instanceof OpenAI.PermissionDeniedError)
      return [bad(what, `refused the key (status ${error.status})`, 'Put a valid key into OPENAI_API_KEY.')];
    return [bad(what, sentence(error), 'Check OPENAI_BASE_URL (with its version part, like /v1) and the network.')];
  }
}

function checkNames(config: Config, names: ReadonlySet<string>): Check[] {
  if (config.brain === null) return [];
  const { prices, embed, ...modes } = config.brain.models;
  const wanted = new Set([
    ...Object.values(modes).flatMap((mode) => [mode.primary, ...mode.fallbacks]),
    ...(embed === null ? [] : [embed]),
  ]);
  return [...wanted].map((name) => {
    const what = `Model ${name}`;
    if (name === LISTED_MODEL)
      return names.size > 0 ? good(what, [...names][0] ?? '') : bad(what, 'the server lists none', 'Load a model there.');
    if (!names.has(name)) return bad(what, 'the server does not list it', 'Name a model of that server in JUG_MODELS.');
    const priced =
      Object.hasOwn(prices, name) || Object.hasOwn(prices, '*')
        ? 'with a price'
        : 'no price: booked at the assumed ceiling unless the server reports costs';
    return good(what, priced);
  });
}

export function checkPeople(config: Config): Check[] {
  const { approvers, owners } = config.people;
  if (approvers.length === 0) return [bad('Approvers', 'nobody', 'Name platform ids in JUG_APPROVERS: an empty list means nobody.')];
  return [good('Approvers', approvers.join(', ')), good('Owners', owners.join(', '))];
}
