// The person of the approvals bench: sees each new request and approves it at once.
import { Agent, request as httpRequest } from 'node:http';
import pg from 'pg';
import type { BenchDatabase } from './bench-database.ts';
import type { BotProcess } from './bot-process.ts';

export interface Clicker {
  /** When the request for this task was approved, ms of performance.now(). */
  clickedAt: Map<number, number>;
  stop(): Promise<void>;
}

/** Hears of requests as the superuser, so that its own reading is in no count. */
export async function startClicker(database: BenchDatabase, click: (id: number) => void): Promise<Clicker> {
  const clickedAt = new Map<number, number>();
  const listener = new pg.Client(database.connection);
  const clicked = new Set<number>();
  let reading = false;
  let again = false;

  async function look(): Promise<void> {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    do {
      again = false;
      const { rows } = await database.admin.query<{ id: number; task_id: number }>({
        name: 'pending',
        text: `select id, task_id from approval where status = 'pending' order by id`,
      });
      for (const row of rows) {
        // A lower id may commit after a higher one, so a mark would miss some.
        if (clicked.has(row.id)) continue;
        clicked.add(row.id);
        clickedAt.set(row.task_id, performance.now());
        click(row.id);
      }
    } while (again);
    reading = false;
  }

  listener.on('error', () => {});
  listener.on('notification', () => void look());
  await listener.connect();
  await listener.query('listen jug_message');
  return {
    clickedAt,
    stop: async () => {
      await listener.end();
    },
  };
}

/** The button over HTTP. */
export function openHttpClick(bot: BotProcess): (id: number) => void {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return (id) => {
    const body = JSON.stringify({ input: { id } });
    const request = httpRequest(
      `${bot.url}/api/commands/approve`,
      {
        agent,
        method: 'POST',
        headers: { authorization: `Bearer ${bot.token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        if (response.statusCode !== 200) throw new Error(`approving request ${id} was answered ${response.statusCode}`);
        response.resume();
      },
    );
    request.end(body);
  };
}
