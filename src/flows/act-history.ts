// How acts ended so far, by agent and kind of act. Read once a minute at most, and kept up to date in between by what ends in this process.
import type { Database } from '../db/database.ts';
import { type ActCounts, countEndedActs } from '../domain/tools/call-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';

const FRESH_MS = 60_000;

interface Known {
  at: number;
  counts: Map<string, ActCounts>;
}

const known = new WeakMap<Database, Map<Mode, Known>>();
const keyOf = (agent: string, act: string): string => `${agent}\n${act}`;

/** @returns what ended of an agent's acts of one kind */
export async function findActHistory(deps: Deps, mode: Mode, agent: string): Promise<(act: string) => ActCounts> {
  const byMode = known.get(deps.db) ?? new Map<Mode, Known>();
  known.set(deps.db, byMode);
  let history = byMode.get(mode);
  if (history === undefined || performance.now() - history.at > FRESH_MS) {
    const rows = await countEndedActs(deps.db, mode);
    history = { at: performance.now(), counts: new Map(rows.map((row) => [keyOf(row.agent, row.act), row])) };
    byMode.set(mode, history);
  }
  const { counts } = history;
  return (act) => counts.get(keyOf(agent, act)) ?? { done: 0, failed: 0 };
}

/** An act of this process has ended. */
export function noteActEnd(deps: Deps, mode: Mode, of: { agent: string; act: string; failed: boolean }): void {
  const counts = known.get(deps.db)?.get(mode)?.counts;
  if (counts === undefined) return;
  const { done, failed } = counts.get(keyOf(of.agent, of.act)) ?? { done: 0, failed: 0 };
  counts.set(keyOf(of.agent, of.act), of.failed ? { done, failed: failed + 1 } : { done: done + 1, failed });
}
