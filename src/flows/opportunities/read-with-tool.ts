// A source reads with a tool of the registry, outside of any task: only with one that changes nothing and costs nothing.
import { Upstream } from '../../core/errors.ts';
import type { Success, ToolContext } from '../../domain/tools/tool.ts';
import type { Deps } from '../deps.ts';

/** @throws Upstream when there is no such tool, it is no reading one, or it fails. */
export async function readWithTool(deps: Deps, name: string, input: unknown, signal: AbortSignal): Promise<Success> {
  const tool = deps.tools.get(name);
  if (tool === undefined) throw new Upstream(`There is no tool "${name}".`, { retryable: false });
  if (tool.act !== 'read' || tool.touches !== 'nothing' || !tool.modes.includes(deps.mode))
    throw new Upstream(`The tool "${name}" does more than read here, so nothing is looked up with it.`, { retryable: false });
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) throw new Upstream(`The tool "${name}" does not take this.`, { retryable: false, cause: parsed.error });
  // Nobody's goal, task or call: a tool that only reads writes no rows of theirs.
  const context: ToolContext = {
    mode: deps.mode,
    goalId: 0,
    taskId: 0,
    toolCallId: 0,
    idempotencyKey: `scan:${name}`,
    now: deps.clock.now,
    signal,
  };
  const { amountMicros } = await tool.quote(parsed.data, context);
  if (amountMicros > 0n)
    throw new Upstream(`The tool "${name}" costs money, so nothing is looked up with it unasked.`, { retryable: false });
  const outcome = await tool.run(parsed.data, context);
  if (!outcome.ok) throw new Upstream(`${name}: ${outcome.error}`, { retryable: outcome.retryable });
  return outcome;
}
