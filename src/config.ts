// Environment → Config: the only file that reads process.env. All problems are reported together; an absent integration is null.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type BrainConfig, brainEnvironment, findModelProblems, readBrain } from './brain-config.ts';
import { dollars, people, text, timezone, webUrl, whole } from './config-fields.ts';
import type { DailyTime } from './core/calendar.ts';
import type { RepeatedTime } from './core/repeated-time.ts';
import { type ModesConfig, readModes } from './model-config.ts';
import { findPaymentProblems, paymentEnvironment, readStripe, type StripeConfig } from './payment-config.ts';
import { type DiscordConfig, findHalves, platformEnvironment, readDiscord, readSlack, type SlackConfig } from './platform-config.ts';
import { scheduleEnvironment } from './schedule-config.ts';
import { findToolProblems, type McpServerConfig, readMcpServers, readSearch, type SearchConfig, toolEnvironment } from './tool-config.ts';

/** Every variable the product reads. test/house holds .env.example equal to it. */
export const environment = z.object({
  JUG_MODE: z.enum(['practice', 'live']).default('practice'),
  DATABASE_URL: text.optional(),
  JUG_DATA_DIR: text.default('.juggernaut'),
  PORT: whole(0, 65_535).default(4280),
  JUG_HOST: text.default('127.0.0.1'),
  JUG_PUBLIC_URL: webUrl.optional(),
  JUG_PUBLIC_PORT: whole(0, 65_535).optional(),
  JUG_IMPRINT: text.max(500, 'is longer than 500 characters').optional(),
  JUG_DISCOUNT_MONTHLY_USD: dollars.default(100_000_000n),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  JUG_TIMEZONE: timezone.default(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
  ...brainEnvironment,
  ...platformEnvironment,
  ...paymentEnvironment,
  ...toolEnvironment,
  JUG_OWNERS: people.default([]),
  JUG_APPROVERS: people.default([]),
  JUG_OPERATORS: people.default([]),
  JUG_VIEWERS: people.default([]),
  JUG_MAX_CONCURRENT_TASKS: whole(1, 100).default(3),
  JUG_MAX_TASKS_PER_HOUR: whole(1, 100_000).default(100),
  JUG_TASK_TIMEOUT_SECONDS: whole(1, 86_400).default(300),
  JUG_CAP_HOURLY_USD: dollars.default(10_000_000n),
  JUG_CAP_DAILY_USD: dollars.default(50_000_000n),
  JUG_CAP_MONTHLY_USD: dollars.default(500_000_000n),
  PRACTICE_CAP_DAY_USD: dollars.default(100_000_000n),
  JUG_STANDING_BUDGET_USD: dollars.default(60_000_000n),
  JUG_TWO_PERSON_ABOVE_USD: dollars.default(100_000_000n),
  JUG_TYPE_AMOUNT_ABOVE_USD: dollars.default(50_000_000n),
  JUG_APPROVAL_EXPIRY_HOURS: z.coerce.number().positive().max(720).default(24),
  JUG_AUTO_APPROVE_AFTER_MINUTES: z.coerce.number().min(0).max(43_200).default(30),
  ...scheduleEnvironment,
  PRACTICE_DAY_SECONDS: z.coerce.number().min(0).max(86_400).default(10),
  PRACTICE_SEED: whole(0, 4_294_967_295).default(1),
});

type Environment = z.output<typeof environment>;

export interface Config {
  mode: 'practice' | 'live';
  db: { url: string | null; dataDir: string };
  /** `publicPort`: a second listener with only signed requests; null is none. */
  http: { port: number; host: string; publicUrl: string | null; publicPort: number | null };
  /** Who answers for what is published; null: nothing is published in live mode. */
  imprint: string | null;
  /** What price cuts may give away in a calendar month, in each currency. */
  discountMonthlyMicros: bigint;
  logLevel: Environment['LOG_LEVEL'];
  timezone: string;
  brain: BrainConfig | null;
  /** Limits of each kind of model work. */
  modes: ModesConfig;
  slack: SlackConfig | null;
  discord: DiscordConfig | null;
  stripe: StripeConfig | null;
  /** Micro-dollars for one unit of another currency, as the operators state them; caps are in dollars. */
  usdRates: ReadonlyMap<string, bigint>;
  /** Null where no search service is configured. */
  search: SearchConfig | null;
  mcpServers: McpServerConfig[];
  people: { owners: string[]; approvers: string[]; operators: string[]; viewers: string[] };
  limits: {
    concurrentTasks: number;
    tasksPerHour: number;
    taskTimeoutMs: number;
    capMicros: { hour: bigint; day: bigint; month: bigint };
    practiceCapMarketDayMicros: bigint;
    /** What practice experiments may spend in a market week without a goal, until an owner sets it. */
    practiceStandingMicros: bigint;
  };
  approvals: { twoPersonAboveMicros: bigint; typeAmountAboveMicros: bigint; expiryMs: number; silenceMs: number };
  schedule: { digest: DailyTime; scan: RepeatedTime };
  /** A reading tool whose rows are opportunities. */
  scan: { tool: { name: string; input: Record<string, unknown> } | null };
  practice: { daySeconds: number; seed: number };
}

const LOCAL_OWNER = 'console:owner';

/**
 * Reads and checks the configuration.
 * @throws Error whose message lists every problem, one a line.
 */
export function readConfig(env: Record<string, string | undefined>, cwd: string): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = environment.safeParse(given);
  const wrong = parsed.error?.issues ?? [];
  const wrongNames = new Set(wrong.map((issue) => String(issue.path[0])));
  // Read once more without what is wrong by itself, so that contradictions between the others are reported with it.
  const usable = parsed.data ?? environment.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !wrongNames.has(name))));
  const config = shape(usable, cwd, given);
  const around = { given, own: new Set(Object.keys(environment.shape)), dataDir: config.db.dataDir, cwd, port: config.http.port };
  const contradictions = [...findContradictions(usable, config), ...findToolProblems(usable, around)].filter(
    (problem) => ![...wrongNames].some((name) => problem.includes(name)),
  );
  const problems = [...wrong.map((issue) => `${issue.path.join('.')}: ${issue.message}`), ...contradictions];
  if (problems.length > 0) throw new Error(`The configuration has problems:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  return config;
}

/** Loads `.env` beside the package when present, then reads the process environment. */
export function readProcessConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readConfig(process.env, process.cwd());
}

function shape(env: Environment, cwd: string, given: Record<string, string | undefined>): Config {
  const practice = env.JUG_MODE === 'practice';
  return {
    mode: env.JUG_MODE,
    db: { url: env.DATABASE_URL ?? null, dataDir: resolve(cwd, env.JUG_DATA_DIR) },
    http: { port: env.PORT, host: env.JUG_HOST, publicUrl: env.JUG_PUBLIC_URL ?? null, publicPort: env.JUG_PUBLIC_PORT ?? null },
    imprint: env.JUG_IMPRINT ?? null,
    discountMonthlyMicros: env.JUG_DISCOUNT_MONTHLY_USD,
    logLevel: env.LOG_LEVEL,
    timezone: env.JUG_TIMEZONE,
    brain: readBrain(env),
    modes: readModes(env.JUG_MODELS),
    slack: readSlack(env),
    discord: readDiscord(env),
    stripe: readStripe(env),
    usdRates: env.JUG_USD_RATES ?? new Map(),
    search: readSearch(env),
    mcpServers: readMcpServers(env, given),
    people: {
      owners: practice ? [...new Set([LOCAL_OWNER, ...env.JUG_OWNERS])] : env.JUG_OWNERS,
      approvers: practice ? [...new Set([LOCAL_OWNER, ...env.JUG_APPROVERS])] : env.JUG_APPROVERS,
      operators: env.JUG_OPERATORS,
      viewers: env.JUG_VIEWERS,
    },
    limits: {
      concurrentTasks: env.JUG_MAX_CONCURRENT_TASKS,
      tasksPerHour: env.JUG_MAX_TASKS_PER_HOUR,
      taskTimeoutMs: env.JUG_TASK_TIMEOUT_SECONDS * 1000,
      capMicros: { hour: env.JUG_CAP_HOURLY_USD, day: env.JUG_CAP_DAILY_USD, month: env.JUG_CAP_MONTHLY_USD },
      practiceCapMarketDayMicros: env.PRACTICE_CAP_DAY_USD,
      practiceStandingMicros: env.JUG_STANDING_BUDGET_USD,
    },
    approvals: {
      twoPersonAboveMicros: env.JUG_TWO_PERSON_ABOVE_USD,
      typeAmountAboveMicros: env.JUG_TYPE_AMOUNT_ABOVE_USD,
      expiryMs: env.JUG_APPROVAL_EXPIRY_HOURS * 3_600_000,
      silenceMs: env.JUG_AUTO_APPROVE_AFTER_MINUTES * 60_000,
    },
    schedule: { digest: env.JUG_DIGEST_CRON, scan: env.JUG_SCAN_CRON },
    scan: { tool: env.JUG_SCAN_TOOL ?? null },
    practice: { daySeconds: env.PRACTICE_DAY_SECONDS, seed: env.PRACTICE_SEED },
  };
}

function findContradictions(env: Environment, config: Config): string[] {
  const problems = [
    ...findHalves(env),
    ...findPaymentProblems(env, config.mode),
    ...findHttpProblems(config.http),
    ...findModelProblems(env, config.brain),
  ];
  if (config.mode === 'live') {
    if (config.people.owners.length === 0) problems.push('JUG_OWNERS: live mode needs at least one owner');
    if (config.people.approvers.length === 0) problems.push('JUG_APPROVERS: live mode needs at least one approver');
    if (config.db.url === null) problems.push('DATABASE_URL: live mode needs a PostgreSQL of your own (its backups are yours to make)');
  }
  return problems;
}

function findHttpProblems({ host, port, publicPort, publicUrl }: Config['http']): string[] {
  const problems: string[] = [];
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(host);
  if (!loopback && !(publicUrl?.startsWith('https://') ?? false)) {
    problems.push('JUG_HOST: an address other people can reach needs JUG_PUBLIC_URL with https://');
  }
  if (publicPort === port && port !== 0)
    problems.push('JUG_PUBLIC_PORT: is PORT itself; it needs a port of its own, so that a tunnel to it does not publish the console');
  return problems;
}
