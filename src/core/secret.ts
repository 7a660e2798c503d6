// A value that must not be shown: printing, logging or serialising it gives "[secret]".
import { timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';
import { sha256 } from './canonical-json.ts';

export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The one way to the value; search for it to see who reads secrets. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Compares in constant time, whatever the lengths. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}

/** While a signing secret is changed the old one and the new one are both believed: written one after the other with a comma. */
export function splitSecret(secret: Secret): string[] {
  const parts = secret.reveal().split(',');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
