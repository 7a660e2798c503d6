// Once a night: is the audit chain whole, and do the books balance? Silence when they do, a card when they do not.
import { postMessage } from '../chat/outbox-store.ts';
import { type Slot, takeSlot } from '../db/process-store.ts';
import { verifyAudit } from '../domain/audit/verify-store.ts';
import { countUnbalanced } from '../domain/money/ledger-store.ts';
import { countWrongSums } from '../domain/money/slice-store.ts';
import type { Deps } from './deps.ts';

export async function verifyBooks(deps: Deps, slot: Slot): Promise<void> {
  if (!(await takeSlot(deps.db, slot))) return;
  const audit = await verifyAudit(deps.db);
  const unbalanced = await countUnbalanced(deps.db);
  const wrongSums = await countWrongSums(deps.db);
  deps.log.info({ sealed: audit.sealed, ok: audit.ok, unbalanced, wrongSums }, 'verified the books');
  if (audit.ok && unbalanced === 0 && wrongSums === 0) return;
  await postMessage(deps.db, {
    channel: 'approvals',
    goalId: null,
    key: null,
    card: {
      title: 'The books do not verify',
      tone: 'bad',
      text: `${audit.problems.length} problems in the audit chain, ${unbalanced} journals that do not sum to zero, ${wrongSums} sums by day that differ from their postings. Somebody or something changed rows behind the bot's back. Pause, and look at /audit.`,
      buttons: [{ label: 'Pause everything', command: 'pause', args: { reason: 'the books do not verify' }, style: 'danger' }],
    },
  });
}
