// Kinds of values that variables of the environment have, each with the sentence that says what is wrong with another one.
import { z } from 'zod';
import { parseUsd } from './core/money.ts';
import { Secret } from './core/secret.ts';

export const text = z.string().trim().min(1);
export const secret = text.transform((value) => new Secret(value));
export const webUrl = z.url({ protocol: /^https?$/, error: 'is not an address that begins with http:// or https://' });
export const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const dollars = z.string().transform((value, context) => {
  try {
    return parseUsd(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not an amount in dollars, like 50 or 12.50' });
    return z.NEVER;
  }
});
const PLATFORM_ID = /^(slack:[^/\s]+\/[^/\s]+|discord:\S+|console:\S+)$/;
export const people = z.string().transform((value, context) => {
  const ids = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const id of ids) {
    if (!PLATFORM_ID.test(id))
      context.addIssue({ code: 'custom', message: `"${id}" is not a platform id like slack:T1/U1, discord:123 or console:NAME` });
  }
  return ids;
});
export const timezone = text.refine((zone) => {
  // An offset like +02:00 means the opposite to PostgreSQL, and knows no clock change.
  if (!/^[a-z]/i.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, 'is not a time zone name like Europe/Berlin');
