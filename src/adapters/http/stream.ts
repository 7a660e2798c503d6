// Server-sent events over the message tail. The id of an event is the message's change number; a client resumes with Last-Event-ID.
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { PostedMessage } from './message-store.ts';
import type { MessageTail } from './message-tail.ts';

const HEARTBEAT_MS = 15_000;
/** A client that is further behind reads too slowly; it is cut off and may resume. */
const MAX_QUEUED = 2_000;

export interface StreamOptions {
  tail: MessageTail;
  /** Change number to resume after; null starts now. */
  after: number | null;
  wants: (message: PostedMessage) => boolean;
  render: (message: PostedMessage) => string;
  /** Asked at every heartbeat: a revoked token ends its stream. */
  isStillAllowed: () => Promise<boolean>;
  /** The server stops, or the client went away. */
  onError: (error: unknown) => void;
  signal: AbortSignal;
}

interface Waiting {
  message: PostedMessage;
  isLate: boolean;
}

/** What waits to be written to one client. */
class Inbox {
  #queue: Waiting[] = [];
  #wake = Promise.withResolvers<void>();

  push(waiting: Waiting): void {
    this.#queue.push(waiting);
    this.nudge();
  }

  nudge(): void {
    this.#wake.resolve();
  }

  get length(): number {
    return this.#queue.length;
  }

  /** Everything waiting; an empty list after `ms` or a nudge. */
  async take(ms: number): Promise<Waiting[]> {
    if (this.#queue.length === 0) {
      const timer = setTimeout(() => this.nudge(), Math.max(0, ms));
      await this.#wake.promise;
      clearTimeout(timer);
    }
    this.#wake = Promise.withResolvers<void>();
    return this.#queue.splice(0);
  }
}

export function streamMessages(c: Context, options: StreamOptions): Response {
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    try {
      await pump(stream, options);
    } catch (error) {
      options.onError(error);
    }
  });
}

async function pump(stream: SSEStreamingApi, options: StreamOptions): Promise<void> {
  const inbox = new Inbox();
  const nudge = () => inbox.nudge();
  stream.onAbort(nudge);
  options.signal.addEventListener('abort', nudge, { once: true });
  const unfollow = await options.tail.follow(options.after, (message, isLate) => {
    if (options.wants(message)) inbox.push({ message, isLate });
  });
  const isOpen = () => !stream.aborted && !stream.closed && !options.signal.aborted && inbox.length <= MAX_QUEUED;
  try {
    // Whoever has read this first line misses nothing that is said from then on.
    await stream.write('retry: 1000\n\n');
    for (let beatAt = Date.now() + HEARTBEAT_MS; isOpen(); ) {
      for (const { message, isLate } of await inbox.take(beatAt - Date.now())) {
        await stream.writeSSE({ data: options.render(message), ...(isLate ? {} : { id: String(message.change) }) });
      }
      if (Date.now() < beatAt) continue;
      if (!(await options.isStillAllowed())) return;
      await stream.write(': still here\n\n');
      beatAt = Date.now() + HEARTBEAT_MS;
    }
  } finally {
    unfollow();
    options.signal.removeEventListener('abort', nudge);
  }
}

/** Last-Event-ID wins over `?after=`: browsers send it by themselves when they reconnect. */
export function readResumePoint(c: Context): string | undefined {
  return c.req.header('last-event-id') ?? c.req.query('after');
}
