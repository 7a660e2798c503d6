// A person refuses an opportunity, or opens it again; and the board as it stands.
import type { Card } from '../../chat/card.ts';
import type { Caller } from '../../chat/command.ts';
import { boardCard, opportunityCard } from '../../chat/views/opportunity-card.ts';
import { Conflict, NotFound } from '../../core/errors.ts';
import { type DatabaseOrTrx, inTransaction } from '../../db/database.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import {
  countConversion,
  findOpportunity,
  listEvidence,
  listOpportunities,
  moveOpportunity,
  type Opportunity,
} from '../../domain/opportunities/opportunity-store.ts';
import { findLastScan } from '../../domain/opportunities/scan-store.ts';
import type { Deps } from '../deps.ts';
import { whyNoPage } from '../experiments/page-draft.ts';
import { readStandingBudget } from '../standing-budget.ts';
import { scoreOpportunities } from './score-opportunities.ts';

const ROWS = 15;
const EVIDENCE_SHOWN = 20;

type On = Pick<Deps, 'mode' | 'config'>;

export async function drawBoard(deps: Deps, status: Opportunity['status']): Promise<Card> {
  const { db, mode } = deps;
  const rows = await listOpportunities(db, mode, { status, limit: ROWS });
  return boardCard({
    status,
    rows,
    waits: waitsOf(deps, rows),
    conversion: await countConversion(db, mode),
    lastScan: await findLastScan(db, mode),
    standing: await readStandingBudget(deps, db),
  });
}

export function waitsOf(deps: On, rows: readonly Opportunity[]): Map<number, string> {
  const told = rows.map((one) => [one.id, whyNoPage(deps, one)] as const);
  return new Map(told.flatMap(([id, why]) => (why === null ? [] : [[id, why] as const])));
}

export async function drawOpportunity(deps: On, db: DatabaseOrTrx, id: number): Promise<Card> {
  const one = await findOpportunity(db, deps.mode, id);
  if (one === undefined) throw new NotFound(`There is no opportunity ${id}.`);
  return opportunityCard({ one, evidence: await listEvidence(db, id, EVIDENCE_SHOWN), waits: whyNoPage(deps, one) });
}

/** @param to refused needs a reason; open takes it back. @throws Conflict when it stands where it cannot be moved from. */
export async function changeOpportunity(
  deps: Deps,
  change: { id: number; to: 'refused' | 'open'; reason: string | null },
  caller: Caller,
): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const reason = change.reason === null ? null : `${change.reason} (${caller.platformId})`.slice(0, 600);
    const moved = await moveOpportunity(trx, { mode: deps.mode, id: change.id, to: change.to, reason });
    if (moved === undefined) {
      const one = await findOpportunity(trx, deps.mode, change.id);
      if (one === undefined) throw new NotFound(`There is no opportunity ${change.id}.`);
      throw new Conflict(`Opportunity ${change.id} is ${one.status}; that cannot be changed to ${change.to}.`);
    }
    if (change.to === 'open') await scoreOpportunities(deps, trx);
    const detail = { reason: change.reason };
    await recordAudit(trx, [
      {
        mode: deps.mode,
        actor: caller.platformId,
        action: `opportunity.${change.to}`,
        subjectKind: 'opportunity',
        subjectId: change.id,
        detail,
      },
    ]);
    return drawOpportunity(deps, trx, change.id);
  });
}
