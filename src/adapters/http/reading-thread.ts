// Runs the reading of a stranger's document in a thread of its own with a limit on time and memory: a hostile document keeps a parser
// busy for minutes, and a thread can be ended in the middle. What the thread said until then is kept.
import { Worker } from 'node:worker_threads';
import { unreadable } from './fetch-failure.ts';

const HEAP = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 };
/** Buffers stand outside the heap, so they are looked at from here, this often. */
const MOST_BUFFER_BYTES = 128 * 1024 * 1024;
const LOOK_MS = 100;

interface Work {
  /** The script of the thread; it gets `workerData`, posts what it finds and ends. */
  script: URL;
  workerData: unknown;
  timeoutMs: number;
  signal: AbortSignal;
  /** What the document is called in sentences: "page". */
  name: string;
}

export interface Findings<T> {
  /** At least one, in order. */
  found: [T, ...T[]];
  /** The thread came to its own end; else more could have followed. */
  complete: boolean;
}

function hasSome<T>(found: T[]): found is [T, ...T[]] {
  return found.length > 0;
}

/** Ends with `give` once the thread's buffers grow too large, as those of a compressed bomb do. */
function watchBuffers(worker: Worker, give: () => void): NodeJS.Timeout {
  return setInterval(() => {
    worker.getHeapStatistics().then(
      ({ external_memory }) => external_memory > MOST_BUFFER_BYTES && give(),
      // It has ended: there is nothing left to watch, and its end was told.
      () => undefined,
    );
  }, LOOK_MS);
}

/** @throws Upstream when time, memory or the thread's own failure ends it before it found anything; the signal's reason when it aborts */
export async function readInThread<T>({ script, workerData, timeoutMs, signal, name }: Work): Promise<Findings<T>> {
  signal.throwIfAborted();
  const found: T[] = [];
  const { promise: ended, resolve, reject } = Promise.withResolvers<Error | null>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const tangled = (): void => resolve(unreadable(`The ${name} is too tangled to be read.`));
  const timer = setTimeout(tangled, timeoutMs);
  // Nothing the document could make a parser do shall find secrets or inspector flags.
  const worker = new Worker(script, { workerData, resourceLimits: HEAP, env: {}, execArgv: [] });
  const watch = watchBuffers(worker, tangled);
  worker.on('message', (message: T) => found.push(message));
  worker.once('error', (error) => resolve(unreadable(`The ${name} could not be read.`, error)));
  worker.once('exit', (code) => resolve(code === 0 ? null : unreadable(`The ${name} could not be read.`)));
  try {
    const failure = await ended;
    if (hasSome(found)) return { found, complete: failure === null };
    throw failure ?? unreadable(`The ${name} could not be read.`);
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
