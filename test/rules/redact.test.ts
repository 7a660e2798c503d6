// No secret survives redaction, raw or encoded; ordinary text comes back untouched.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashSeed, randomFrom, uniformInt } from '../../src/core/random.ts';
import { redactText, registerSecret } from '../../src/core/redact.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const ALNUM = LOWER + UPPER + DIGITS;
const URL64 = `${ALNUM}_-`;
const HEX = `${DIGITS}abcdef`;

type Draw = (alphabet: string, length: number) => string;

function drawFrom(seed: number): Draw {
  const random = randomFrom(seed);
  return (alphabet, length) => Array.from({ length }, () => alphabet[uniformInt(random, 0, alphabet.length - 1)]).join('');
}

const jsonPart = (draw: Draw) => Buffer.from(JSON.stringify({ alg: 'HS256', sub: draw(ALNUM, 9) })).toString('base64url');

interface Planted {
  text: string;
  canary: string;
}

type Format = (draw: Draw) => Planted;

/** Each format gives a whole text and the secret part of it that must not survive. */
const FORMATS: Record<string, Format> = {
  openai: (d) => whole(`sk-${d(ALNUM, 48)}`),
  'openai project': (d) => whole(`sk-proj-${d(URL64, 120)}`),
  anthropic: (d) => whole(`sk-ant-api03-${d(URL64, 93)}AA`),
  openrouter: (d) => whole(`sk-or-v1-${d(HEX, 64)}`),
  'stripe live': (d) => whole(`sk_live_${d(ALNUM, 24)}`),
  'stripe restricted': (d) => whole(`rk_live_${d(ALNUM, 99)}`),
  'stripe test': (d) => whole(`sk_test_${d(ALNUM, 24)}`),
  'stripe webhook': (d) => whole(`whsec_${d(ALNUM, 32)}`),
  'slack bot': (d) => whole(`xoxb-${d(DIGITS, 12)}-${d(DIGITS, 13)}-${d(ALNUM, 24)}`),
  'slack user': (d) => whole(`xoxp-${d(DIGITS, 12)}-${d(DIGITS, 12)}-${d(HEX, 32)}`),
  'slack app': (d) => whole(`xapp-1-A${d(UPPER + DIGITS, 10)}-${d(DIGITS, 13)}-${d(HEX, 64)}`),
  'slack webhook': (d) => inside('https://hooks.slack.com/services/', `T${d(UPPER, 8)}/B${d(UPPER, 8)}/${d(ALNUM, 24)}`, ''),
  'github classic': (d) => whole(`ghp_${d(ALNUM, 36)}`),
  'github app': (d) => whole(`ghs_${d(ALNUM, 36)}`),
  'github fine-grained': (d) => whole(`github_pat_${d(ALNUM, 22)}_${d(ALNUM, 59)}`),
  gitlab: (d) => whole(`glpat-${d(URL64, 20)}`),
  'aws key id': (d) => whole(`AKIA${d(UPPER + DIGITS, 16)}`),
  'aws secret': (d) => inside('aws_secret_access_key=', d(`${ALNUM}/+`, 40), ''),
  google: (d) => whole(`AIza${d(URL64, 35)}`),
  'google oauth': (d) => whole(`ya29.${d(URL64, 60)}`),
  jwt: (d) => whole(`${jsonPart(d)}.${jsonPart(d)}.${d(URL64, 43)}`),
  'discord bot': (d) => whole(`M${d(ALNUM, 23)}.${d(URL64, 6)}.${d(URL64, 38)}`),
  'discord webhook': (d) => inside(`https://discord.com/api/webhooks/${d(DIGITS, 18)}/`, d(URL64, 68), ''),
  telegram: (d) => whole(`${d('123456789', 10)}:AA${d(URL64, 33)}`),
  sendgrid: (d) => whole(`SG.${d(URL64, 22)}.${d(URL64, 43)}`),
  twilio: (d) => whole(`SK${d(HEX, 32)}`),
  mailgun: (d) => whole(`key-${d(HEX, 32)}`),
  'hugging face': (d) => whole(`hf_${d(ALNUM, 34)}`),
  npm: (d) => whole(`npm_${d(ALNUM, 36)}`),
  digitalocean: (d) => whole(`dop_v1_${d(HEX, 64)}`),
  shopify: (d) => whole(`shpat_${d(HEX, 32)}`),
  databricks: (d) => whole(`dapi${d(HEX, 32)}`),
  groq: (d) => whole(`gsk_${d(ALNUM, 52)}`),
  vault: (d) => whole(`hvs.${d(URL64, 90)}`),
  bearer: (d) => inside('Authorization: Bearer ', d(ALNUM, 32), ''),
  basic: (d) => inside('Basic ', Buffer.from(`${d(LOWER, 6)}:${d(ALNUM, 14)}1`).toString('base64'), ''),
  'database url': (d) => inside('postgres://jug:', d(ALNUM, 18), '@db.example.com:5432/jug'),
  'password assignment': (d) => inside('password=', d(ALNUM, 12), ''),
  'quoted token': (d) => inside('{"access_token":"', d(ALNUM, 40), '"}'),
  'environment line': (d) => inside('STRIPE_API_KEY=', d(ALNUM, 30), ''),
  'said password': (d) => inside('the password: ', `${d(LOWER, 5)}7${d(ALNUM, 6)}`, ' works'),
  'private key': (d) =>
    inside(
      '-----BEGIN RSA PRIVATE KEY-----\n',
      `MII${d(ALNUM, 61)}\n${d(ALNUM, 64)}\n${d(ALNUM, 30)}==`,
      '\n-----END RSA PRIVATE KEY-----',
    ),
};

function whole(canary: string) {
  return { text: canary, canary };
}

function inside(before: string, canary: string, after: string) {
  return { text: before + canary + after, canary };
}

/** How a text may come to a log line. */
const WRAPPINGS: Record<string, (text: string) => string> = {
  alone: (text) => text,
  'in a sentence': (text) => `the far side said ${text} and went away.`,
  'in a JSON line': (text) => JSON.stringify({ level: 50, msg: `failed with ${text}` }),
  'as a JSON value': (text) => JSON.stringify({ level: 50, detail: { value: text } }),
  'in JSON inside JSON': (text) => JSON.stringify({ body: JSON.stringify({ value: text }) }),
  'behind an equals sign': (text) => `value=${text}`,
};

const ENCODINGS: Record<string, (text: string) => string> = {
  raw: (text) => text,
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  hex: (text) => Buffer.from(text).toString('hex'),
  'percent encoding': (text) => text.replace(/[^\w.~-]|[aeiou]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`),
  'base64 behind one letter': (text) => `/${Buffer.from(text).toString('base64')}`,
  'base64 behind two letters': (text) => `a/${Buffer.from(text).toString('base64')}`,
  'base64 in a path': (text) => `/v1/x/${Buffer.from(text).toString('base64')}`,
  'base64 of more than the secret': (text) => Buffer.from(`{"a":1,"b":"${text}"}`).toString('base64'),
  'base64 in lines of 76': (text) =>
    Buffer.from(`${text} and some more words to fill another line of text`).toString('base64').replace(/.{76}/g, '$&\n'),
};

const SEEDS = process.env['JUG_TEST_LONG'] ? 40 : 6;

/** Any ten characters in a row of the secret part would be too much. */
function survivesIn(output: string, encodedCanary: string): boolean {
  for (let at = 0; at + 10 <= encodedCanary.length; at += 1) {
    if (output.includes(encodedCanary.slice(at, at + 10))) return true;
  }
  return false;
}

/** One planted secret in every encoding and wrapping. An encoded text is secret as a whole; a raw one keeps its harmless parts. */
function variantsOf({ text, canary }: Planted): { line: string; mustGo: string }[] {
  return Object.entries(ENCODINGS).flatMap(([encoding, encode]) => {
    const mustGo = encoding === 'raw' ? JSON.stringify(canary).slice(1, -1) : encode(text).slice(16);
    return Object.values(WRAPPINGS).map((wrap) => ({ line: wrap(encode(text)), mustGo }));
  });
}

describe('secrets are cut by their shape', () => {
  test.for(Object.keys(FORMATS))('a secret of the format "%s" survives in no encoding and no wrapping', (name) => {
    const make = FORMATS[name] as Format;
    const planted = Array.from({ length: SEEDS }, (_, seed) => make(drawFrom(hashSeed(name, seed)))).flatMap(variantsOf);
    const escaped = planted
      .filter(({ line, mustGo }) => survivesIn(redactText(line), mustGo))
      .map(({ line }) => `${line} → ${redactText(line)}`);
    expect(planted.length).toBe(SEEDS * Object.keys(ENCODINGS).length * Object.keys(WRAPPINGS).length);
    expect(escaped).toEqual([]);
  });

  test('there are more than 200 planted secrets in more than 25 formats', () => {
    expect(Object.keys(FORMATS).length).toBeGreaterThanOrEqual(25);
    expect(Object.keys(FORMATS).length * SEEDS).toBeGreaterThanOrEqual(200);
  });

  test('what is not secret around it stays readable', () => {
    expect(redactText('postgres://jug:hunter2hunter2@db.example.com/jug')).toBe('postgres://jug:[secret]@db.example.com/jug');
    expect(redactText('GET /?token=abcDEF123456&page=2')).toBe('GET /?token=[secret]&page=2');
    expect(redactText('{"a":1,"password":"correct horse battery","b":2}')).toBe('{"a":1,"password":"[secret]","b":2}');
  });

  test('a redacted JSON line is still JSON', () => {
    for (const [name, make] of Object.entries(FORMATS)) {
      const { text } = make(drawFrom(hashSeed('json', name)));
      expect(
        () => JSON.parse(redactText(JSON.stringify({ token: text, msg: `x ${text} y`, nested: JSON.stringify({ password: text }) }))),
        name,
      ).not.toThrow();
    }
  });
});

const LINE_KEY = 'aB3dE6gH9jK2mN5pQ8sT1vW4';

describe('a secret at the beginning of a line', () => {
  const secrets = [
    `sk-proj-${LINE_KEY}`,
    `npm_${LINE_KEY}aB3dE6gH9jK2`,
    `ghp_${LINE_KEY}`,
    `Bearer ${LINE_KEY}`,
    Buffer.from(`the key is sk-proj-${LINE_KEY}`).toString('base64'),
  ];
  test.for(['\n', '\t', '\r\n', '\u0001', '\u0007\b', '\\', 'C:\\'])(
    '%j before it hides it neither in text, nor in JSON, nor in JSON inside JSON',
    (before) => {
      for (const secret of secrets) {
        const text = `first line${before}${secret} and more`;
        const secretPart = secret.replace('Bearer ', '');
        for (const written of [text, JSON.stringify({ text }), JSON.stringify({ nested: JSON.stringify({ text }) })])
          expect(redactText(written), written).not.toContain(secretPart);
      }
    },
  );
});

describe('known secrets are cut by value', () => {
  test('a registered secret without any shape is cut, raw and encoded, also in the middle of encoded text', () => {
    const secret = 'plum "violet" orchard/42+7';
    registerSecret(secret);
    const around = [`x${secret}y`, `xy${secret}`, `xyz${secret}yz`];
    const forms = [
      secret,
      JSON.stringify({ secret }),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('hex'),
      ...around.map((text) => Buffer.from(text).toString('base64')),
      ...around.map((text) => Buffer.from(text).toString('base64url')),
    ];
    for (const form of forms) {
      const output = redactText(`before ${form} after`);
      expect(output, form).toContain('[secret]');
      expect(output, form).toMatch(/^before .*after$/);
      const probe = form.includes('plum') ? 'violet' : form.slice(8, 24);
      expect(output, form).not.toContain(probe);
    }
  });

  test('even one of eight characters is found in hex', () => {
    registerSecret('plum-9x!');
    expect(redactText(`x ${Buffer.from('plum-9x!').toString('hex')} ${Buffer.from('plum-9x!').toString('hex').toUpperCase()}`)).toBe(
      'x [secret] [secret]',
    );
  });

  test('a short value is not registered, because it would cut ordinary words', () => {
    registerSecret('task');
    registerSecret('');
    expect(redactText('the task is done')).toBe('the task is done');
  });
});

const ORDINARY = [
  'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  '{"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","kind":"outside_read"}',
  '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  'idempotency key 3fa85f64-5717-4562-b3fc-2c963f66afa6 was used',
  'launch lch_0001, order ord_17, receipt rcpt-2026-11-22-0001',
  'Spent $10.00 of $60.00, revenue $1,234.56, model cost $0.000125',
  'tokens: 12345, inputTokens: 4500, outputTokens=812',
  '{"maxTokens":1024,"token_count":99,"tokens":17}',
  'The password: required. A token is a word; the secret of success is patience.',
  'Password must have at least 8 characters',
  'Bearer authentication is needed; send the header.',
  'basic understanding of marketing-automation-software',
  'the task-list-of-everything-we-know-so-far is long',
  'sk-learn-pipeline-for-text-classification',
  'https://example.com/articles/2026/11/how-to-sell-more-with-fewer-words?page=2&sort=new',
  'http://127.0.0.1:4280/api/messages?channel=goals&after=12',
  'at file:///work/main/src/adapters/practice/market-server.ts:33:11',
  'Error: connect ECONNREFUSED /tmp/juggernaut-test-1a2b3c4d/.s.PGSQL.5432',
  'postgres://db.example.com:5432/jug',
  'mailto:someone@example.com or slack:T012AB3CD/U045EF6GH or discord:123456789012345678',
  '2026-11-22T09:00:00.000Z',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  '-----BEGIN CERTIFICATE-----',
  'Donaudampfschifffahrtsgesellschaftskapitänsmütze',
  'SELECT_SOMETHING_LONG_FROM_A_TABLE_WITH_A_LONG_NAME',
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  '50% off, 100%25 sure, caf%C3%A9',
  'approve:17 deny:17 change:17',
  '<script>alert(1)</script> @everyone <!channel>',
  '',
];

describe('ordinary text', () => {
  test.for(ORDINARY)('stays as it is: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test('random hashes and ids stay as they are', () => {
    const draw = drawFrom(7);
    for (let i = 0; i < 500; i += 1) {
      for (const text of [draw(HEX, 64), draw(HEX, 40), draw(ALNUM, 21), `id_${draw(URL64, 27)}`, draw(DIGITS, 19)])
        expect(redactText(`x ${text} y`)).toBe(`x ${text} y`);
    }
  });

  test('redacting twice is redacting once, and no text makes it throw', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'password=',
        'Bearer ',
        'sk-',
        '://',
        '@',
        '%41',
        '"token":"',
        '\\n',
        '[secret]',
        'eyJhbGci',
        '.',
        'A1b2C3d4E5f6G7h8J9k0',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
        const once = redactText(parts.join(''));
        expect(redactText(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  test('JSON stays JSON where a secret follows an escaped character', () => {
    for (const before of ['\n', '\t', '\r\n', '\u0001', '\\']) {
      for (const secret of [
        'sk-proj-%41-----BEGIN PRIVATE KEY-----',
        'aB3dE6gH9jK2mN5pQ8sT1vW4%41sk-proj-aB3dE6gH9jK2mN5p',
        `sk-proj-${LINE_KEY}`,
      ]) {
        const line = JSON.stringify({ text: before + secret, nested: JSON.stringify({ text: before + secret }) });
        const redacted = JSON.parse(redactText(line)) as { nested: string };
        expect(() => JSON.parse(redacted.nested)).not.toThrow();
      }
    }
  });

  test('JSON stays JSON whatever is in it, also inside JSON', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '-----BEGIN PRIVATE KEY-----',
        '-----END',
        'password=',
        'token: ',
        'Bearer ',
        '"',
        '\\',
        '\n',
        '\r\n',
        '%41',
        'QUJD'.repeat(20),
        '41'.repeat(20),
        'aB3dE6gH9jK2mN5pQ8sT1vW4',
        'sk-proj-',
        '://a:b',
        '@',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (parts) => {
        const text = parts.join('');
        const line = JSON.stringify({ password: text, list: [text], nested: JSON.stringify({ secret: text }) });
        const redacted = JSON.parse(redactText(line));
        expect(Object.keys(redacted)).toEqual(['password', 'list', 'nested']);
        expect(() => JSON.parse(redacted.nested === '[secret]' ? '{}' : redacted.nested)).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });

  test('a hostile megabyte takes linear time', () => {
    for (const unit of [
      'eyJ',
      'sk-',
      'password=',
      '://a:',
      '%41',
      '-----BEGIN PRIVATE KEY-----',
      'A1',
      '12345678:',
      'AAAAAAAAAAAAAAAAAAAAAAAA\n',
      'hooks.slack.com/services/',
    ]) {
      const time = (size: number) => {
        const text = unit.repeat(Math.ceil(size / unit.length));
        const before = process.cpuUsage();
        redactText(text);
        return process.cpuUsage(before).user / 1000;
      };
      time(10_000);
      // Quadratic work at 0.25 MB would take minutes.
      expect(time(250_000), unit).toBeLessThan(1_500);
    }
  });
});
