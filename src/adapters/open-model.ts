// The model the configuration asks for: a real OpenAI-compatible server, or the built-in practice model behind the same client.
import type { Config } from '../config.ts';
import type { ChatModel } from '../domain/brain/chat-model.ts';
import { createOpenAiModel } from './openai-client.ts';
import { startPracticeModel } from './practice/model-server.ts';
import { PRACTICE_MODEL } from './practice/model-wire.ts';

const MODEL_TIMEOUT_MS = 60_000;

/** @returns the model, and what ends the practice model's server (nothing for a real one). */
export async function openModel(brain: Config['brain']): Promise<{ model: ChatModel; stop: () => Promise<void> }> {
  if (brain !== null) {
    const { prices, embed, ...models } = brain.models;
    const model = createOpenAiModel({
      baseUrl: brain.baseUrl,
      apiKey: brain.apiKey.reveal(),
      models,
      embed,
      prices: Object.fromEntries(
        Object.entries(prices).map(([name, price]) => [name, { inputMicros: price.input, outputMicros: price.output }]),
      ),
      practice: false,
      timeoutMs: MODEL_TIMEOUT_MS,
    });
    return { model, stop: async () => {} };
  }
  const practice = await startPracticeModel();
  const only = { primary: PRACTICE_MODEL, fallbacks: [] };
  const model = createOpenAiModel({
    baseUrl: practice.baseUrl,
    apiKey: practice.apiKey,
    models: { plan: only, execute: only },
    prices: { [PRACTICE_MODEL]: { inputMicros: 0n, outputMicros: 0n } },
    practice: true,
    timeoutMs: MODEL_TIMEOUT_MS,
  });
  return { model, stop: () => practice.stop() };
}
