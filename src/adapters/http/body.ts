// Request bodies with a ceiling that holds before anything is parsed: by the announced length, else while it streams in.
import type { Context } from 'hono';

export const API_BODY_BYTES = 256 * 1024;
export const WEBHOOK_BODY_BYTES = 64 * 1024;

/** Null when the body is over `limit` bytes; never holds more than that in memory. */
export async function readBody(context: Context, limit: number): Promise<Buffer | null> {
  const announced = context.req.header('content-length');
  if (announced !== undefined && Number(announced) > limit) return null;
  const stream = context.req.raw.body;
  if (stream === null) return Buffer.alloc(0);
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
}

/** The ceiling as a sentence. */
export function tooLarge(limit: number): string {
  return `The request is over ${limit / 1024} KB. Send less text; nothing was stored.`;
}

/** @throws SyntaxError when it is no JSON object. */
export function parseObject(body: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('not an object');
  return value as Record<string, unknown>;
}
