// The part of the configuration that says which models think. Only config.ts reads the environment itself.

import type { z } from 'zod';
import { secret, webUrl } from './config-fields.ts';
import { Secret } from './core/secret.ts';
import { isNamed, type ModelsConfig, modelsJson, readModels } from './model-config.ts';

export const brainEnvironment = {
  OPENAI_API_KEY: secret.optional(),
  OPENAI_BASE_URL: webUrl.optional(),
  JUG_MODELS: modelsJson.optional(),
};
type BrainEnvironment = z.output<z.ZodObject<typeof brainEnvironment>>;

/** `judged`: plans are looked at by the judge's model before people see them; `summarised`: long talk is put in short by a model. */
export interface BrainConfig {
  apiKey: Secret;
  baseUrl: string;
  models: ModelsConfig;
  judged: boolean;
  summarised: boolean;
}

const hasBrain = (env: BrainEnvironment): boolean => env.OPENAI_API_KEY !== undefined || env.OPENAI_BASE_URL !== undefined;
const baseUrlOf = (env: BrainEnvironment): string => env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1';

export function readBrain(env: BrainEnvironment): BrainConfig | null {
  const models = hasBrain(env) ? readModels(env.JUG_MODELS, baseUrlOf(env)) : null;
  if (models === null) return null;
  // A local server (Ollama, llama.cpp) wants no key; the client insists on some text.
  return {
    apiKey: env.OPENAI_API_KEY ?? new Secret('no-key'),
    baseUrl: baseUrlOf(env),
    models,
    judged: isNamed(env.JUG_MODELS, 'judge'),
    summarised: isNamed(env.JUG_MODELS, 'summarise'),
  };
}

export function findModelProblems(env: BrainEnvironment, brain: BrainConfig | null): string[] {
  if (brain !== null) return [];
  if (!hasBrain(env)) return env.JUG_MODELS === undefined ? [] : ['JUG_MODELS: set OPENAI_API_KEY or OPENAI_BASE_URL too'];
  return [
    `JUG_MODELS: name the models of ${new URL(baseUrlOf(env)).host}, like {"execute":{"primary":"MODEL"},"prices":{"MODEL":{"input":1.25,"output":10}}}`,
  ];
}
