// Once a night: is the audit chain whole, and do the books balance? Silence when they do, a card when they do not.
import { postMessage } from '../chat/outbox-store.ts';
import { verifyAudit } from '../domain/audit/verify-store.ts';
import { countUnbalanced } from '../domain/money/ledger-store.ts';
import type { Deps } from './deps.ts';

export async function verifyBooks(deps: Deps): Promise<void> {
  const audit = await verifyAudit(deps.db);
  const unbalanced = await countUnbalanced(deps.db);
  deps.log.info({ sealed: audit.sealed, ok: audit.ok, unbalanced }, 'verified the books');
  if (audit.ok && unbalanced === 0) return;
  await postMessage(deps.db, {
    channel: 'approvals',
    goalId: null,
    key: null,
    card: {
      title: 'The books do not verify',
      tone: 'bad',
      text: `${audit.problems.length} problems in the audit chain, ${unbalanced} journals that do not sum to zero. Somebody or something changed rows behind the bot's back. Pause, and look at /audit.`,
      buttons: [{ label: 'Pause everything', command: 'pause', args: { reason: 'the books do not verify' }, style: 'danger' }],
    },
  });
}
