// Standing permissions with what is left of each.
import { formatUsd } from '../../core/money.ts';
import type { Grant } from '../../domain/approvals/grant-store.ts';
import type { Card } from '../card.ts';
import { plainLine } from '../escape.ts';

export function grantsCard(grants: readonly Grant[], now: Date): Card {
  if (grants.length === 0)
    return { title: 'No standing permissions', tone: 'muted', text: 'Give one: grant market\\_launch each:20 total:60 uses:3 hours:24' };
  const open = grants.filter((grant) => stateOf(grant, now) === 'open');
  return {
    title: `${open.length} standing permissions`,
    tone: 'info',
    table: {
      columns: ['Grant', 'Tool', 'Payee', 'Each', 'Used', 'Uses', 'Until', 'State'],
      rows: grants.map((grant) => [
        String(grant.id),
        plainLine(grant.tool, 60),
        plainLine(grant.payee ?? 'any'),
        formatUsd(grant.each_micros),
        `${formatUsd(grant.used_micros)} of ${formatUsd(grant.total_micros)}`,
        `${grant.used} of ${grant.uses}`,
        grant.expires_at.toISOString(),
        stateOf(grant, now),
      ]),
    },
    buttons: open
      .slice(0, 5)
      .map((grant) => ({ label: `Revoke ${grant.id}`, command: 'revoke', args: { id: grant.id }, style: 'danger' as const })),
  };
}

function stateOf(grant: Grant, now: Date): string {
  if (grant.revoked_at !== null) return `revoked by ${plainLine(grant.revoked_by ?? '?', 60)}`;
  if (grant.expires_at <= now) return 'expired';
  return grant.used >= grant.uses ? 'used up' : 'open';
}
