// Environment → Config: blank is absent, every problem is named, all of them at once, and nothing unsafe boots.
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environment, readConfig } from '../../src/config.ts';
import { DEFAULT_LIMITS, LISTED_MODEL, MODES } from '../../src/domain/brain/modes.ts';

const MODELS =
  '{"plan":{"primary":"a"},"execute":{"primary":"b","fallbacks":["c"]},"prices":{"a":{"input":1.25,"output":10},"c":{"input":0,"output":0}}}';
const read = (env: Record<string, string> = {}) => readConfig(env, '/home/bot');

/** The problems' lines, without the heading. */
function problemsOf(env: Record<string, string>): string[] {
  try {
    read(env);
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

describe('what is not set', () => {
  test('an empty environment is practice mode on loopback with the stated limits', () => {
    expect(read()).toEqual({
      mode: 'practice',
      search: null,
      mcpServers: [],
      db: { url: null, dataDir: '/home/bot/.juggernaut' },
      http: { port: 4280, host: '127.0.0.1', publicUrl: null, publicPort: null },
      imprint: null,
      discountMonthlyMicros: 100_000_000n,
      logLevel: 'info',
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      brain: null,
      modes: DEFAULT_LIMITS,
      slack: null,
      discord: null,
      stripe: null,
      usdRates: new Map(),
      people: { owners: ['console:owner'], approvers: ['console:owner'], operators: [], viewers: [] },
      limits: {
        concurrentTasks: 3,
        tasksPerHour: 100,
        taskTimeoutMs: 300_000,
        capMicros: { hour: 10_000_000n, day: 50_000_000n, month: 500_000_000n },
        practiceCapMarketDayMicros: 100_000_000n,
        practiceStandingMicros: 60_000_000n,
      },
      approvals: { twoPersonAboveMicros: 100_000_000n, typeAmountAboveMicros: 50_000_000n, expiryMs: 86_400_000, silenceMs: 1_800_000 },
      schedule: {
        digest: { hour: 9, minute: 0, weekdays: null },
        scan: { times: [0, 4, 8, 12, 16, 20].map((hour) => ({ hour, minute: 0 })), weekdays: null },
      },
      scan: { tool: null },
      practice: { daySeconds: 10, seed: 1 },
    });
  });

  test('a blank value is the same as none, for every variable', () => {
    const blank = Object.fromEntries(Object.keys(environment.shape).map((name, index) => [name, index % 2 === 0 ? '' : ' \t ']));
    expect(read(blank)).toEqual(read());
  });

  test('variables of other programs do not matter', () => {
    expect(read({ PATH: '/bin', HOME: '/root', JUGGLER: '1' })).toEqual(read());
  });
});

describe('what is set', () => {
  test('reads every kind of value', () => {
    const config = read({
      DATABASE_URL: ' postgres://bot@db/bot ',
      JUG_DATA_DIR: '/data',
      PORT: '0',
      OPENAI_API_KEY: 'sk-1',
      JUG_MODELS: MODELS,
      JUG_OWNERS: 'slack:T1/U1, discord:123 ,console:owner,',
      JUG_CAP_DAILY_USD: '$1,250.50',
      JUG_AUTO_APPROVE_AFTER_MINUTES: '0',
      JUG_APPROVAL_EXPIRY_HOURS: '0.5',
      PRACTICE_DAY_SECONDS: '0.2',
      JUG_TIMEZONE: 'Europe/Berlin',
    });
    expect(config.db).toEqual({ url: 'postgres://bot@db/bot', dataDir: '/data' });
    expect(config.http.port).toBe(0);
    expect(config.people.owners).toEqual(['console:owner', 'slack:T1/U1', 'discord:123']);
    expect(config.limits.capMicros.day).toBe(1_250_500_000n);
    expect(config.approvals).toMatchObject({ silenceMs: 0, expiryMs: 1_800_000 });
    expect(config.practice.daySeconds).toBe(0.2);
    expect(config.timezone).toBe('Europe/Berlin');
    expect(config.brain).toMatchObject({ baseUrl: 'https://api.openai.com/v1', models: { execute: { primary: 'b', fallbacks: ['c'] } } });
  });

  test('prices are micro-dollars per million tokens; one that is not written is absent, not 0', () => {
    const prices = read({ OPENAI_API_KEY: 'k', JUG_MODELS: MODELS }).brain?.models.prices;
    expect(prices).toEqual({ a: { input: 1_250_000n, output: 10_000_000n }, c: { input: 0n, output: 0n } });
  });

  test('a server of one’s own needs no key', () => {
    const brain = read({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', JUG_MODELS: MODELS }).brain;
    expect(brain?.baseUrl).toBe('http://127.0.0.1:11434/v1');
    expect(brain?.apiKey.reveal()).not.toBe('');
  });

  test('without JUG_MODELS the models suit the provider, and nothing has a price', () => {
    const openAi = read({ OPENAI_API_KEY: 'k' }).brain;
    expect(Object.keys(openAi?.models ?? {}).sort()).toEqual([...MODES, 'embed', 'prices'].sort());
    expect(openAi?.models.execute.primary).toMatch(/^gpt-/);
    expect(openAi?.models.embed).toBeNull();
    expect(openAi?.models.prices).toEqual({});
    expect(read({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'https://openrouter.ai/api/v1' }).brain?.models.chat.primary).toBe(
      'openrouter/auto',
    );
    for (const url of ['http://127.0.0.1:11434/v1', 'http://localhost:8080/v1', 'http://192.168.1.7/v1', 'http://gpu.local/v1'])
      expect(read({ OPENAI_BASE_URL: url }).brain?.models.plan.primary).toBe(LISTED_MODEL);
    for (const url of ['https://api.openai.com.example/v1', 'https://notopenrouter.ai/v1', 'https://1270.example/v1'])
      expect(() => read({ OPENAI_BASE_URL: url })).toThrow('JUG_MODELS: name the models');
  });

  test('a mode follows the nearest one that names models, keeps its own temperature, and changes only the limits it states', () => {
    const written = {
      execute: { primary: 'work', fallbacks: ['spare'] },
      chat: { primary: 'talk', temperature: 0.2, limits: { iterations: 3, wallSeconds: 20, costUsd: 0.5 } },
      research: { limits: { sameFailures: 7 } },
      judge: { primary: 'stern' },
    };
    const config = read({ OPENAI_API_KEY: 'k', JUG_MODELS: JSON.stringify(written) });
    const models = config.brain?.models;
    expect(models).toMatchObject({
      plan: { primary: 'work', fallbacks: ['spare'], temperature: null },
      research: { primary: 'work' },
      code: { primary: 'work' },
      summarise: { primary: 'talk', temperature: null },
      chat: { primary: 'talk', temperature: 0.2 },
      judge: { primary: 'stern' },
    });
    expect(config.brain?.judged).toBe(true);
    expect(config.modes.chat).toEqual({ ...DEFAULT_LIMITS.chat, iterations: 3, wallMs: 20_000, costMicros: 500_000n });
    expect(config.modes.research).toEqual({ ...DEFAULT_LIMITS.research, sameFailures: 7 });
    expect(read({}).modes).toEqual(DEFAULT_LIMITS);
  });

  test('a key prints as [secret], wherever the config is shown', () => {
    const config = read({ OPENAI_API_KEY: 'sk-very-secret', JUG_MODELS: MODELS });
    expect(config.brain?.apiKey.reveal()).toBe('sk-very-secret');
    expect(`${inspect(config, { depth: 9 })} ${JSON.stringify(config.brain?.apiKey)} ${config.brain?.apiKey}`).not.toContain('very-secret');
  });
});

const BAD: [string, string][] = [
  ['JUG_MODE', 'production'],
  ['PORT', '4280a'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '4280.5'],
  ['JUG_PUBLIC_URL', 'bot.example.com'],
  ['JUG_PUBLIC_URL', 'javascript:alert(1)'],
  ['LOG_LEVEL', 'loud'],
  ['JUG_TIMEZONE', 'Mars/Olympus'],
  ['JUG_TIMEZONE', '+02:00'],
  ['JUG_DIGEST_CRON', '* * * * *'],
  ['JUG_DIGEST_CRON', '0 24 * * *'],
  ['JUG_DIGEST_CRON', '0 9 1 * *'],
  ['OPENAI_BASE_URL', 'api.openai.com'],
  ['OPENAI_BASE_URL', 'file:///etc/passwd'],
  ['JUG_MODELS', '{plan'],
  ['JUG_MODELS', '{"plan":"gpt"}'],
  ['JUG_MODELS', '{"prices":{"m":{"input":-1,"output":1}}}'],
  ['STRIPE_SECRET_KEY', 'pk_test_1'],
  ['STRIPE_WEBHOOK_SECRET', 'secret'],
  ['STRIPE_API_URL', 'https://pay.example.com/api'],
  ['JUG_OWNERS', 'anna'],
  ['JUG_APPROVERS', 'slack:U1'],
  ['JUG_OPERATORS', 'console:anna, console:'],
  ['JUG_VIEWERS', 'discord: 1'],
  ['JUG_MAX_CONCURRENT_TASKS', '0'],
  ['JUG_MAX_TASKS_PER_HOUR', 'many'],
  ['JUG_TASK_TIMEOUT_SECONDS', '0'],
  ['JUG_CAP_HOURLY_USD', '-5'],
  ['JUG_CAP_DAILY_USD', '10 EUR'],
  ['JUG_CAP_MONTHLY_USD', 'NaN'],
  ['PRACTICE_CAP_DAY_USD', '1e9'],
  ['JUG_TWO_PERSON_ABOVE_USD', 'never'],
  ['JUG_TYPE_AMOUNT_ABOVE_USD', '1.2.3'],
  ['JUG_APPROVAL_EXPIRY_HOURS', '0'],
  ['JUG_AUTO_APPROVE_AFTER_MINUTES', '-1'],
  ['PRACTICE_DAY_SECONDS', 'Infinity'],
  ['PRACTICE_SEED', '-3'],
];

describe('what cannot be used', () => {
  test.each(BAD)('%s=%s is named', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toMatch(new RegExp(`^${name}(\\.\\w+)*: .+`));
  });

  test('all problems come in one message, those between variables too', () => {
    const problems = problemsOf({
      PORT: 'x',
      JUG_TIMEZONE: 'Mars',
      JUG_CAP_DAILY_USD: 'lots',
      JUG_HOST: '0.0.0.0',
      OPENAI_BASE_URL: 'https://models.example/v1',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'PORT',
      'JUG_TIMEZONE',
      'JUG_CAP_DAILY_USD',
      'JUG_HOST',
      'JUG_MODELS',
    ]);
  });

  test('a variable that is wrong by itself is named once, not again for what it was needed for', () => {
    expect(problemsOf({ OPENAI_API_KEY: 'k', JUG_MODELS: '{' })).toHaveLength(1);
    expect(problemsOf({ JUG_HOST: '0.0.0.0', JUG_PUBLIC_URL: 'nonsense' })).toHaveLength(1);
    expect(problemsOf({ OPENAI_BASE_URL: 'nonsense', JUG_MODELS: MODELS })).toHaveLength(1);
  });

  test('no secret is repeated in a problem', () => {
    const env = { OPENAI_API_KEY: 'sk-very-secret', DATABASE_URL: 'postgres://bot:very-secret@db/bot', PORT: 'x', JUG_MODE: 'live' };
    expect(problemsOf(env).join('\n')).not.toContain('very-secret');
  });
});

describe('half-set and unsafe combinations', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'a base URL of a provider nobody knows, without models',
      { OPENAI_BASE_URL: 'https://models.example/v1' },
      'JUG_MODELS: name the models',
    ],
    [
      'only one of the two models there',
      { OPENAI_BASE_URL: 'https://models.example/v1', JUG_MODELS: '{"plan":{"primary":"a"}}' },
      'JUG_MODELS: name the models',
    ],
    ['models without key or URL', { JUG_MODELS: MODELS }, 'JUG_MODELS: set OPENAI_API_KEY or OPENAI_BASE_URL'],
    ['an open address without https', { JUG_HOST: '0.0.0.0' }, 'JUG_HOST: '],
    ['a public port that is the main one', { JUG_PUBLIC_PORT: '4280' }, 'JUG_PUBLIC_PORT: is PORT itself'],
    ['an open address behind http', { JUG_HOST: '192.168.1.5', JUG_PUBLIC_URL: 'http://bot.example.com' }, 'JUG_HOST: '],
  ])('%s refuses to boot and says what is missing', (_name, env, start) => {
    expect(problemsOf(env)).toEqual([expect.stringContaining(start)]);
  });

  test.each(['127.0.0.1', '::1', 'localhost'])('%s needs no public address', (host) => {
    expect(read({ JUG_HOST: host }).http.host).toBe(host);
  });

  test('an open address with https boots', () => {
    expect(read({ JUG_HOST: '0.0.0.0', JUG_PUBLIC_URL: 'https://bot.example.com' }).http.publicUrl).toBe('https://bot.example.com');
  });

  test('live mode refuses until it has its people, its database and a live payment key', () => {
    const problems = problemsOf({ JUG_MODE: 'live' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['STRIPE_SECRET_KEY', 'JUG_OWNERS', 'JUG_APPROVERS', 'DATABASE_URL']);
    const people = { JUG_MODE: 'live', JUG_OWNERS: 'console:a', JUG_APPROVERS: 'console:a', DATABASE_URL: 'postgres://x/y' };
    const live = { ...people, STRIPE_SECRET_KEY: 'rk_live_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };
    expect(read(live).stripe?.apiUrl).toBeNull();
    expect(problemsOf({ ...live, STRIPE_SECRET_KEY: 'rk_test_1' })).toEqual([expect.stringMatching(/^STRIPE_SECRET_KEY: is a test key/)]);
  });

  test('a payment key comes with its signing secret, and is of the mode it is used in', () => {
    const test = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };
    expect(read({ ...test, STRIPE_API_URL: 'http://127.0.0.1:1/v1' }).stripe?.secretKey.reveal()).toBe('sk_test_1');
    expect(problemsOf({ ...test, STRIPE_SECRET_KEY: 'sk_live_1' })).toEqual([expect.stringMatching(/^STRIPE_SECRET_KEY: is a live key/)]);
    expect(problemsOf({ STRIPE_SECRET_KEY: 'sk_test_1' })).toEqual([expect.stringMatching(/^STRIPE_WEBHOOK_SECRET: is missing/)]);
    expect(problemsOf({ STRIPE_WEBHOOK_SECRET: 'whsec_1' })).toEqual([expect.stringMatching(/^STRIPE_SECRET_KEY: is missing/)]);
    expect(problemsOf({ STRIPE_API_URL: 'http://127.0.0.1:1' })).toEqual([expect.stringMatching(/^STRIPE_SECRET_KEY: is missing/)]);
  });

  test('the local owner decides in practice mode only', () => {
    expect(read({ JUG_APPROVERS: 'console:anna' }).people.approvers).toEqual(['console:owner', 'console:anna']);
  });
});

test('whatever the environment holds, the answer is a config or a list of named problems', () => {
  const names = Object.keys(environment.shape);
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('0', '1', '-1', 'NaN', '{}', '[]', 'null', 'https://x', 'console:a', '1e400', '\u0000'),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), (env) => {
      for (const problem of problemsOf(env)) expect(names).toContain(/^\w+/.exec(problem)?.[0]);
    }),
    { numRuns: process.env['JUG_TEST_LONG'] === '1' ? 5_000 : 300 },
  );
});
