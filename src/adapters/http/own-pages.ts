// Reads a page of ours at our own public address, whatever stands between: tunnel, proxy, or nothing. No other address can be asked for.
import { Upstream } from '../../core/errors.ts';
import type { OwnPages } from '../../domain/pages/own-pages.ts';

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 512 * 1024;
const META = /<meta name="page-version" content="([a-z]\.\d+\.[0-9a-f]{64})">/;

/** @param address asked at every read: the port is known once it listens */
export function createOwnPages(address: () => string): OwnPages {
  const base = (): string => address().replace(/\/+$/, '');
  return {
    address: base,
    read: async (path, signal) => {
      const url = new URL(path, `${base()}/`);
      if (url.origin !== new URL(base()).origin || !url.pathname.startsWith('/o/'))
        throw new Upstream('Only pages of our own are read back.', { retryable: false });
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
        const answer = await fetch(url, {
          redirect: 'error',
          signal: limit,
          headers: { accept: 'text/html', 'user-agent': 'juggernaut-readback-bot' },
        });
        return { status: answer.status, meta: META.exec(await readStart(answer))?.[1] ?? null };
      } catch (cause) {
        signal.throwIfAborted();
        throw new Upstream(`The page cannot be reached at ${base()}. Is JUG_PUBLIC_URL right, and its tunnel or proxy up?`, {
          retryable: false,
          cause,
        });
      }
    },
  };
}

async function readStart(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    parts.push(part);
    bytes += part.byteLength;
    if (bytes > MOST_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8');
}
