// Writing to people who did not write first: whom never, how often, how many a day. Pure; enforced in code before any words leave.
import { createHmac } from 'node:crypto';
import type { Json } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import { equalSecrets } from '../../core/secret.ts';

/** New words to people outside, a day and mode. */
export const MOST_A_DAY = 10;
/** Nobody hears from us twice within it. */
export const COOLDOWN_MS = 7 * 24 * 3_600_000;

const EMAIL = /^[^\s@<>"]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/;
const HANDLE = /^[a-z][a-z0-9-]{1,20}:@?[\w.-]{1,60}$/;

/** One spelling of one person's address: a mail address, or `network:name`. @throws InvalidInput */
export function readContact(text: string): string {
  const plain = text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/^mailto:/, '');
  const [local = '', domain = ''] = plain.split('@');
  // Tags behind a plus reach the same person.
  if (EMAIL.test(plain)) return `${local.replace(/\+.*$/, '')}@${domain}`;
  if (HANDLE.test(plain)) return plain.replace(':@', ':');
  throw new InvalidInput(`"${text.slice(0, 60)}" is neither a mail address nor a name like linkedin:jane.doe.`);
}

const ADDRESSES = /[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+/gi;

/** Every mail address that stands in a text, in one spelling each. */
export const findContacts = (text: string): string[] => [
  ...new Set(
    (text.match(ADDRESSES) ?? [])
      .map((found) => found.replace(/^[^\w]+/, ''))
      .filter((found) => EMAIL.test(found.toLowerCase()))
      .map(readContact),
  ),
];

/** Fields by which tools are told whom a message is for. */
const RECEIVER =
  /^(?:to|cc|bcc|recipients?|receivers?|addressees?|contacts?|(?:to_?)?user(?:_?(?:name|id))?|handle|phone(?:_?number)?|chat_?id|person)$/i;

/**
 * Whoever the arguments of a tool name as the receiver, on its network: `linkedin:jane.doe`, as people say it too. Mail addresses are
 * found wherever they stand.
 * @param network the server of the tool
 */
export function findReceivers(input: Json, network: string): string[] {
  if (Array.isArray(input)) return input.flatMap((one) => findReceivers(one, network));
  if (typeof input !== 'object' || input === null) return [];
  return Object.entries(input).flatMap(([field, value]) =>
    RECEIVER.test(field) ? leavesOf(value).flatMap((leaf) => namesIn(leaf, network)) : findReceivers(value, network),
  );
}

const leavesOf = (value: Json): (string | number)[] => {
  if (typeof value === 'string' || typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
};

function namesIn(leaf: string | number, network: string): string[] {
  const name = String(leaf).normalize('NFKC').trim().toLowerCase().replace(/^@/, '').slice(0, 100);
  return name === '' || findContacts(name).length > 0 ? [] : [`${network.toLowerCase()}:${name}`];
}

/** Kept in the place of the address. With the installation's key nobody can try addresses against a copy of the table. */
export const contactHash = (secret: string, contact: string): string =>
  createHmac('sha256', secret).update(`contact\u0000${contact}`).digest('base64url').slice(0, 27);

/** `j…@example.com`, `linkedin:j…`: enough for a person to know the row, too little to write to. */
export function maskContact(contact: string): string {
  const at = contact.includes('@') ? contact.indexOf('@') : contact.length;
  const start = contact.includes('@') ? 0 : contact.indexOf(':') + 1;
  return `${contact.slice(0, start + 1)}…${contact.slice(at)}`;
}

export interface ContactFacts {
  isSuppressed: boolean;
  /** When they were last written to; null: never. */
  lastAt: Date | null;
  /** How many people were written to in the last 24 hours. */
  recent: number;
}

/** @returns why they must not be written to now; null when they may be */
export function judgeOutreach({ isSuppressed, lastAt, recent }: ContactFacts, now: Date): string | null {
  if (isSuppressed) return 'This person does not want to be written to, now or ever.';
  if (lastAt !== null && now.getTime() - lastAt.getTime() < COOLDOWN_MS)
    return `This person was written to on ${lastAt.toISOString().slice(0, 10)}: not again within seven days.`;
  return recent >= MOST_A_DAY ? `${MOST_A_DAY} people were written to in the last 24 hours; that is the most.` : null;
}

const sign = (secret: string, contact: string): string =>
  createHmac('sha256', secret).update(`unsubscribe\u0000${contact}`).digest('base64url').slice(0, 22);

/** `/o/unsubscribe/CONTACT.SIGNATURE`; it never ends. @param contact its hash */
export const unsubscribePath = (secret: string, contact: string): string => `/o/unsubscribe/${contact}.${sign(secret, contact)}`;

/** @returns the contact's hash; null for a link that we did not make */
export function readUnsubscribe(secret: string, token: string): string | null {
  const [, contact = '', signature = ''] = /^([\w-]{27})\.([\w-]{22})$/.exec(token) ?? [];
  return contact !== '' && equalSecrets(signature, sign(secret, contact)) ? contact : null;
}
