// Reads a response body as a stream and stops at a limit, so neither a long body nor a compressed bomb ever stands in memory.
// It grows one buffer instead of collecting chunks: two million one-byte chunks would cost a hundred times their size.
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { unreadable } from './fetch-failure.ts';

const FIRST_ALLOCATION = 64 * 1024;

export interface BoundedBody {
  /** The body after content decoding, at most the limit. */
  bytes: Buffer;
  /** The body went on after the limit. */
  truncated: boolean;
}

function createDecoder(encoding: string) {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw unreadable('The page is compressed in a way this reader does not take.');
  }
}

/** Ends a stream of empty compressed blocks, which never fills the decoded limit. */
async function* capWire(source: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.length;
    if (seen > limit) throw unreadable('The compressed page is too large.');
    yield chunk;
  }
}

function decode(response: IncomingMessage, limit: number): AsyncIterable<Buffer> {
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return response;
  const decoder = createDecoder(encoding);
  // The callback has nothing to do: an error destroys the decoder with it, and whoever reads the decoder gets it.
  pipeline(
    response,
    (source) => capWire(source, 2 * limit),
    decoder,
    () => undefined,
  );
  return decoder;
}

function grow(store: Buffer, used: number, needed: number, limit: number): Buffer {
  if (needed <= store.length) return store;
  const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, store.length * 2), limit));
  store.copy(larger, 0, 0, used);
  return larger;
}

/** At most `limit` decoded bytes. @throws Upstream for an encoding we don't take, or the stream's own error (reset, broken gzip). */
export async function readBoundedBody(response: IncomingMessage, limit: number): Promise<BoundedBody> {
  let store: Buffer = Buffer.allocUnsafe(Math.min(FIRST_ALLOCATION, limit));
  let used = 0;
  for await (const chunk of decode(response, limit)) {
    const kept = Math.min(chunk.length, limit - used);
    store = grow(store, used, used + kept, limit);
    chunk.copy(store, used, 0, kept);
    used += kept;
    if (kept < chunk.length) return { bytes: store.subarray(0, used), truncated: true };
  }
  return { bytes: store.subarray(0, used), truncated: false };
}
