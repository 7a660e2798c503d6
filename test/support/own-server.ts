// A PostgreSQL server of a test's own, to stop and start under a bot, behind a door that counts who knocks.
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { vi } from 'vitest';
import { openEmbedded } from '../../src/db/embedded.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { chooseServerFolder } from './server-folder.ts';

export interface OwnServer {
  /** As the bot's and the market's role, through the door. */
  connection: pg.PoolConfig;
  marketConnection: pg.PoolConfig;
  /** As the bot's role, straight to the server. */
  direct: pg.PoolConfig;
  /** When somebody tried to come in, in milliseconds of performance.now(), while nobody was let in. */
  refusals: number[];
  /** From now on nobody is let in, and whoever is inside is thrown out. */
  shut(): void;
  open(): void;
  /** SIGQUIT to the server, like `pg_ctl stop -m immediate`; it is started again by itself. Resolves when it answers again. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnServer(): Promise<OwnServer> {
  const dataDir = await mkdtemp(join(await chooseServerFolder(), 'jug-own-server-'));
  const embedded = await openEmbedded({ dataDir, log: () => {} });
  const direct = { host: embedded.socketDir, port: embedded.port, database: embedded.database, user: embedded.user };
  const pool = new pg.Pool({ ...direct, max: 1 });
  await migrateToLatest(pool);
  await pool.end();

  const refusals: number[] = [];
  const inside = new Set<Socket>();
  let isOpen = true;
  const door = createServer((client) => {
    client.on('error', () => {});
    if (!isOpen) {
      refusals.push(performance.now());
      client.destroy();
      return;
    }
    const server = dial(join(embedded.socketDir, `.s.PGSQL.${embedded.port}`));
    for (const socket of [client, server]) {
      inside.add(socket);
      socket.once('close', () => inside.delete(socket));
    }
    server.on('error', () => client.destroy());
    client.pipe(server).pipe(client);
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const through = { ...direct, host: '127.0.0.1', port: (door.address() as AddressInfo).port };

  const answers = async (): Promise<void> => {
    const client = new pg.Client(direct);
    client.on('error', () => {});
    try {
      await client.connect();
    } finally {
      await client.end().catch(() => {});
    }
  };
  return {
    connection: through,
    marketConnection: { ...through, user: embedded.marketUser },
    direct,
    refusals,
    shut: () => {
      isOpen = false;
      for (const socket of inside) socket.destroy();
    },
    open: () => {
      isOpen = true;
    },
    crash: async () => {
      const admin = new pg.Client({ ...direct, user: embedded.adminUser });
      admin.on('error', () => {});
      await admin.connect();
      const { rows } = await admin.query<{ data_directory: string }>('show data_directory');
      await admin.end();
      const pid = Number((await readFile(join(rows[0]?.data_directory ?? '', 'postmaster.pid'), 'utf8')).split('\n')[0]);
      process.kill(pid, 'SIGQUIT');
      await vi.waitFor(answers, { timeout: 30_000, interval: 50 });
    },
    stop: async () => {
      door.close();
      for (const socket of inside) socket.destroy();
      await embedded.leave();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
