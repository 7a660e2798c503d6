// What /readyz says: every part in one word, and the worst of what the work needs as the whole.
import type pg from 'pg';
import type { Loop } from '../../autonomy/loop.ts';
import { listUnreachable } from '../../chat/place-store.ts';
import type { Platform } from '../../db/tables/states.ts';
import type { ServerState } from '../../domain/tools/tool-servers.ts';
import type { Deps } from '../../flows/deps.ts';
import type { Platforms } from '../open-platforms.ts';
import type { Health } from './parts.ts';

export async function readHealth(deps: Deps, pool: pg.Pool, loop: Loop | null, platforms: Platforms): Promise<Health> {
  const db = await pool.query('select 1').then(
    () => 'ok' as const,
    () => 'down' as const,
  );
  const model = deps.model.health();
  const mcp = wordOfServers(deps.toolServers.states());
  const state = loop?.state() ?? 'down';
  const chat = await readPlatforms(deps, db, platforms);
  const stripe = deps.payments?.health() ?? 'off';
  const impaired =
    model !== 'ok' ||
    stripe === 'degraded' ||
    stripe === 'down' ||
    mcp === 'degraded' ||
    Object.values(chat).some((word) => word === 'degraded' || word === 'down');
  const status = db === 'down' || state === 'down' ? ('down' as const) : impaired ? ('degraded' as const) : ('ok' as const);
  return { status, mode: deps.mode, db, loop: state, ...chat, model, stripe, mcp };
}

/** A server that is down or waits for an owner hinders nothing but its own tools. */
function wordOfServers(servers: readonly ServerState[]): string {
  if (servers.length === 0) return 'off';
  return servers.some(({ state }) => state === 'down' || state === 'degraded') ? 'degraded' : 'ok';
}

/** A platform that answers but has a channel that cannot be written to is degraded. */
async function readPlatforms(deps: Deps, db: 'ok' | 'down', platforms: Platforms): Promise<Record<Platform, string>> {
  const words: Record<Platform, string> = platforms.health();
  if (platforms.channels().length === 0 || db === 'down') return words;
  for (const { platform } of await listUnreachable(deps.db)) if (words[platform] === 'ok') words[platform] = 'degraded';
  return words;
}
