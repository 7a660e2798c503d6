// An owner changes a cap or a budget: lowering holds at once; raising above the amount that takes two waits for another person's yes.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { limitName } from '../chat/views/cap-card.ts';
import { Conflict, InvalidInput } from '../core/errors.ts';
import { formatUsd, type Micros } from '../core/money.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import type { CapPeriod } from '../db/tables/states.ts';
import type { Approval } from '../domain/approvals/approval-store.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { type BudgetWish, budgetHash, isBudgetScope, loosens } from '../domain/money/budget.ts';
import { addBudgetChange, findBudgetChange, readLimit, setBudget } from '../domain/money/budget-store.ts';
import { readCapSettings, setCap } from '../domain/money/cap-store.ts';
import { addStanding } from '../domain/opportunities/standing-budget-store.ts';
import { askSecond, takesTwo } from './ask-second.ts';
import type { Deps } from './deps.ts';
import { readStandingBudget } from './standing-budget.ts';

/** More than anybody decides alone: no limit at all. */
const WITHOUT_LIMIT: Micros = 2n ** 62n;

/** @returns the request, when it takes a second person; null when it holds already. */
export async function changeBudget(deps: Deps, wish: BudgetWish, caller: Caller): Promise<Card | null> {
  const { limitMicros } = wish;
  return inTransaction(deps.db, async (trx) => {
    const before = await readBefore(deps, trx, wish);
    if (!loosens(before, limitMicros) || !takesTwo(deps, limitMicros ?? WITHOUT_LIMIT)) {
      await apply(trx, wish, caller.platformId);
      return null;
    }
    const subjectId = await addBudgetChange(trx, { ...wish, askedBy: caller.platformId });
    const what = `${limitName(wish.scope, wish.name)} (${wish.mode} money)`;
    const to = limitMicros === null ? 'no limit' : formatUsd(limitMicros);
    const story = [
      { label: 'Now', text: before === null ? 'no limit' : formatUsd(before) },
      { label: 'Then', text: to },
      { label: 'On yes', text: onYes(wish) },
      { label: 'On deny or expiry', text: 'It stays as it is now.' },
    ];
    const request = { kind: 'budget' as const, subjectId, title: `Set the ${what} to ${to}`, amountMicros: limitMicros ?? 0n, payee: null };
    return askSecond(deps, trx, { ...request, story, requestHash: budgetHash(wish) }, caller);
  });
}

/** Null where there is no limit. */
async function readBefore(deps: Deps, trx: Trx, wish: BudgetWish): Promise<Micros | null> {
  if (wish.scope === 'standing') return (await readStandingBudget(deps, trx)).amountMicros;
  return isBudgetScope(wish.scope) ? readLimit(trx, wish) : readCap(deps, trx, wish.scope, wish.limitMicros);
}

/** The cap as it is now. @throws InvalidInput above its ceiling. */
async function readCap(deps: Deps, trx: Trx, period: CapPeriod, limitMicros: Micros | null): Promise<Micros> {
  const { capMicros, practiceCapMarketDayMicros } = deps.config.limits;
  const ceiling = period === 'market_day' ? practiceCapMarketDayMicros : capMicros[period];
  if (limitMicros === null || limitMicros > ceiling)
    throw new InvalidInput(
      `The ceiling of the ${period} cap is ${formatUsd(ceiling)}; it is set in the environment and cannot be raised in chat.`,
      { limit: 'is above the ceiling' },
    );
  const settings = await readCapSettings(trx, period === 'market_day' ? 'practice' : 'live');
  const set = settings.find((row) => row.period === period)?.limit_micros;
  return set !== undefined && set < ceiling ? set : ceiling;
}

const onYes = ({ scope }: BudgetWish): string =>
  scope === 'standing'
    ? 'So much may be spent on experiments without a goal, each approved as always.'
    : 'It holds from the next reservation on. Caps of the environment stay as they are.';

/** The second person has said yes to exactly this. */
export async function applyBudgetChange(trx: Trx, approval: Approval): Promise<void> {
  const change = approval.subject_id === null ? undefined : await findBudgetChange(trx, approval.subject_id);
  if (change === undefined || budgetHash(change) !== approval.request_hash)
    throw new Conflict(`What request ${approval.id} asks for has changed. Nothing was set.`);
  await apply(trx, change, `${approval.asked_by} and ${approval.decided_by}`);
}

async function apply(trx: Trx, wish: BudgetWish, by: string): Promise<void> {
  const { mode, scope, name, limitMicros } = wish;
  if (scope === 'standing') await addStanding(trx, { mode, amountMicros: limitMicros ?? 0n, setBy: by });
  else if (isBudgetScope(scope)) await setBudget(trx, { mode, scope, name, limitMicros, setBy: by });
  else if (limitMicros !== null) await setCap(trx, { mode, period: scope, limitMicros, setBy: by });
  const detail = { scope, name, limitMicros: limitMicros?.toString() ?? null };
  await recordAudit(trx, [{ mode, actor: by, action: 'cap.set', subjectKind: 'cap', subjectId: null, detail }]);
}
