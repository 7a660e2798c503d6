// The numbers at /metrics, as Prometheus reads them.
import { afterEach, describe, expect, test } from 'vitest';
import { createMetrics, type Metrics } from '../../src/observability/metrics.ts';

const opened: Metrics[] = [];
const open = (): Metrics => {
  const metrics = createMetrics();
  opened.push(metrics);
  return metrics;
};

afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close();
});

describe('metrics', () => {
  test('count tasks, tools, model calls, approvals and recoveries', async () => {
    const metrics = open();
    metrics.taskEnded('launch', 'done', 12, 0.02);
    metrics.taskEnded('launch', 'failed', 3);
    metrics.toolCall('market_launch', 'done');
    metrics.modelCall('m1', 100, 20, 0.5);
    metrics.modelCall('m1', 50, 5, 0.25);
    metrics.approval('approved');
    metrics.recovered(0.4);
    metrics.money({
      agents: [{ mode: 'live', agent: 'generalist', roi: -0.25 }],
      limits: [{ mode: 'live', scope: 'agent', name: 'generalist', used: 8, limit: 10 }],
    });
    const lines = (await metrics.text()).split('\n');
    for (const line of [
      'juggernaut_tasks_total{kind="launch",outcome="done"} 1',
      'juggernaut_tasks_total{kind="launch",outcome="failed"} 1',
      'juggernaut_task_duration_seconds_sum{kind="launch"} 15',
      'juggernaut_task_cost_usd_count{kind="launch"} 1',
      'juggernaut_tool_calls_total{tool="market_launch",outcome="done"} 1',
      'juggernaut_model_calls_total{model="m1"} 2',
      'juggernaut_model_tokens_total{model="m1",direction="input"} 150',
      'juggernaut_model_tokens_total{model="m1",direction="output"} 25',
      'juggernaut_model_cost_usd_total{model="m1"} 0.75',
      'juggernaut_approvals_total{outcome="approved"} 1',
      'juggernaut_recovery_seconds_bucket{le="0.5"} 1',
      'juggernaut_agent_roi{mode="live",agent="generalist"} -0.25',
      'juggernaut_budget_used_usd{mode="live",scope="agent",name="generalist"} 8',
      'juggernaut_recovery_seconds_bucket{le="0.25"} 0',
    ]) {
      expect(lines).toContain(line);
    }
  });

  test('every series carries the prefix, and the process tells how it fares', async () => {
    const names = (await open().text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(names.every((line) => line.startsWith('juggernaut_'))).toBe(true);
    for (const name of [
      'event_loop_lag_p50_seconds',
      'event_loop_lag_p99_seconds',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
    ]) {
      expect(
        names.some((line) => line.startsWith(`juggernaut_${name} `)),
        name,
      ).toBe(true);
    }
  });

  test('two apps in one process count apart', async () => {
    const [one, other] = [open(), open()];
    one.approval('denied');
    expect(await one.text()).toContain('juggernaut_approvals_total{outcome="denied"} 1');
    expect(await other.text()).not.toContain('outcome="denied"');
  });

  test('a flood of names from outside ends in one series, and nonsense numbers are not counted', async () => {
    const metrics = open();
    for (let index = 0; index < 1_000; index += 1) metrics.toolCall(`tool ${index}`, 'done');
    metrics.modelCall('m', Number.NaN, -5, Number.POSITIVE_INFINITY);
    metrics.taskEnded('x', 'done', Number.NaN);
    const text = await metrics.text();
    expect(text.match(/juggernaut_tool_calls_total\{/g)?.length).toBe(101);
    expect(text).toContain('juggernaut_tool_calls_total{tool="other",outcome="done"} 900');
    expect(text).toContain('juggernaut_model_cost_usd_total{model="m"} 0');
  });
});
