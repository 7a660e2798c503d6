// What a server of others says it can do is held against what was accepted of it. A difference waits for an owner, who is shown it.
import { postMessage } from '../chat/outbox-store.ts';
import { changedToolCard } from '../chat/views/tools-card.ts';
import { Conflict, NotFound } from '../core/errors.ts';
import { type Database, inTransaction, type Trx } from '../db/database.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import {
  acceptOffered,
  addAccepted,
  findPin,
  listPins,
  lockServer,
  markMissing,
  type PinnedTool,
  quarantine,
  restorePins,
} from '../domain/tools/pin-store.ts';
import { compareTools, nameOf, type Offered } from '../domain/tools/server-tool.ts';
import type { Mode } from '../domain/tools/tool.ts';

/** Who accepts the tools a server has when it is asked for the first time: whoever wrote it into the environment. */
const BY_CONFIGURATION = 'MCP_SERVERS';

export interface Pinned {
  pins: PinnedTool[];
  unusable: { name: string; why: string }[];
}

/** Keeps what a server listed. Where nothing differs, one read. */
export async function pinTools(db: Database, mode: Mode, server: string, listed: readonly Offered[]): Promise<Pinned> {
  const pins = await listPins(db, [server]);
  const now = compareTools(server, listed, pins);
  const same = [now.first, now.quarantined, now.restored, now.missing].every((part) => part.length === 0);
  if (same) return { pins, unusable: now.unusable };
  return inTransaction(db, async (trx) => {
    await lockServer(trx, server);
    const found = compareTools(server, listed, await listPins(trx, [server]));
    await addAccepted(trx, server, found.first, BY_CONFIGURATION);
    if (found.first.length > 0)
      await recordAudit(trx, [
        entry(mode, null, 'tools.first_seen', { server, tools: found.first.map((one) => [one.definition.name, one.hash]) }),
      ]);
    for (const one of found.quarantined) await holdBack(trx, mode, await quarantine(trx, server, one));
    await restorePins(trx, found.restored);
    await markMissing(trx, found.missing);
    return { pins: await listPins(trx, [server]), unusable: found.unusable };
  });
}

async function holdBack(trx: Trx, mode: Mode, pin: PinnedTool): Promise<void> {
  const detail = { tool: nameOf(pin.server, pin.name), was: pin.accepted_hash, offered: pin.offered_hash };
  await recordAudit(trx, [entry(mode, pin.id, 'tool.quarantined', detail)]);
  await postMessage(trx, { channel: 'approvals', goalId: null, key: `mcp_tool:${pin.id}`, card: changedToolCard(pin) });
}

/** @param hash the beginning of the hash of what the owner was shown. @throws Conflict when another thing is offered by now */
export async function acceptTool(db: Database, mode: Mode, request: { id: number; hash: string; by: string }): Promise<PinnedTool> {
  return inTransaction(db, async (trx) => {
    const pin = await findPin(trx, request.id);
    if (pin === undefined) throw new NotFound(`There is no tool ${request.id}.`);
    if (pin.offered_hash === null) throw new Conflict(`Nothing of tool ${request.id} waits to be accepted.`);
    const shown = request.hash.length >= SHOWN_HASH && pin.offered_hash.startsWith(request.hash);
    const accepted = shown ? await acceptOffered(trx, { id: pin.id, hash: pin.offered_hash, by: request.by }) : undefined;
    if (accepted === undefined)
      throw new Conflict(`Tool ${request.id} has changed since it was shown. Look again: tools accept:${request.id}.`);
    const detail = { tool: nameOf(pin.server, pin.name), was: pin.accepted_hash, is: accepted.accepted_hash };
    await recordAudit(trx, [{ ...entry(mode, pin.id, 'tool.accepted', detail), actor: request.by }]);
    await postMessage(trx, { channel: 'approvals', goalId: null, key: `mcp_tool:${pin.id}`, card: changedToolCard(accepted) });
    return accepted;
  });
}

/** So much of a hash stands on a button. */
export const SHOWN_HASH = 16;

const entry = (mode: Mode, id: number | null, action: string, detail: Record<string, unknown>) => ({
  mode,
  actor: 'policy',
  action,
  subjectKind: 'mcp_tool',
  subjectId: id,
  detail,
});
