// Signed by one key of the installation: download links, which carry their own end, and outgoing webhooks. Pure.
import { createHmac } from 'node:crypto';
import { equalSecrets } from '../../core/secret.ts';

const hmac = (secret: string, text: string) => createHmac('sha256', secret).update(text);

const signLink = (secret: string, orderId: number, until: number): string =>
  hmac(secret, `download:${orderId}:${until}`).digest('base64url');

/** `/o/ORDER.UNTIL.SIGNATURE`: order number and unix seconds, both in base 36. */
export function downloadPath(secret: string, orderId: number, until: Date): string {
  const seconds = Math.floor(until.getTime() / 1000);
  return `/o/${orderId.toString(36)}.${seconds.toString(36)}.${signLink(secret, orderId, seconds)}`;
}

export type ReadLink = { kind: 'order'; orderId: number } | { kind: 'expired' } | { kind: 'forged' };

/** @param token what stands behind `/o/` */
export function readDownloadToken(secret: string, token: string, now: Date): ReadLink {
  const match = /^([0-9a-z]{1,10})\.([0-9a-z]{1,8})\.([\w-]{43})$/.exec(token);
  const [orderId, until] = [Number.parseInt(match?.[1] ?? '', 36), Number.parseInt(match?.[2] ?? '', 36)];
  if (match === null || !equalSecrets(match[3] ?? '', signLink(secret, orderId, until))) return { kind: 'forged' };
  return until * 1000 <= now.getTime() ? { kind: 'expired' } : { kind: 'order', orderId };
}

/** What the receiver of an offer's webhooks checks with; another one for each address, so that one receiver cannot speak for another. */
export const hookSecret = (secret: string, url: string): string => `whsec_${hmac(secret, `hook:${url}`).digest('base64url')}`;

/** `t=SECONDS,v1=HEX`, as payment processors sign theirs: HMAC-SHA256 of `SECONDS.BODY`. */
export function signHook(secret: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  return `t=${seconds},v1=${hmac(secret, `${seconds}.${body}`).digest('hex')}`;
}
