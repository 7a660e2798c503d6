// Canary secrets in the formats of well-known keys, different with every seed, for tests that look for them where they must not be.
import { hashSeed, randomFrom, uniformInt } from '../../src/core/random.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const HEX = `${DIGITS}abcdef`;
const ALNUM = LOWER + LOWER.toUpperCase() + DIGITS;
const CAPITALS = LOWER.toUpperCase() + DIGITS;

type Draw = (alphabet: string, length: number) => string;

/** `before` and `after` are what a key of this format stands in. */
type Format = (draw: Draw) => { before?: string; key: string; after?: string };

const FORMATS: Format[] = [
  (d) => ({ key: `sk-${d(ALNUM, 47)}A` }),
  (d) => ({ key: `sk-proj-${d(ALNUM, 119)}7` }),
  (d) => ({ key: `sk-ant-api03-${d(ALNUM, 93)}AA` }),
  (d) => ({ key: `sk_live_${d(ALNUM, 24)}` }),
  (d) => ({ key: `rk_live_${d(ALNUM, 60)}` }),
  (d) => ({ key: `whsec_${d(ALNUM, 32)}` }),
  (d) => ({ key: `xoxb-${d(DIGITS, 12)}-${d(DIGITS, 13)}-${d(ALNUM, 24)}` }),
  (d) => ({ key: `xapp-1-A${d(CAPITALS, 10)}-${d(DIGITS, 13)}-${d(HEX, 64)}` }),
  (d) => ({ key: `ghp_${d(ALNUM, 36)}` }),
  (d) => ({ key: `github_pat_${d(ALNUM, 22)}_${d(ALNUM, 59)}` }),
  (d) => ({ key: `glpat-${d(ALNUM, 20)}` }),
  (d) => ({ key: `AKIA${d(CAPITALS, 16)}` }),
  (d) => ({ key: `AIza${d(ALNUM, 35)}` }),
  (d) => ({ key: `M${d(ALNUM, 23)}.${d(ALNUM, 6)}.${d(ALNUM, 38)}` }),
  (d) => ({ key: `SG.${d(ALNUM, 22)}.${d(ALNUM, 43)}` }),
  (d) => ({ key: `npm_${d(ALNUM, 36)}` }),
  (d) => ({ key: `hvs.${d(ALNUM, 90)}` }),
  (d) => ({ before: 'Authorization: Bearer ', key: `${d(ALNUM, 31)}4` }),
  (d) => ({ before: 'postgres://jug:', key: d(ALNUM, 18), after: '@db.example.com:5432/jug' }),
  (d) => ({ before: 'aws_secret_access_key=', key: d(ALNUM, 40) }),
];

export interface Planted {
  /** What is planted somewhere. */
  text: string;
  /** What must then be found nowhere. */
  canary: string;
}

/** `count` different ones, half of them in base64. */
export function plantSecrets(name: string, count: number): Planted[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomFrom(hashSeed(name, index));
    const draw: Draw = (alphabet, length) => Array.from({ length }, () => alphabet[uniformInt(random, 0, alphabet.length - 1)]).join('');
    const { before = '', key, after = '' } = (FORMATS[index % FORMATS.length] as Format)(draw);
    if (index % 2 === 0) return { text: before + key + after, canary: key };
    const encoded = Buffer.from(before + key + after).toString('base64');
    return { text: encoded, canary: encoded.replaceAll('=', '').slice(8) };
  });
}
