// Which tools were ever used with success: a first use weighs as novel. Once used stays used, so what is known need not be asked again.
import type { Database } from '../db/database.ts';
import { listUsedTools } from '../domain/tools/call-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';

const known = new WeakMap<Database, Map<Mode, ReadonlySet<string>>>();

/** @param names the tools in question; of others the answer may lag behind */
export async function findUsedTools(deps: Deps, mode: Mode, names: readonly string[]): Promise<ReadonlySet<string>> {
  const byMode = known.get(deps.db) ?? new Map<Mode, ReadonlySet<string>>();
  known.set(deps.db, byMode);
  const used = byMode.get(mode);
  if (used !== undefined && names.every((name) => used.has(name))) return used;
  const fresh = await listUsedTools(deps.db, mode);
  byMode.set(mode, fresh);
  return fresh;
}
