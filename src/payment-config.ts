// The part of the configuration that connects Stripe. Only config.ts reads the environment itself.
import { z } from 'zod';
import { secret, webUrl } from './config-fields.ts';
import { parseUsd } from './core/money.ts';
import { type Secret, splitSecret } from './core/secret.ts';

/** `EUR=1.08,JPY=0.0066`: dollars for one unit. */
const usdRates = z.string().transform((text, context): ReadonlyMap<string, bigint> => {
  const parts = text.split(',').map((part) => /^\s*([A-Z]{3})\s*=\s*(\d{1,7}(?:\.\d{1,6})?)\s*$/.exec(part));
  const rates = parts.flatMap((part) => (part === null ? [] : [[part[1] ?? '', parseUsd(part[2] ?? '')] as const]));
  if (rates.length < parts.length || rates.some(([code, rate]) => code === 'USD' || rate <= 0n))
    context.addIssue({ code: 'custom', message: 'is not a list of dollars for one unit, like EUR=1.08,JPY=0.0066' });
  return new Map(rates);
});

export const paymentEnvironment = {
  STRIPE_SECRET_KEY: secret
    .refine((key) => modeOfKey(key) !== null, 'is not a key that begins with sk_test_, rk_test_, sk_live_ or rk_live_')
    .optional(),
  STRIPE_WEBHOOK_SECRET: secret
    .refine(isSigning, 'is not a signing secret that begins with whsec_ (or the new and the old one, with a comma)')
    .optional(),
  STRIPE_API_URL: webUrl.refine(isOrigin, 'has a path; the library asks /v1 of a host and port').optional(),
  JUG_USD_RATES: usdRates.optional(),
};

const whole = z.object(paymentEnvironment);
type PaymentEnvironment = z.output<typeof whole>;

export interface StripeConfig {
  secretKey: Secret;
  webhookSecret: Secret;
  /** Another Stripe-compatible server, like http://127.0.0.1:12111; null is Stripe itself. */
  apiUrl: string | null;
}

function isSigning(secret: Secret): boolean {
  const parts = splitSecret(secret);
  return parts.length > 0 && parts.every((part) => part.startsWith('whsec_'));
}

/** Stripe writes the mode into its keys. */
function modeOfKey(key: Secret): 'practice' | 'live' | null {
  const kind = /^[rs]k_(test|live)_\S+$/.exec(key.reveal())?.[1];
  return kind === undefined ? null : kind === 'live' ? 'live' : 'practice';
}

function isOrigin(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { pathname, search, username } = new URL(address);
  return ['', '/', '/v1', '/v1/'].includes(pathname) && search === '' && username === '';
}

export function readStripe(env: PaymentEnvironment): StripeConfig | null {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = env;
  if (secretKey === undefined || webhookSecret === undefined) return null;
  return { secretKey, webhookSecret, apiUrl: env.STRIPE_API_URL ?? null };
}

/** What is half set, and keys of the other mode: test money is never live money. */
export function findPaymentProblems(env: PaymentEnvironment, mode: 'practice' | 'live'): string[] {
  const problems: string[] = [];
  const key = env.STRIPE_SECRET_KEY;
  if (key !== undefined && env.STRIPE_WEBHOOK_SECRET === undefined)
    problems.push('STRIPE_WEBHOOK_SECRET: is missing; without it no payment can be believed (the endpoint’s signing secret, whsec_…)');
  for (const name of ['STRIPE_WEBHOOK_SECRET', 'STRIPE_API_URL'] as const)
    if (key === undefined && env[name] !== undefined) problems.push(`STRIPE_SECRET_KEY: is missing, but ${name} is set`);
  if (mode === 'live' && key === undefined) problems.push('STRIPE_SECRET_KEY: live mode needs a live payment key');
  if (key !== undefined && modeOfKey(key) !== mode)
    problems.push(
      mode === 'live'
        ? 'STRIPE_SECRET_KEY: is a test key, and live mode takes live keys only'
        : 'STRIPE_SECRET_KEY: is a live key, and practice mode takes test keys only',
    );
  return [...new Set(problems)];
}
