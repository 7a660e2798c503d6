// A port that another process of ours has: taken as soon as that one lets go of it, be it by dying.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A try costs one system call, and no statement. */
const TRY_MS = 500;

export interface WatchedPort {
  /** No more tries; what was taken is closed. */
  stop(): Promise<void>;
}

export interface WatchedPortOptions {
  at: { host: string; port: number };
  /** Listens there. @throws Error with code EADDRINUSE when somebody else was faster. */
  open: () => Promise<{ stop(): Promise<void> }>;
  onTaken: () => void;
  onTrouble: (error: unknown) => void;
}

export function watchPort({ at, open, onTaken, onTrouble }: WatchedPortOptions): WatchedPort {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let trying = Promise.resolve();
  let taken: { stop(): Promise<void> } | null = null;

  async function attempt(): Promise<void> {
    try {
      if (!(await isFree(at)) || stopping.signal.aborted) return;
      taken = await open();
      onTaken();
    } catch (error) {
      if (!isHeld(error)) onTrouble(error);
    }
  }

  function later(): void {
    timer = setTimeout(() => {
      trying = attempt().then(() => {
        if (taken === null && !stopping.signal.aborted) later();
      });
    }, TRY_MS);
    timer.unref();
  }

  later();
  return {
    stop: async () => {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
      await trying;
      await taken?.stop();
    },
  };
}

const isHeld = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

async function isFree(at: { host: string; port: number }): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(at);
    await once(probe, 'listening');
    const closed = once(probe, 'close');
    probe.close();
    await closed;
    return true;
  } catch (error) {
    if (isHeld(error)) return false;
    throw error;
  }
}
