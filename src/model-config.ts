// JUG_MODELS: which models do what, within which limits, at which prices; what it leaves out suits the provider's address.
import { z } from 'zod';
import { text } from './config-fields.ts';
import {
  DEFAULT_LIMITS,
  MODES,
  type ModeLimits,
  type ModelMode,
  type ModeModels,
  resolveModels,
  suitedModels,
} from './domain/brain/modes.ts';

const count = z.number().int().min(1).max(1_000);
const perMillion = z
  .number()
  .min(0)
  .max(100_000)
  .transform((value) => BigInt(Math.round(value * 1_000_000)));
const mode = z.object({
  primary: text.optional(),
  fallbacks: z.array(text).default([]),
  temperature: z.number().min(0).max(2).nullable().default(null),
  limits: z
    .object({
      iterations: count.optional(),
      sameFailures: count.optional(),
      noProgress: count.optional(),
      wallSeconds: z.number().min(1).max(86_400).optional(),
      costUsd: z.number().positive().max(1_000).optional(),
    })
    .default({}),
});
const models = z.object({
  ...(Object.fromEntries(MODES.map((name) => [name, mode.optional()])) as Record<ModelMode, z.ZodOptional<typeof mode>>),
  /** Memory is searched by meaning too where a model for embeddings is named. */
  embed: z.strictObject({ primary: text }).optional(),
  /** Dollars per million tokens; `*` is every model that is not named. A price of 0 must be written out. */
  prices: z.record(z.string(), z.object({ input: perMillion, output: perMillion })).default({}),
});

export const modelsJson = z.string().transform((value, context) => {
  try {
    const parsed = models.safeParse(JSON.parse(value));
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', message, path: [...path] });
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
  }
  return z.NEVER;
});

type Written = z.output<typeof models>;
export type ModelsConfig = Record<ModelMode, ModeModels> & Pick<Written, 'prices'> & { embed: string | null };
export type ModesConfig = Record<ModelMode, ModeLimits>;

/** Null when neither JUG_MODELS nor the provider's address says which models. */
export function readModels(written: Written | undefined, baseUrl: string): ModelsConfig | null {
  const resolved = resolveModels(written ?? {}, suitedModels(baseUrl));
  return resolved === null ? null : { ...resolved, prices: written?.prices ?? {}, embed: written?.embed?.primary ?? null };
}

export function readModes(written: Written | undefined): ModesConfig {
  const limitsOf = (name: ModelMode): ModeLimits => {
    const { wallSeconds, costUsd, ...counts } = written?.[name]?.limits ?? {};
    const own = Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined));
    return {
      ...DEFAULT_LIMITS[name],
      ...own,
      ...(wallSeconds === undefined ? {} : { wallMs: wallSeconds * 1000 }),
      ...(costUsd === undefined ? {} : { costMicros: BigInt(Math.round(costUsd * 1_000_000)) }),
    };
  };
  return Object.fromEntries(MODES.map((name) => [name, limitsOf(name)])) as ModesConfig;
}

/** Work that is done only where somebody named a model for it: judging plans before people see them, putting long talk in short. */
export const isNamed = (written: Written | undefined, mode: 'judge' | 'summarise'): boolean => written?.[mode]?.primary !== undefined;
