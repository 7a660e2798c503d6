// A bot of one's own for a story: the whole app in this process, on a fresh database, with a stepped market and no real clock to wait for.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { vi } from 'vitest';
import { type App, type Overrides, startApp } from '../../src/app.ts';
import type { Card } from '../../src/chat/card.ts';
import { readConfig } from '../../src/config.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';

export interface Answer {
  status: number;
  ok: boolean;
  card: Card;
  error?: { code: string; message: string; fields?: Record<string, string> };
}

export interface Post {
  id: number;
  channel: string;
  thread: number | null;
  version: number;
  card: Card;
}

export interface Story {
  app: App;
  database: TestDatabase;
  /** Runs a command as a person would over HTTP; as the console's owner unless a token says otherwise. */
  say(command: string, input?: Record<string, unknown>, token?: string): Promise<Answer>;
  /** Types text into the command box. */
  type(text: string, options?: { goalId?: number; token?: string }): Promise<Answer>;
  /** Everything posted so far, oldest first, as it reads now. */
  posts(): Promise<Post[]>;
  /** Waits until a post with this title (a part of it) is there and returns its card. */
  card(title: string | RegExp, until?: (card: Card) => boolean): Promise<Card>;
  /** Ends market days, one by one, each after the bot has taken in the one before. */
  endDays(count: number): Promise<void>;
  /** Rows of the bot's own database, as the bot's role. */
  rows<Row = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Rows of the market's schema, as the market's role: the far side's own journal. */
  marketRows<Row = Record<string, unknown>>(sql: string): Promise<Row[]>;
  /** Stops the app and starts it again on the same database and data directory. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface StoryOptions {
  seed?: number;
  env?: Record<string, string>;
  overrides?: Omit<Overrides, 'connection' | 'marketConnection'>;
  /** Another story's database, to run a second process' worth of app on it. */
  share?: TestDatabase;
}

export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const pg = (await import('pg')).default;
  const database = options.share ?? (await createTestDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), 'jug-story-'));
  const config = readConfig(
    {
      PORT: '0',
      JUG_DATA_DIR: dataDir,
      PRACTICE_DAY_SECONDS: '0',
      // No experiments of its own: a story about them gives it a standing budget.
      JUG_STANDING_BUDGET_USD: '0',
      PRACTICE_SEED: String(options.seed ?? 166),
      LOG_LEVEL: 'silent',
      JUG_TIMEZONE: 'UTC',
      ...options.env,
    },
    dataDir,
  );
  const overrides: Overrides = {
    log: pino({ level: process.env['STORY_LOG'] ?? 'silent' }),
    ...options.overrides,
    connection: database.connection,
    marketConnection: database.marketConnection,
  };
  let app = await startApp(config, overrides);
  const own = new pg.Pool({ ...database.connection, max: 2 });
  const market = new pg.Pool({ ...database.marketConnection, max: 1 });
  const ownToken = (): string => new URL(app.consoleUrl).searchParams.get('token') ?? '';

  const post = async (path: string, body: unknown, token: string): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${app.port}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>), ok: response.ok };
  };

  const story: Story = {
    get app() {
      return app;
    },
    database,
    say: (command, input = {}, token = ownToken()) => post(`/api/commands/${command}`, { input }, token),
    type: (text, { goalId, token = ownToken() } = {}) => post('/api/text', { text, ...(goalId === undefined ? {} : { goalId }) }, token),
    posts: async () => {
      const response = await fetch(`http://127.0.0.1:${app.port}/api/messages`, { headers: { authorization: `Bearer ${ownToken()}` } });
      return (await response.json()) as Post[];
    },
    card: (title, until = () => true) =>
      vi.waitFor(
        async () => {
          const matches = (card: Card): boolean => (typeof title === 'string' ? card.title.includes(title) : title.test(card.title));
          const posts = await story.posts();
          const found = posts.filter((one) => matches(one.card) && until(one.card)).at(-1);
          if (found === undefined) throw new Error(`no card "${title}" among: ${posts.map((one) => one.card.title).join(' | ')}`);
          return found.card;
        },
        { timeout: 15_000, interval: 40 },
      ),
    endDays: async (count) => {
      for (let index = 0; index < count; index += 1) {
        const day = await app.market?.endDay();
        await vi.waitFor(
          async () => {
            const [gate] = await story.rows<{ day: number }>(`select market_day as day from spend_gate where mode = 'practice'`);
            const [open] = await story.rows<{ count: number }>(
              `select (select count(*) from payment_event where booked_at is null)::int + (select count(*) from task where status = 'running' or (status = 'pending' and ready_at <= now()))::int as count`,
            );
            if (gate?.day !== day || open?.count !== 0)
              throw new Error(`market day ${day} is not taken in yet: ${gate?.day}, ${open?.count} open`);
          },
          { timeout: 15_000, interval: 20 },
        );
      }
    },
    rows: async (sql, values = []) => (await own.query(sql, values)).rows,
    marketRows: async (sql) => (await market.query(sql)).rows,
    restart: async () => {
      await app.stop();
      app = await startApp(config, overrides);
    },
    stop: async () => {
      await app.stop();
      await own.end();
      await market.end();
      await rm(dataDir, { recursive: true, force: true });
      if (options.share === undefined) await database.drop();
    },
  };
  return story;
}

/** The sentence the practice playbooks can act on. */
export const FIRST_DOLLAR = 'Earn the first practice dollar with a budget of $60';

/** Gives the goal and approves its one launch request; returns the request's number. */
export async function launchFirstGoal(story: Story, text = FIRST_DOLLAR): Promise<number> {
  await story.say('goal', { text });
  const asked = await story.card(/^Approve \d+/);
  const id = asked.ref?.id ?? 0;
  await story.say('approve', { id });
  await story.card(new RegExp(`^Request ${id}`), (card) => card.table?.rows.every((row) => row[3]?.startsWith('done')) === true);
  return id;
}
