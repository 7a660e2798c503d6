// How thinking fares: tokens per step by mode, failures by kind and what was done about them, and how many of them were got over.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface BrainMetrics {
  /** One answer of a model. Tokens; `cached` is the part of the input that the provider had in its cache. */
  step(mode: string, tokens: { input: number; output: number; cached: number }): void;
  /** Something failed, and this is done about it. */
  failed(kind: string, treatment: string): void;
  /** A failure came to its end: the work went on, or it did not. */
  overcome(kind: string, recovered: boolean): void;
}

const TOKENS = [100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000];

export function createBrainMetrics(registers: Registry[]): BrainMetrics {
  const tokens = new Histogram({
    name: 'juggernaut_model_step_tokens',
    help: 'Tokens of one answer of a model, by mode and direction (cached is a part of input).',
    labelNames: ['mode', 'direction'],
    buckets: TOKENS,
    registers,
  });
  const failures = new Counter({
    name: 'juggernaut_failures_total',
    help: 'Failures by kind and treatment.',
    labelNames: ['kind', 'treatment'],
    registers,
  });
  const ends = new Counter({
    name: 'juggernaut_failures_ended_total',
    help: 'Failures whose work went on (recovered) or did not (lost), by kind.',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  const rate = new Gauge({
    name: 'juggernaut_failure_recovery_ratio',
    help: 'Share of ended failures that were got over, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const counted = new Map<string, { recovered: number; all: number }>();
  return {
    step(mode, { input, output, cached }) {
      for (const [direction, value] of Object.entries({ input, output, cached })) {
        if (Number.isFinite(value) && value >= 0) tokens.observe({ mode, direction }, value);
      }
    },
    failed: (kind, treatment) => failures.inc({ kind, treatment }),
    overcome(kind, recovered) {
      const count = counted.get(kind) ?? { recovered: 0, all: 0 };
      count.all += 1;
      if (recovered) count.recovered += 1;
      counted.set(kind, count);
      ends.inc({ kind, outcome: recovered ? 'recovered' : 'lost' });
      rate.set({ kind }, count.recovered / count.all);
    },
  };
}
