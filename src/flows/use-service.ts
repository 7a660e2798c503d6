// Calls of tools go through the breaker of the service behind them: one that is down is left alone, and work waits or looks elsewhere.
import { InvalidInput, Upstream } from '../core/errors.ts';
import type { Settled, Word } from '../domain/tools/breakers.ts';
import type { Tool, ToolOutcome } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';

/** The service resting just now, with the milliseconds until it may be tried; null when the call may be made. */
export function findRest(deps: Deps, tool: Tool, input: unknown): { name: string; others: boolean; ms: number } | null {
  const service = tool.service?.(input) ?? null;
  if (service === null) return null;
  const ms = deps.breakers.restMs(service.name);
  return ms > 0 ? { ...service, ms } : null;
}

export function throughBreaker(deps: Deps, tool: Tool, input: unknown, run: () => Promise<ToolOutcome>): Promise<ToolOutcome> {
  const service = tool.service?.(input) ?? null;
  return service === null ? run() : deps.breakers.run(service.name, run, judge);
}

/** A service that answers is there, whatever it says; so is one that says when to come back. */
function judge(settled: Settled<ToolOutcome>): Word {
  if ('value' in settled) return !settled.value.ok && settled.value.outage === true ? 'outage' : 'well';
  const { error } = settled;
  if (error instanceof InvalidInput) return 'nothing';
  if (!(error instanceof Upstream)) return 'nothing';
  return error.retryable && error.retryAfterMs === null ? 'outage' : 'well';
}

/** Whether a call of this run failed on a service that is still down. */
export function findDownService(deps: Deps, calls: readonly { tool: string; status: string; arguments: unknown }[]): string | null {
  for (const call of calls) {
    if (call.status !== 'failed') continue;
    const service = deps.tools.get(call.tool)?.service?.(call.arguments) ?? null;
    if (service !== null && deps.breakers.isFailing(service.name)) return service.name;
  }
  return null;
}
