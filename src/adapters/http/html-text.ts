// Title and readable text of an HTML page, worked out in a thread of its own with a limit on time and memory:
// 2 MB of nested tags keep the parser busy for minutes, and a thread can be ended in the middle.
import { Worker } from 'node:worker_threads';
import { unreadable } from './fetch-failure.ts';

/** Text worth reading stands well within this; memory per page grows with it. */
const MAX_HTML_CHARACTERS = 1_000_000;
const MEMORY = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 };

export interface HtmlText {
  title: string | null;
  text: string;
  truncated: boolean;
}

/**
 * At most `maxCharacters` of text; `timeoutMs` bounds the work.
 * @throws Upstream when the page takes too long or too much memory to read; the signal's reason when it aborts.
 */
export async function readHtmlText(
  html: string,
  options: { maxCharacters: number; timeoutMs: number; signal: AbortSignal },
): Promise<HtmlText> {
  const { maxCharacters, timeoutMs, signal } = options;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<HtmlText>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => reject(unreadable('The page is too tangled to be read.')), timeoutMs);
  const worker = new Worker(new URL('./html-text-worker.ts', import.meta.url), {
    workerData: { html: html.slice(0, MAX_HTML_CHARACTERS), maxCharacters },
    resourceLimits: MEMORY,
    // Nothing the page could make the parser do shall find secrets or inspector flags.
    env: {},
    execArgv: [],
  });
  worker.once('message', resolve);
  worker.once('error', (error) => reject(unreadable('The page could not be read as HTML.', error)));
  worker.once('exit', () => reject(unreadable('The page could not be read as HTML.')));
  try {
    const page = await promise;
    return { ...page, truncated: page.truncated || html.length > MAX_HTML_CHARACTERS };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
