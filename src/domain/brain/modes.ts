// What models are asked for, each mode with its own models, temperature and limits. Pure.
import { type Micros, usd } from '../../core/money.ts';

export const MODES = ['chat', 'plan', 'research', 'execute', 'judge', 'summarise', 'code'] as const;
export type ModelMode = (typeof MODES)[number];

export interface ModeLimits {
  /** Answers of the model in one piece of work. */
  iterations: number;
  /** How often the same failure of the same tool may come back. */
  sameFailures: number;
  /** Answers in a row that bring nothing new. */
  noProgress: number;
  /** Milliseconds for the whole piece of work; null: as long as a task may run. */
  wallMs: number | null;
  /** Micro-dollars of model calls in one piece of work. */
  costMicros: Micros;
}

export interface ModeModels {
  primary: string;
  fallbacks: string[];
  /** Sent only where it is stated: several models refuse it. */
  temperature: number | null;
}

const WORK: ModeLimits = { iterations: 24, sameFailures: 4, noProgress: 8, wallMs: null, costMicros: usd(5) };

export const DEFAULT_LIMITS: Record<ModelMode, ModeLimits> = {
  chat: { iterations: 8, sameFailures: 3, noProgress: 4, wallMs: 120_000, costMicros: usd(2) },
  plan: { iterations: 3, sameFailures: 2, noProgress: 2, wallMs: 300_000, costMicros: usd(5) },
  research: WORK,
  execute: WORK,
  judge: { iterations: 1, sameFailures: 1, noProgress: 1, wallMs: 120_000, costMicros: usd(1) },
  summarise: { iterations: 1, sameFailures: 1, noProgress: 1, wallMs: 30_000, costMicros: usd(1) },
  code: WORK,
};

/** The mode that does a kind of task. */
export function modeOfKind(kind: string): ModelMode {
  return kind === 'research' || kind === 'code' ? kind : 'execute';
}

/** Whose models a mode uses when it names none, nearest first. */
const FOLLOWS: Record<ModelMode, readonly ModelMode[]> = {
  execute: [],
  plan: ['execute'],
  research: ['execute'],
  code: ['execute'],
  chat: ['execute'],
  judge: ['plan', 'execute'],
  summarise: ['chat', 'execute'],
};

/**
 * The models of every mode: its own, or else those of a mode it follows, or else what suits the provider.
 * @returns null when some mode has none.
 */
export function resolveModels(
  named: { [Mode in ModelMode]?: { primary?: string | undefined; fallbacks: string[]; temperature: number | null } | undefined },
  suited: Partial<Record<ModelMode, { primary: string; fallbacks: string[] }>> | null,
): Record<ModelMode, ModeModels> | null {
  const resolved = MODES.map((mode): [ModelMode, ModeModels | null] => {
    const source = [mode, ...FOLLOWS[mode]].map((one) => named[one]).find((one) => one?.primary !== undefined) ?? suited?.[mode];
    const temperature = named[mode]?.temperature ?? null;
    return [mode, source?.primary === undefined ? null : { primary: source.primary, fallbacks: source.fallbacks, temperature }];
  });
  if (resolved.some(([, models]) => models === null)) return null;
  return Object.fromEntries(resolved) as Record<ModelMode, ModeModels>;
}

/** Stands for the model that the server lists first: servers of one's own have few, under names of their own. */
export const LISTED_MODEL = 'the first listed model';

type Suited = Record<ModelMode, { primary: string; fallbacks: string[] }>;
const all = (models: { primary: string; fallbacks: string[] }): Suited => Object.fromEntries(MODES.map((mode) => [mode, models])) as Suited;

/** Names that the openai package of this version types and does not call deprecated. No prices: those are stated, reported or assumed. */
const OPENAI: Suited = {
  ...all({ primary: 'gpt-5.6-terra', fallbacks: ['gpt-5.5'] }),
  summarise: { primary: 'gpt-5.6-luna', fallbacks: ['gpt-5.6-terra'] },
};
/** OpenRouter's own choice; it reports with each answer what that cost. */
const OPENROUTER = all({ primary: 'openrouter/auto', fallbacks: [] });
const LOCAL = all({ primary: LISTED_MODEL, fallbacks: [] });

const OWN_HOST = /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\]|\[f[cd])|\.(local|internal|lan)$/i;

/** Models that suit the provider at this address; null when it is none we know. */
export function suitedModels(baseUrl: string): Suited | null {
  const { hostname } = new URL(baseUrl);
  const isOf = (domain: string): boolean => hostname === domain || hostname.endsWith(`.${domain}`);
  if (isOf('api.openai.com')) return OPENAI;
  if (isOf('openrouter.ai')) return OPENROUTER;
  return OWN_HOST.test(hostname) ? LOCAL : null;
}
