// Stops or resumes selling through a payment link: our row first, the provider after it, by a job that lasts until it is done.
import { postMessage } from '../chat/outbox-store.ts';
import { linkCard } from '../chat/views/payment-cards.ts';
import { Conflict, NotFound } from '../core/errors.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { readTrouble } from '../domain/money/takings-store.ts';
import { findLaunchById } from '../domain/offers/launch-store.ts';
import { findPaymentLink, noteLinkActive, type PaymentLinkRow, wantLinkActive } from '../domain/offers/payment-link-store.ts';
import { judgeTrouble } from '../domain/offers/trouble-rule.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';

/** The state of an offer is one message in its goal's thread, edited in place; a stop is also asked about where requests are. */
export async function showLink(trx: Trx, launchId: number): Promise<void> {
  const link = await findPaymentLink(trx, launchId);
  const launch = await findLaunchById(trx, launchId);
  if (link === undefined || launch === undefined) return;
  const message = { goalId: launch.goal_id, card: linkCard(link, launch.goal_id) };
  await postMessage(trx, { ...message, channel: 'goals', key: `offer:${launchId}` });
  if (link.changed_at !== null) await postMessage(trx, { ...message, channel: 'approvals', key: `offer:${launchId}:changed` });
}

async function want(
  trx: Trx,
  link: { launchId: number; mode: Mode },
  change: { active: boolean; by: string; why: string },
): Promise<boolean> {
  const changed = await wantLinkActive(trx, link.launchId, change);
  if (changed === undefined) return false;
  await recordAudit(trx, [
    {
      mode: link.mode,
      actor: change.by,
      action: change.active ? 'offer.resumed' : 'offer.stopped',
      subjectKind: 'launch',
      subjectId: link.launchId,
      detail: { why: change.why, link: changed.external_id },
    },
  ]);
  await showLink(trx, link.launchId);
  await wake(trx, { job: 'set_link', launchId: link.launchId });
  return true;
}

/** What it sold through is sold otherwise now, or no more. */
export async function stopLink(trx: Trx, link: { launchId: number; mode: Mode }, by: string, why: string): Promise<void> {
  await want(trx, link, { active: false, by, why });
}

/** After a refund or dispute was booked: stopping is safe and asks nobody, going on does. */
export async function stopWhenTroubled(trx: Trx, mode: Mode, launchId: number): Promise<void> {
  const why = judgeTrouble(await readTrouble(trx, mode, launchId));
  if (why !== null) await want(trx, { launchId, mode }, { active: false, by: 'policy', why });
}

/** A person stops an offer, or sells it again. @throws NotFound or Conflict */
export async function changeLink(deps: Deps, launchId: number, active: boolean, by: string): Promise<PaymentLinkRow> {
  return inTransaction(deps.db, async (trx) => {
    const link = await findPaymentLink(trx, launchId);
    if (link === undefined || link.mode !== deps.mode) throw new NotFound(`There is no offer ${launchId} with a payment link.`);
    const why = active ? 'Sold again on a person’s word.' : 'Stopped by a person.';
    if (!(await want(trx, { launchId, mode: link.mode }, { active, by, why })))
      throw new Conflict(`Offer ${launchId} ${active ? 'sells' : 'is stopped'} already.`);
    return (await findPaymentLink(trx, launchId)) ?? link;
  });
}

/** The job: makes the provider's link as our row wants it now. Harmless when repeated. */
export async function setLink(deps: Deps, launchId: number): Promise<void> {
  const link = await findPaymentLink(deps.db, launchId);
  if (link === undefined || link.wanted_active === link.active || link.mode !== deps.mode) return;
  if (deps.payments === null) throw new Error(`offer ${launchId} waits for STRIPE_SECRET_KEY`);
  await deps.payments.setLinkActive(link.external_id, link.wanted_active);
  await inTransaction(deps.db, async (trx) => {
    const now = await noteLinkActive(trx, launchId, link.wanted_active);
    if (now === undefined) return;
    await showLink(trx, launchId);
    // Somebody wanted it otherwise meanwhile.
    if (now.wanted_active !== now.active) await wake(trx, { job: 'set_link', launchId });
  });
}
