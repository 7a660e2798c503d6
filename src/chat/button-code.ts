// A button on the wire: its command and arguments as one short string, like `approve:id=17`. Pure; what it cannot read is null.
// It carries names and ids only, never state: what the button may do is decided by dispatch when it is pressed.
import type { Button } from './card.ts';

export type PressedButton = Pick<Button, 'command' | 'args'>;
type Value = Button['args'][string];

/** Discord's limit for a custom_id, the smaller of the two platforms. */
const MAX_LENGTH = 100;
const COMMAND = /^[a-z][a-z-]{0,39}$/;
const NUMBER = /^-?\d[\d.e+-]*$/;

/** @returns null when it does not fit into 100 characters: such a command has to be typed. */
export function encodeButton(command: string, args: Readonly<Button['args']>): string | null {
  if (!COMMAND.test(command)) return null;
  const parts: string[] = [];
  for (const [name, value] of Object.entries(args)) {
    const text = name === '' || !name.isWellFormed() ? null : encodeValue(value);
    if (text === null) return null;
    parts.push(`${escapePart(name)}=${text}`);
  }
  const code = parts.length === 0 ? command : `${command}:${parts.join(';')}`;
  return code.length <= MAX_LENGTH ? code : null;
}

/** Accepts exactly what encodeButton makes: one button has one code. */
export function decodeButton(code: string): PressedButton | null {
  if (code.length > MAX_LENGTH) return null;
  const [, command = '', rest] = /^([a-z-]+)(?::(.+))?$/.exec(code) ?? [];
  const entries = rest === undefined ? [] : rest.split(';').map(decodePart);
  if (entries.includes(null)) return null;
  const args = Object.fromEntries(entries.filter((entry) => entry !== null));
  return encodeButton(command, args) === code ? { command, args } : null;
}

/** Text begins with a quote, so that the text "17" and the number 17 stay apart. */
function encodeValue(value: Value): string | null {
  if (typeof value === 'string') return value.isWellFormed() ? `'${escapePart(value)}` : null;
  if (typeof value === 'boolean') return String(value);
  return Number.isFinite(value) ? String(value) : null;
}

function decodePart(part: string): [string, Value] | null {
  const at = part.indexOf('=');
  if (at < 1) return null;
  const name = unescapePart(part.slice(0, at));
  const value = decodeValue(part.slice(at + 1));
  return name === null || value === null ? null : [name, value];
}

function decodeValue(text: string): Value | null {
  if (text.startsWith("'")) return unescapePart(text.slice(1));
  if (text === 'true' || text === 'false') return text === 'true';
  return NUMBER.test(text) ? Number(text) : null;
}

/** Plain ASCII without white space, which no platform trims or normalises; a space is `+`. `& < > "` never stand in it: Slack hands them back changed. */
function escapePart(text: string): string {
  return text.replace(/[^!-~]|[%;+=&<>"]/gu, (found) => (found === ' ' ? '+' : encodeURIComponent(found)));
}

function unescapePart(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
