// Signed payment events: the raw body, the signature, both time directions, and a mode that follows from the secret alone.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { PROVIDER } from '../domain/money/payment-store.ts';
import type { PaymentProvider } from '../domain/offers/payment-provider.ts';
import type { Mode } from '../domain/tools/tool.ts';

const TOLERANCE_SECONDS = 300;
const head = z.object({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  livemode: z.boolean(),
  account: z.string().nullish(),
});

export interface PaymentSecret {
  source: string;
  mode: Mode;
  secret: string;
  /** Whose events they are; null: the sender has no accounts. */
  account: (() => Promise<string>) | null;
}

export interface SignedDelivery {
  rawBody: Buffer;
  signature: string | null;
  secrets: readonly PaymentSecret[];
  now: Date;
  /** Told of events that are signed and refused all the same: a setting is wrong somewhere. */
  onRefused: (event: { eventId: string; type: string }, why: string) => void;
  /** Stores the event durably; only then is it acknowledged. */
  accept: (event: { source: string; mode: Mode; eventId: string; type: string; body: unknown }) => Promise<void>;
}

type Answer = { status: 200 | 400 | 503; message: string };

/** Answers 400 for anything not signed by a secret of ours within five minutes either way, and for a livemode flag that disagrees. */
export async function verifyPayment(delivery: SignedDelivery): Promise<Answer> {
  if (delivery.signature === null) return { status: 400, message: 'no signature' };
  if (isFromTheFuture(delivery.signature, delivery.now)) return { status: 400, message: 'the signature is from the future' };
  const secret = findSecret(delivery);
  if (secret === null) return { status: 400, message: 'the signature is wrong or too old' };
  const body = parse(delivery.rawBody);
  const event = head.safeParse(body);
  if (!event.success) return { status: 400, message: 'not an event' };
  const wrong = await findWrong(secret, event.data);
  if (wrong !== null) {
    delivery.onRefused({ eventId: event.data.id, type: event.data.type }, wrong);
    return { status: 400, message: wrong };
  }
  await delivery.accept({
    source: secret.source,
    mode: secret.mode,
    eventId: event.data.id,
    type: event.data.type,
    body,
  });
  return { status: 200, message: 'ok' };
}

/** Only events of connected accounts name one; nobody is connected here, so it must be our own. */
async function findWrong(secret: PaymentSecret, event: z.output<typeof head>): Promise<string | null> {
  if (event.livemode !== (secret.mode === 'live')) return 'the livemode flag disagrees with the secret';
  const { account } = event;
  if (account === undefined || account === null || secret.account === null) return null;
  return account === (await secret.account()) ? null : 'the event is of another account';
}

/** The secrets whose signatures are believed. */
export function paymentSecrets(
  mode: Mode,
  market: string | null,
  provider: { secrets: readonly string[]; payments: PaymentProvider } | null,
): PaymentSecret[] {
  const own = provider === null ? [] : [provider];
  return [
    ...(market === null ? [] : [{ source: 'practice market', mode: 'practice' as const, secret: market, account: null }]),
    ...own.flatMap(({ secrets, payments }) =>
      secrets.map((secret) => ({ source: PROVIDER, mode, secret, account: async () => (await payments.account()).id })),
    ),
  ];
}

/** What a signature's own words give away, before a byte of the body is read; null: it must be verified. */
export function refuseUnread(signature: string | null): string | null {
  if (signature === null) return 'no signature';
  const isWhole = /(?:^|,)\s*t=\d{1,12}(?:,|$)/.test(signature) && /(?:^|,)\s*v1=[0-9a-f]{64}(?:,|$)/.test(signature);
  return isWhole ? null : 'the signature is malformed';
}

function isFromTheFuture(signature: string, now: Date): boolean {
  const stamp = /(?:^|,)\s*t=(\d{1,12})(?:,|$)/.exec(signature)?.[1];
  return stamp !== undefined && Number(stamp) * 1000 > now.getTime() + TOLERANCE_SECONDS * 1000;
}

/** Stripe's scheme v1: the HMAC of time, a dot and the raw body. Nothing of a body is read as text before that is right. */
function findSecret({ rawBody, signature, secrets, now }: SignedDelivery): PaymentSecret | null {
  const stamp = /(?:^|,)\s*t=(\d{1,12})(?:,|$)/.exec(signature ?? '')?.[1];
  const claimed = [...(signature ?? '').matchAll(/(?:^|,)\s*v1=([0-9a-f]{64})(?=,|$)/g)].map(([, hex = '']) => Buffer.from(hex, 'hex'));
  if (stamp === undefined || Number(stamp) * 1000 < now.getTime() - TOLERANCE_SECONDS * 1000) return null;
  const isBy = ({ secret }: PaymentSecret): boolean => {
    const right = createHmac('sha256', secret).update(`${stamp}.`).update(rawBody).digest();
    return claimed.some((one) => timingSafeEqual(one, right));
  };
  return secrets.find(isBy) ?? null;
}

function parse(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return null;
  }
}
