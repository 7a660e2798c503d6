// The composition root: the only file that knows the adapters. createApp(config, overrides) → start, stop.
import { createHmac, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type pg from 'pg';
import { commands } from '../commands/index.ts';
import { createBreakers } from './adapters/breakers.ts';
import { createHookSender } from './adapters/http/hook-sender.ts';
import { ensureLocalToken } from './adapters/http/local-token.ts';
import { createOwnPages } from './adapters/http/own-pages.ts';
import { openToolServers } from './adapters/mcp/tool-servers.ts';
import { openHttp } from './adapters/open-http.ts';
import { openModel } from './adapters/open-model.ts';
import { type Platforms, preparePlatforms } from './adapters/open-platforms.ts';
import { openMarketplace, openTools } from './adapters/open-tools.ts';
import type { PracticeMarket } from './adapters/practice/market.ts';
import { openMarket } from './adapters/practice/open-market.ts';
import { createStripeProvider } from './adapters/stripe/stripe-provider.ts';
import { startLoop } from './autonomy/loop.ts';
import { openPostRoom } from './autonomy/post-room.ts';
import { startSchedule } from './autonomy/schedule.ts';
import { createSignals, type Signals } from './autonomy/signals.ts';
import { createDispatch, createHear } from './chat/dispatch.ts';
import { readToolsOf } from './chat/read-tool.ts';
import type { Config } from './config.ts';
import { configuredSecrets } from './configured-secrets.ts';
import { type Clock, systemClock } from './core/clock.ts';
import { registerSecret } from './core/redact.ts';
import { createDatabase, type Database } from './db/database.ts';
import { readDatabaseIdentity } from './db/database-identity.ts';
import { startPresence } from './db/presence.ts';
import { addProcess, endProcess, reviveProcess } from './db/process-store.ts';
import { openReader } from './db/reader.ts';
import type { ChatModel } from './domain/brain/chat-model.ts';
import { PROVIDER } from './domain/money/payment-store.ts';
import { connectSource } from './domain/money/reconciliation-store.ts';
import { setBookZone } from './domain/money/slice-store.ts';
import { readFarSide } from './domain/offers/far-side-store.ts';
import type { HookSender } from './domain/orders/hook-sender.ts';
import { readSigningKey } from './domain/orders/order-store.ts';
import type { OwnPages } from './domain/pages/own-pages.ts';
import type { Tool } from './domain/tools/tool.ts';
import type { WebReader } from './domain/tools/web-reader.ts';
import { toolReads } from './flows/ask/tool-reads.ts';
import type { Deps } from './flows/deps.ts';
import { watchExperiments } from './flows/experiments/watch-experiments.ts';
import { tellOwnerOfStranger } from './flows/greet-stranger.ts';
import { hearFreeText } from './flows/hear-free-text.ts';
import { watchOpportunities } from './flows/opportunities/watch-opportunities.ts';
import { watchHealth } from './flows/watch-health.ts';
import { watchPayments } from './flows/watch-payments.ts';
import { watchVisits } from './flows/watch-visits.ts';
import { createLog, type Log } from './observability/logger.ts';
import { createMetrics } from './observability/metrics.ts';
import { type Closer, type Connections, connect, openPools } from './open-database.ts';

/** What tests put in the place of the outside: connections of their own, a clock, a dialer. Never one of our own modules. */
export interface Overrides extends Connections {
  clock?: Clock;
  log?: Log;
  model?: ChatModel;
  webReader?: WebReader;
  hooks?: HookSender;
  /** Further tools, as adapters bring them. */
  tools?: (db: Database) => Tool[];
}

export interface App {
  /** The console's link with the local token. */
  consoleUrl: string;
  /** Where this process listens: the console, or beside a bot that has it a port of its own for the market's events. */
  port: number;
  /** Where signed requests may come in from outside; null when there is no such port, or another process has it. */
  publicPort: number | null;
  /** The port of the bot this one joined as a worker; null when it has the console itself. */
  joined: number | null;
  deps: Deps;
  market: PracticeMarket | null;
  stop(): Promise<void>;
}

/** An outside service that failed so often in a row is left alone for so long. */
const SERVICE_LIMITS = { failures: 3, halfOpenAfterMs: 20_000 };

/** Starts everything; when a part fails, what was started is stopped again before the error goes on. */
export async function startApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const closers: Closer[] = [];
  const closeAll = async (): Promise<void> => {
    const troubles: unknown[] = [];
    // One part that cannot end properly (its server is away) keeps no other from ending.
    for (const close of closers.splice(0).toReversed()) await close().catch((error: unknown) => troubles.push(error));
    if (troubles.length > 0) throw new AggregateError(troubles, `could not end properly: ${troubles.map(String).join('; ')}`);
  };
  try {
    return await assemble(config, overrides, closers, closeAll);
  } catch (error) {
    await closeAll().catch(() => undefined);
    throw error;
  }
}

async function assemble(config: Config, overrides: Overrides, closers: Closer[], closeAll: () => Promise<void>): Promise<App> {
  const log = overrides.log ?? createLog(config.logLevel);
  const localToken = await ensureLocalToken(config.db.dataDir);
  for (const secret of [localToken, ...configuredSecrets(config)]) registerSecret(secret);
  const connections = await connect(config, overrides, log, closers);
  const signals = createSignals();
  const listens = { port: config.http.port };
  const pages = createOwnPages(() => config.http.publicUrl ?? `http://${config.http.host}:${listens.port}`);
  const { deps, pool, jobsPool } = await openDeps({ config, overrides, connection: connections.own, log, signals, pages }, closers);
  const farSide = config.mode === 'practice' ? await readFarSide(deps.db, () => randomBytes(24).toString('base64url')) : null;
  const presence = await startPresence({
    connection: connections.own,
    processId: deps.processId,
    onSignal: signals.onSignal,
    onReturn: () => {
      // Somebody may have taken us for dead meanwhile; say that we are not.
      reviveProcess(deps.db, deps.processId).then(signals.onReturn, (error: unknown) => log.warn({ err: error }, 'could not come back'));
    },
    onTrouble: (error) => log.warn({ error }, 'the presence connection broke'),
  });
  closers.push(() => presence.stop());
  const dispatch = createDispatch(deps, commands, (platformId) => tellOwnerOfStranger(deps, platformId));
  const hear = createHear(deps, commands, dispatch, (text, caller) => hearFreeText(deps, text, caller));
  const platforms = preparePlatforms({ deps, connection: connections.own, commands, dispatch, hear });
  const { port, joined, publicPort } = await openHttp(
    { deps, pool, signals, localToken, farSide, commands, dispatch, hear, platforms },
    closers,
  );
  listens.port = joined ?? port;
  // Open before the first task asks for it, closed after the last one has.
  const market = farSide === null ? null : await openMarket(config, connections.market, farSide, port, deps);
  if (market !== null) closers.push(() => market.stop());
  // A start that fails on its port has said no word to anybody.
  closers.push(() => platforms.stop());
  await platforms.open();
  await openPost(deps, platforms, signals, closers);
  const loop = await startLoop(
    deps,
    jobsPool,
    new Map([...readToolsOf(commands, dispatch), ...toolReads(deps).map((tool) => [tool.name, tool] as const)]),
  );
  signals.loop = loop;
  closers.push(() => loop.stop());
  const schedule = startSchedule(deps);
  closers.push(() => schedule.stop());
  return {
    port,
    publicPort,
    joined,
    consoleUrl: `${config.http.publicUrl ?? `http://${config.http.host}:${joined ?? port}`}/?token=${localToken}`,
    deps,
    market,
    stop: closeAll,
  };
}

interface DepsNeeds {
  config: Config;
  overrides: Overrides;
  connection: pg.PoolConfig;
  log: Log;
  signals: Signals;
  pages: OwnPages;
}

async function openDeps(
  { config, overrides, connection, log, signals, pages }: DepsNeeds,
  closers: Closer[],
): Promise<{ deps: Deps; pool: pg.Pool; jobsPool: pg.Pool }> {
  const { pool, jobsPool } = await openPools(connection, log, closers);
  const db = createDatabase(pool);
  await setBookZone(db, config.timezone);
  registerSecret(await readSigningKey(db));
  const metrics = createMetrics();
  closers.push(async () => metrics.close());
  const processId = await addProcess(db, { poolId: randomBytes(8).toString('hex'), host: hostname(), pid: process.pid });
  closers.push(() => endProcess(db, processId));
  const model = overrides.model ?? (await ownModel(config, closers));
  const payments = config.stripe === null ? null : createStripeProvider(config.stripe);
  const reader = openReader(connection, config.mode, async () =>
    createHmac('sha256', await readSigningKey(db))
      .update('reader')
      .digest('base64url'),
  );
  const clock = overrides.clock ?? systemClock;
  const market = openMarketplace(db);
  const on = { clock, config, mode: config.mode };
  const tools = openTools(db, market, { ...overrides, payments, search: config.search, reader, pages, on });
  const toolServers = openToolServers({ db, mode: config.mode, servers: config.mcpServers, tools, imprint: config.imprint, log });
  closers.push(() => toolServers.stop());
  if (payments !== null) await connectSource(db, PROVIDER, config.mode);
  const deps = {
    config,
    mode: config.mode,
    db,
    clock,
    random: Math.random,
    log,
    metrics,
    model,
    processId,
    tools,
    toolServers,
    market,
    breakers: createBreakers(SERVICE_LIMITS),
    hooks: overrides.hooks ?? createHookSender(),
    payments,
    onMessages: signals.onMessages,
  };
  watchOpportunities(deps);
  watchExperiments(deps);
  watchVisits(deps);
  closers.push(watchHealth(deps));
  if (payments !== null) {
    watchPayments(deps);
    // The first call tells whether the key works; /readyz says so.
    void payments.account().catch((error: unknown) => log.warn({ err: error }, 'Stripe did not say whose key this is'));
  }
  return { deps, pool, jobsPool };
}

async function ownModel(config: Config, closers: Closer[]): Promise<ChatModel> {
  const opened = await openModel(config.brain);
  closers.push(opened.stop);
  return opened.model;
}

/** The outbox goes out to the platforms from here on. */
async function openPost(deps: Deps, platforms: Platforms, signals: Signals, closers: Closer[]): Promise<void> {
  const channels = platforms.channels();
  if (channels.length === 0) return;
  const room = await openPostRoom(deps, channels, await readDatabaseIdentity(deps.db));
  closers.push(() => room.stop());
  const leave = signals.onMessages(room.onMessages);
  closers.push(async () => {
    leave();
  });
}
