// Finds processes that died and puts their work back: jobs unlocked, tasks ready again, within a second while peers are about.
import { inTransaction } from '../db/database.ts';
import { buryProcesses, listPeers } from '../db/process-store.ts';
import { wake } from '../db/wake.ts';
import { releaseOrdersOf } from '../domain/orders/fulfilment-store.ts';
import { releaseTasksOf } from '../domain/tasks/wake-store.ts';
import { tellInterrupted } from '../flows/ask/interrupted-answers.ts';
import type { Deps } from '../flows/deps.ts';

/** @returns how many peers are alive; 0 means that nobody has to be watched. */
export async function sweepDead(deps: Deps): Promise<number> {
  const peers = await listPeers(deps.db, deps.processId);
  const dead = peers.filter((peer) => peer.dead);
  if (dead.length > 0) await takeOver(deps, dead);
  return peers.length - dead.length;
}

async function takeOver(deps: Deps, dead: { id: number }[]): Promise<void> {
  const started = deps.clock.now().getTime();
  const released = await inTransaction(deps.db, async (trx) => {
    const buried = await buryProcesses(trx, dead);
    if (buried.length === 0) return [];
    const tasks = await releaseTasksOf(trx, buried);
    await releaseOrdersOf(trx, buried);
    // Always: whatever the dead were woken for, and the jobs that are free again, must be looked at now and not at the next poll.
    await wake(trx, { job: 'work' }, { job: 'look' });
    return tasks;
  });
  await tellInterrupted(deps);
  deps.metrics.recovered((deps.clock.now().getTime() - started) / 1000);
  deps.log.warn({ processes: dead.map((peer) => peer.id), tasks: released.map((task) => task.id) }, 'took over the work of dead processes');
}
