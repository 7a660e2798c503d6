// Minor units of currencies as processors count them, and amounts as people write them. Micro units everywhere else: 1 = 1_000_000.
import { InvalidInput } from './errors.ts';
import type { Micros } from './money.ts';

/** Without minor units at Stripe (docs.stripe.com/currencies). ISK and UGX have none either, but its API counts them in hundredths. */
const ZERO_DECIMAL = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const THREE_DECIMAL = new Set('BHD JOD KWD OMR TND'.split(' '));
/** Whole units only, although the API counts hundredths. */
const WHOLE_ONLY = new Set(['ISK', 'UGX']);

/** Decimals of a currency in a processor's API: 0, 2 or 3. @param currency ISO code, upper case */
export function decimalsOf(currency: string): number {
  return ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** Minor units of a currency as micro units of it: 1 cent = 10_000, 1 yen = 1_000_000, 1 fils = 1_000. */
export function fromMinor(minor: bigint, currency: string): Micros {
  return minor * 10n ** BigInt(6 - decimalsOf(currency));
}

/** @throws InvalidInput when the amount is finer than the currency, or than cards take it. */
export function toMinor(micros: Micros, currency: string): bigint {
  const unit = 10n ** BigInt(6 - decimalsOf(currency));
  if (micros % unit !== 0n) throw new InvalidInput(`${formatMoney(micros, currency)} has more decimals than ${currency}.`);
  const minor = micros / unit;
  // Card networks round the third decimal: Stripe takes tens of minor units only.
  if (THREE_DECIMAL.has(currency) && minor % 10n !== 0n) throw new InvalidInput(`The last of the three decimals of ${currency} must be 0.`);
  if (WHOLE_ONLY.has(currency) && minor % 100n !== 0n) throw new InvalidInput(`${currency} has no decimals.`);
  return minor;
}

/** `$12.50`, `EUR 18.00`, `JPY 500`, `KWD 1.250`; micro units below the currency's own are rounded half away from zero. */
export function formatMoney(micros: Micros, currency: string): string {
  const decimals = decimalsOf(currency);
  const sign = micros < 0n ? '-' : '';
  const unit = 10n ** BigInt(6 - decimals);
  const minor = ((micros < 0n ? -micros : micros) + unit / 2n) / unit;
  const digits = minor.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(digits.length - decimals)}`;
  return currency === 'USD' ? `${sign}$${text}` : `${currency} ${sign}${text}`;
}

/** Reads `19`, `19.90` or `1,250.000` as micro units. @throws InvalidInput */
export function parseAmount(text: string): Micros {
  const match = /^\s*(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,6}))?\s*$/.exec(text);
  if (match === null) throw new InvalidInput(`"${text.slice(0, 40)}" is not an amount. Write it like 19 or 19.90.`);
  return BigInt((match[1] ?? '').replaceAll(',', '')) * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0'));
}
