// One scan: every source is looked at, its finds recorded with its part in one transaction. What a crash left open is looked at again.
import { AppError } from '../../core/errors.ts';
import { redactText } from '../../core/redact.ts';
import { inTransaction } from '../../db/database.ts';
import { addParts, endPart, endScan, findScan, listParts, type Scan, type ScanPart } from '../../domain/opportunities/scan-store.ts';
import { readControl } from '../../domain/tasks/control-store.ts';
import type { Deps } from '../deps.ts';
import { recordFinds } from './record-finds.ts';
import { showScan } from './show-scan.ts';
import type { FindSource } from './source.ts';
import { sourcesOf } from './sources.ts';

/** One source may take so long. */
const LOOK_MS = 120_000;
const LONGEST_ERROR = 500;

/** Runs an open scan; harmless when it has ended, or while everything is paused: it is looked at again later. */
export async function scanOpportunities(deps: Deps, scanId: number, stopping: AbortSignal): Promise<void> {
  const scan = await findScan(deps.db, deps.mode, scanId);
  if (scan === undefined || scan.status !== 'open') return;
  if ((await readControl(deps.db)).pausedAt !== null) return;
  const sources = sourcesOf(deps, scan.id);
  await addParts(deps.db, scan.id, sources);
  const open = (await listParts(deps.db, scan.id)).filter((part) => part.status === 'open');
  for (const part of open) {
    const source = sources.find((one) => one.source === part.source && one.name === part.name);
    // The card that tells of the last one is the scan's end.
    await lookAt(deps, scan, { part, source, tells: part !== open.at(-1) }, stopping);
  }
  await close(deps, scan);
}

async function lookAt(
  deps: Deps,
  scan: Scan,
  { part, source, tells }: { part: ScanPart; source: FindSource | undefined; tells: boolean },
  stopping: AbortSignal,
): Promise<void> {
  let looked: Awaited<ReturnType<FindSource['look']>> | null = null;
  let error = 'it is not configured any more';
  try {
    if (source !== undefined) looked = await source.look(AbortSignal.any([stopping, AbortSignal.timeout(LOOK_MS)]));
  } catch (trouble) {
    if (stopping.aborted) throw trouble;
    error = trouble instanceof AppError ? trouble.reply : `it failed: ${trouble instanceof Error ? trouble.message : String(trouble)}`;
    deps.log.warn({ err: trouble, scan: scan.id, source: part.name }, 'a source of opportunities could not be read');
  }
  await inTransaction(deps.db, async (trx) => {
    if (looked === null) await endPart(trx, part, { error: redactText(error).slice(0, LONGEST_ERROR) });
    else {
      const found = { source: part.source, by: part.name, scanId: scan.id, ...looked };
      const { ids: _, ...result } = await recordFinds(deps, trx, found);
      await endPart(trx, part, { result });
    }
    if (tells) await showScan(trx, scan);
  });
}

/** Failed is one of which nothing could be read. */
async function close(deps: Deps, scan: Scan): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const parts = await listParts(trx, scan.id);
    const failed = parts.filter((part) => part.status === 'failed');
    const error = parts.length === 0 ? 'no source is configured' : failed.length === parts.length ? 'no source could be read' : null;
    const ended = await endScan(trx, scan.id, error);
    if (ended !== undefined) await showScan(trx, ended, parts);
  });
}
