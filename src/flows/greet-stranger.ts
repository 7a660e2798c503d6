// Somebody without a role spoke: they are told privately, and the owner gets a card to let them in.
import { plainLine } from '../chat/escape.ts';
import { postMessage } from '../chat/outbox-store.ts';
import type { Deps } from './deps.ts';

/** One card a person, however often they try; in live mode approvers come from the environment only. */
export async function tellOwnerOfStranger(deps: Deps, platformId: string): Promise<void> {
  const roles = deps.mode === 'live' ? ['viewer', 'operator'] : ['viewer', 'operator', 'approver'];
  await postMessage(deps.db, {
    channel: 'approvals',
    goalId: null,
    key: `stranger:${platformId.slice(0, 200)}`,
    card: {
      title: `Somebody without a role: ${plainLine(platformId, 80)}`,
      tone: 'ask',
      text: 'They were told their id and cannot do or see anything. To let them in, give them a role:',
      buttons: roles.map((role) => ({
        label: `Make them ${role}`,
        command: 'team',
        args: { add: platformId, role },
        style: role === 'approver' ? ('danger' as const) : ('plain' as const),
        ...(role === 'approver' ? { confirm: `Let ${plainLine(platformId, 80)} approve spending?` } : {}),
      })),
    },
  });
}
