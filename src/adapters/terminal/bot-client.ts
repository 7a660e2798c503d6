// Talks to the running bot over its JSON API with the local token.
import type { Card } from '../../chat/card.ts';
import type { MenuEntry } from '../http/menu.ts';

export interface Reply {
  status: number;
  ok: boolean;
  card: Card | null;
  error: { code: string; message: string; ref: string; fields?: Record<string, string> } | null;
}

export interface Message {
  id: number;
  channel: string;
  thread: number | null;
  at: string;
  editedAt: string | null;
  version: number;
  change: number;
  card: Card;
}

export interface GoalState {
  id: number;
  title: string;
  status: string;
}

/** The bot does not answer on its port. */
export class NotRunning extends Error {}

/** The bot answers, but not this request. */
export class Refused extends Error {}

export interface BotClient {
  menu(): Promise<MenuEntry[]>;
  run(name: string, input: Record<string, unknown>): Promise<Reply>;
  say(text: string): Promise<Reply>;
  messages(thread: number, after: number): Promise<Message[]>;
  goal(id: number | 'newest'): Promise<GoalState | null>;
  /** Messages changed after `after`, live, until the connection or the signal ends. */
  stream(thread: number, after: number, signal: AbortSignal): AsyncGenerator<Message>;
}

const TIMEOUT_MS = 30_000;

/** @param baseUrl like `http://127.0.0.1:4280` */
export function createBotClient(baseUrl: string, token: string): BotClient {
  const headers = { authorization: `Bearer ${token}`, 'x-jug-surface': 'terminal' };

  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await fetch(`${baseUrl}${path}`, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...init,
        headers: { ...headers, ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) },
      });
    } catch (error) {
      throw new NotRunning(`Nothing answers at ${baseUrl}.`, { cause: error });
    }
  }

  async function read<Body>(path: string): Promise<Body> {
    const response = await ask(path);
    if (response.ok) return (await response.json()) as Body;
    const body = (await response.json().catch(() => ({}))) as { error?: { message?: string } };
    throw new Refused(body.error?.message ?? `The bot answered ${response.status}.`);
  }

  async function post(path: string, body: unknown): Promise<Reply> {
    const response = await ask(path, { method: 'POST', body: JSON.stringify(body) });
    const answer = (await response.json().catch(() => ({}))) as Partial<Reply>;
    return { status: response.status, ok: answer.ok === true, card: answer.card ?? null, error: answer.error ?? null };
  }

  return {
    menu: async () => (await read<{ commands: MenuEntry[] }>('/api/commands')).commands,
    run: (name, input) => post(`/api/commands/${encodeURIComponent(name)}`, { input }),
    say: (text) => post('/api/text', { text }),
    messages: (thread, after) => read<Message[]>(`/api/messages?thread=${thread}&after=${after}`),
    goal: async (id) => {
      const response = await ask(`/api/goals/${id}`);
      if (response.status === 404) return null;
      if (!response.ok) throw new Refused(`The bot answered ${response.status}.`);
      return (await response.json()) as GoalState;
    },
    stream: async function* (thread, after, signal) {
      const response = await ask(`/api/stream?thread=${thread}&after=${after}`, { signal });
      if (!response.ok || response.body === null) throw new Refused(`The bot answered ${response.status}.`);
      yield* readEvents(response.body);
    },
  };
}

/** Server-sent events with JSON in one data line each; comments and other fields are skipped. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) yield JSON.parse(line.slice(6)) as Message;
  }
}
