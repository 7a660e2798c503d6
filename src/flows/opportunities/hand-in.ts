// What people hand in: one idea in their words, or a table. Their words are data: they are kept, compared and scored, and nothing in them is done.
import type { Card } from '../../chat/card.ts';
import type { Caller } from '../../chat/command.ts';
import { handedInCard } from '../../chat/views/handed-in-card.ts';
import { opportunityCard } from '../../chat/views/opportunity-card.ts';
import { sha256 } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import { redactText } from '../../core/redact.ts';
import { inTransaction } from '../../db/database.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { readCsv } from '../../domain/opportunities/csv.ts';
import { findOpportunity, listEvidence } from '../../domain/opportunities/opportunity-store.ts';
import { type Told, toFind } from '../../domain/opportunities/told.ts';
import type { Deps } from '../deps.ts';
import { whyNoPage } from '../experiments/page-draft.ts';
import { recordFinds } from './record-finds.ts';

const EVIDENCE_SHOWN = 20;

/** The same words are the same idea, whoever says them. */
export async function handInIdea(deps: Deps, idea: Told, caller: Caller): Promise<Card> {
  const said = redactText(idea.sells);
  const externalId = sha256(`${idea.name}\n${said}`).slice(0, 32);
  const place = { kind: 'said' as const, origin: caller.platformId, sha256: sha256(said), excerpt: said, toolCallId: null };
  const find = toFind(idea, externalId, [place]);
  return inTransaction(deps.db, async (trx) => {
    const found = { source: 'idea' as const, by: caller.platformId, scanId: null, finds: [find], listed: null };
    const { ids, found: _, ...counts } = await recordFinds(deps, trx, found);
    const id = ids.get(find.externalId) ?? 0;
    const one = await findOpportunity(trx, deps.mode, id);
    if (one === undefined) throw new Error(`opportunity ${id} is gone`);
    await recordAudit(trx, [entry(deps, caller, 'opportunity.handed_in', id, counts)]);
    return opportunityCard({ one, evidence: await listEvidence(trx, id, EVIDENCE_SHOWN), waits: whyNoPage(deps, one) });
  });
}

/** @throws InvalidInput when no row can be read. */
export async function handInTable(deps: Deps, text: string, caller: Caller): Promise<Card> {
  const { rows, problems } = readCsv(text);
  if (rows.length === 0) throw new InvalidInput(`Nothing in this table can be read: ${problems.join('; ')}`, { csv: 'cannot be read' });
  const file = sha256(redactText(text));
  const finds = rows.map(({ row, text: line, told }) => {
    const place = {
      kind: 'row' as const,
      origin: `table ${file.slice(0, 12)}, row ${row}, by ${caller.platformId}`,
      sha256: sha256(redactText(line)),
    };
    // A row is known by what it says: the same table again, or a longer one, brings the same opportunities.
    return toFind(told, sha256(`${told.name}\n${told.sells}\n${told.channel}`).slice(0, 32), [
      { ...place, excerpt: line, toolCallId: null },
    ]);
  });
  return inTransaction(deps.db, async (trx) => {
    const found = { source: 'csv' as const, by: caller.platformId, scanId: null, finds, listed: null };
    const { ids, ...counts } = await recordFinds(deps, trx, found);
    await recordAudit(trx, [entry(deps, caller, 'opportunity.table', null, { ...counts, file })]);
    return handedInCard({ ...counts, known: counts.found - counts.fresh - counts.merged - counts.refused, problems });
  });
}

const entry = (deps: Deps, caller: Caller, action: string, subjectId: number | null, detail: object) => ({
  mode: deps.mode,
  actor: caller.platformId,
  action,
  subjectKind: 'opportunity',
  subjectId,
  detail,
});
