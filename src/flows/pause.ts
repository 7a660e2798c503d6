// The kill switch as a story: stop, say what goes on outside and what it costs, and start again only on purpose.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { plainLine } from '../chat/escape.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { formatUsd } from '../core/money.ts';
import { inTransaction } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { extendSilence } from '../domain/approvals/approval-store.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { listPlanning } from '../domain/goals/goal-store.ts';
import { listRunning } from '../domain/offers/launch-store.ts';
import { findOpenScan } from '../domain/opportunities/scan-store.ts';
import { pauseAll, readControl, resumeAll } from '../domain/tasks/control-store.ts';
import type { Deps } from './deps.ts';

export async function pause(deps: Deps, caller: Caller, reason: string | null): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const fresh = await pauseAll(trx, caller.platformId, reason);
    const control = await readControl(trx);
    const running = await listRunning(trx, deps.mode);
    const perDay = running.reduce((sum, launch) => sum + launch.budget_micros / BigInt(launch.days), 0n);
    if (fresh)
      await recordAudit(trx, [
        { mode: deps.mode, actor: caller.platformId, action: 'paused', subjectKind: 'control', subjectId: 1, detail: { reason } },
      ]);
    const card: Card = {
      title: fresh ? 'Paused' : `Paused already by ${plainLine(control.pausedBy ?? '?')}`,
      tone: 'bad',
      text: [
        'No task is claimed and no call is made, in any process, also after a restart. What was running is being stopped and will go on after resume.',
        running.length === 0
          ? 'Nothing outside goes on by itself.'
          : `**${running.length} launches go on outside:** they are prepaid, so nothing more leaves; together they use about ${formatUsd(perDay)} of it per market day. They end by themselves; before that only the agent can stop one, after resume.`,
      ].join('\n\n'),
      ...(running.length === 0
        ? {}
        : {
            table: {
              columns: ['Launch', 'Goal', 'Prepaid', 'Per day'],
              rows: running.map((launch) => [
                launch.external_id,
                String(launch.goal_id),
                formatUsd(launch.budget_micros),
                formatUsd(launch.budget_micros / BigInt(launch.days)),
              ]),
            },
          }),
      buttons: [{ label: 'Resume', command: 'resume', args: {}, style: 'primary', confirm: 'Start working again?' }],
    };
    await postMessage(trx, { channel: 'goals', goalId: null, key: 'control', card });
    return card;
  });
}

export async function resume(deps: Deps, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const { pausedAt } = await readControl(trx);
    const resumed = await resumeAll(trx);
    if (resumed && pausedAt !== null) await extendSilence(trx, pausedAt);
    if (resumed)
      await recordAudit(trx, [
        { mode: deps.mode, actor: caller.platformId, action: 'resumed', subjectKind: 'control', subjectId: 1, detail: {} },
      ]);
    const scan = await findOpenScan(trx, deps.mode);
    const scans = scan === undefined ? [] : [{ job: 'scan' as const, scanId: scan.id }];
    await wake(trx, { job: 'work' }, ...scans, ...(await listPlanning(trx)).map((goalId) => ({ job: 'plan_goal' as const, goalId })));
    const card: Card = {
      title: resumed ? `Resumed by ${plainLine(caller.platformId)}` : 'Nothing was paused',
      tone: 'good',
      text: 'Tasks are claimed again.',
    };
    if (resumed) await postMessage(trx, { channel: 'goals', goalId: null, key: 'control', card });
    return card;
  });
}
