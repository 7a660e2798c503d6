// Turns an outside service's clear "no" into a value; doubt (a timeout, a cut line) stays an exception, because it has to be reconciled.
import { Upstream } from '../../core/errors.ts';
import type { ToolOutcome } from '../../domain/tools/tool.ts';

/** @throws Upstream with retryable true: the call may have happened. */
export async function attempt(work: () => Promise<ToolOutcome>): Promise<ToolOutcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Upstream && !error.retryable) return { ok: false, error: error.reply, retryable: false };
    throw error;
  }
}
