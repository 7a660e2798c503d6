// What Prometheus reads at /metrics: tasks, tools, model calls, approvals, recoveries, and how the process itself fares.
// One registry per app, so that two apps in one process (as in tests) do not count into each other.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type BooksGauges, createBooksGauges } from './books-gauges.ts';
import { type BrainMetrics, createBrainMetrics } from './brain-metrics.ts';
import { createMoneyGauges, type MoneyFigures } from './money-metrics.ts';

export interface Metrics {
  /** @param costUsd what the task cost in the end, where known. */
  taskEnded(kind: string, outcome: string, seconds: number, costUsd?: number): void;
  toolCall(tool: string, outcome: string): void;
  modelCall(model: string, inputTokens: number, outputTokens: number, costUsd: number): void;
  approval(outcome: string): void;
  /** Sentences of a model, held against the records. */
  claimsChecked(counts: { supported: number; unverified: number; contradicted: number }): void;
  /** From the moment work was left behind to the moment it runs again. */
  recovered(seconds: number): void;
  /** How many orders there are now, by mode and status. */
  orders(counts: readonly { mode: string; status: string; count: number }[]): void;
  /** Promises to customers that are open now, and those whose date has passed. */
  promises(counts: readonly { mode: string; open: number; overdue: number }[]): void;
  /** How thinking fares. */
  brain: BrainMetrics;
  /** Sums and customers of the books, set by whoever reads them. */
  books: BooksGauges;
  /** What the books say now; null when nobody knows. */
  money(figures: MoneyFigures | null): void;
  /** A gauge whose values are read when somebody looks. One that cannot be read then is absent, as Prometheus has it. */
  watch<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    read: () => Promise<{ labels: Record<Label, string>; value: number }[]>,
  ): void;
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>;
  /** Ends the measuring of the event loop. */
  close(): void;
}

const SECONDS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900];
const RECOVERY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];
const DOLLARS = [0.0001, 0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 50, 100];
/** Coarse on purpose: sampling the loop ten times a second costs nothing an idle bot would notice. */
const LOOP_SAMPLE_MS = 100;
const MOST_LABELS = 100;

/** Tool and model names come from outside; a flood of new ones must not become a flood of series. */
function boundLabels(): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    const name = value.slice(0, 80);
    if (!seen.has(name) && seen.size >= MOST_LABELS) return 'other';
    seen.add(name);
    return name;
  };
}

/** A counter takes no NaN and nothing below 0. */
const amount = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);

function watchProcess(registers: Registry[]): () => void {
  const loop = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
  loop.enable();
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `juggernaut_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  // The sampled delay holds the sampling interval itself.
  const late = (nanoseconds: number): number => Math.max(0, amount(nanoseconds) / 1e9 - LOOP_SAMPLE_MS / 1000);
  gauge('event_loop_lag_p50_seconds', 'Median lag of the event loop since the last scrape.', () => late(loop.percentile(50)));
  gauge('event_loop_lag_p99_seconds', '99th percentile lag of the event loop since the last scrape.', () => {
    const lag = late(loop.percentile(99));
    loop.reset();
    return lag;
  });
  gauge('process_resident_memory_bytes', 'Memory held by the process.', () => process.memoryUsage.rss());
  gauge('process_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
  gauge('process_cpu_seconds_total', 'CPU time used, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_uptime_seconds', 'Time since the process started.', () => process.uptime());
  return () => loop.disable();
}

function setOrders(orders: Gauge<'mode' | 'status'>, counts: Parameters<Metrics['orders']>[0]): void {
  orders.reset();
  for (const { mode, status, count } of counts) orders.set({ mode, status }, count);
}

function countVerdicts(claims: Counter<'verdict'>, counts: Parameters<Metrics['claimsChecked']>[0]): void {
  for (const verdict of ['supported', 'unverified', 'contradicted'] as const) claims.inc({ verdict }, counts[verdict]);
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `juggernaut_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, buckets: number[], labelNames: Label[]) =>
    new Histogram({ name: `juggernaut_${name}`, help, buckets, labelNames, registers });

  const tasks = counter('tasks_total', 'Tasks ended, by kind and outcome.', ['kind', 'outcome']);
  const taskSeconds = histogram('task_duration_seconds', 'Running time of a task.', SECONDS, ['kind']);
  const taskCost = histogram('task_cost_usd', 'Cost of a task in dollars.', DOLLARS, ['kind']);
  const toolCalls = counter('tool_calls_total', 'Tool calls, by tool and outcome.', ['tool', 'outcome']);
  const modelCalls = counter('model_calls_total', 'Model calls.', ['model']);
  const modelTokens = counter('model_tokens_total', 'Model tokens, by direction.', ['model', 'direction']);
  const modelCost = counter('model_cost_usd_total', 'Cost of model calls in dollars.', ['model']);
  const approvals = counter('approvals_total', 'Approval requests ended, by outcome.', ['outcome']);
  const claims = counter('claims_checked_total', 'Sentences of a model held against the records, by verdict.', ['verdict']);
  const recoveries = histogram('recovery_seconds', 'Time until work of a dead process runs again.', RECOVERY_SECONDS, []);
  const orders = new Gauge({ name: 'juggernaut_orders', help: 'Orders, by mode and status.', labelNames: ['mode', 'status'], registers });
  const promises = new Gauge({
    name: 'juggernaut_promises_open',
    help: 'Open promises to customers, by mode; due is overdue or later.',
    labelNames: ['mode', 'due'],
    registers,
  });
  const stopWatching = watchProcess(registers);
  const [toolName, modelName] = [boundLabels(), boundLabels()];

  return {
    taskEnded(kind, outcome, seconds, costUsd) {
      tasks.inc({ kind, outcome });
      taskSeconds.observe({ kind }, amount(seconds));
      if (costUsd !== undefined) taskCost.observe({ kind }, amount(costUsd));
    },
    toolCall: (tool, outcome) => toolCalls.inc({ tool: toolName(tool), outcome }),
    modelCall(name, inputTokens, outputTokens, costUsd) {
      const model = modelName(name);
      modelCalls.inc({ model });
      modelTokens.inc({ model, direction: 'input' }, amount(inputTokens));
      modelTokens.inc({ model, direction: 'output' }, amount(outputTokens));
      modelCost.inc({ model }, amount(costUsd));
    },
    approval: (outcome) => approvals.inc({ outcome }),
    brain: createBrainMetrics(registers),
    books: createBooksGauges(registry),
    claimsChecked: (counts) => countVerdicts(claims, counts),
    recovered: (seconds) => recoveries.observe(amount(seconds)),
    orders: (counts) => setOrders(orders, counts),
    promises: (counts) => {
      promises.reset();
      for (const { mode, open, overdue } of counts) {
        promises.set({ mode, due: 'overdue' }, overdue);
        promises.set({ mode, due: 'later' }, open - overdue);
      }
    },
    money: createMoneyGauges(registers),
    watch(name, help, labelNames, read) {
      new Gauge({
        name: `juggernaut_${name}`,
        help,
        labelNames,
        registers,
        async collect() {
          const samples = await read().catch(() => []);
          this.reset();
          for (const { labels, value } of samples) this.set(labels, value);
        },
      });
    },
    text: () => registry.metrics(),
    close: stopWatching,
  };
}
