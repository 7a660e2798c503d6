// Slack's v0 signature over the raw body: right secret, right time in both directions.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's own window, here for clocks that are behind and for requests from the future alike. */
const WINDOW_SECONDS = 300;

export interface SignedRequest {
  rawBody: Uint8Array;
  timestamp: string | null;
  signature: string | null;
}

/** @param secret must not be empty: with an empty one anybody could sign. @returns the signature when it is right, else null. */
export function verifySignature(secret: string, request: SignedRequest, now: Date): string | null {
  const { rawBody, timestamp, signature } = request;
  if (secret === '' || timestamp === null || signature === null || !/^\d{1,12}$/.test(timestamp)) return null;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > WINDOW_SECONDS) return null;
  const expected = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest('hex')}`;
  const given = Buffer.from(signature);
  const wanted = Buffer.from(expected);
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? expected : null;
}
