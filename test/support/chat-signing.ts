// Requests as Slack signs them, for a test that sends its own: right ones, wrong ones, and the same words at another time.
import { createHmac } from 'node:crypto';

export const FORM = 'application/x-www-form-urlencoded';

export interface SignedRequest {
  body: string;
  headers: Record<string, string>;
}

/** @param at seconds since the epoch; now if not said */
export function signForSlack(secret: string, body: string, { at, type = FORM }: { at?: number; type?: string } = {}): SignedRequest {
  const timestamp = at ?? Math.floor(Date.now() / 1000);
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return { body, headers: { 'content-type': type, 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': signature } };
}

/** @returns the HTTP status of the answer. */
export async function postToSlackDoor(port: number, { body, headers }: SignedRequest): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body, redirect: 'manual' });
  await response.arrayBuffer();
  return response.status;
}
