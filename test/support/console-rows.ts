// Rows for the console's pages: one goal with all that hangs on it, and cards.
import type { Card } from '../../src/chat/card.ts';
import { postMessage } from '../../src/chat/outbox-store.ts';
import { type Database, type DatabaseOrTrx, inTransaction, type Trx } from '../../src/db/database.ts';
import type { Channel } from '../../src/db/tables/states.ts';

export interface SeededGoal {
  goalId: number;
  taskId: number;
  callId: number;
  approvalId: number;
  documentId: number;
}

const HOUR = 3_600_000;
const FACTORS = [
  { name: 'kind of act', contribution: 0.15, note: 'commits money' },
  { name: 'irreversibility', contribution: 0.1, note: 'spend cannot be taken back' },
  { name: 'money at stake', contribution: 0.08, note: '$25.00 of $60.00 left' },
  { name: 'reach', contribution: 0.1, note: 'customers see it' },
  { name: 'data change', contribution: 0, note: '' },
  { name: 'credentials', contribution: 0, note: '' },
  { name: 'production', contribution: 0, note: '' },
  { name: 'novelty', contribution: 0.05, note: 'first use of market_launch' },
];

/** @param text goes into every free text, to see how it is shown */
export async function seedGoal(db: Database, text = ''): Promise<SeededGoal> {
  return await inTransaction(db, async (trx) => {
    const goal = await trx
      .insertInto('goal')
      .values({
        mode: 'practice',
        title: `Earn the first practice dollar ${text}`,
        request: `Earn the first practice dollar with a budget of $60 ${text}`,
        means: 'market',
        metric: 'profit',
        target_micros: 1_000_000n,
        budget_micros: 60_000_000n,
        status: 'running',
        given_by: 'console:owner',
        given_by_person: 'console:owner',
        notes: '[]',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const plan = await trx
      .insertInto('plan')
      .values({
        goal_id: goal.id,
        revision: 1,
        status: 'approved',
        summary: `Compare the offers, launch the two best, measure for 14 days. ${text}`,
        success_measure: 'At least $1.00 of profit in the ledger',
        tasks: JSON.stringify([{ key: 'look', title: 'Compare offers' }]),
        model: 'practice-playbook',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const base = {
      mode: 'practice' as const,
      goal_id: goal.id,
      plan_id: plan.id,
      why: `Money follows demand. ${text}`,
      priority: 1,
      expected_cost_micros: 0n,
      expected_evidence: 'a successful read from outside',
      risk_score: 0.12,
      risk_level: 'low',
    };
    const look = await trx
      .insertInto('task')
      .values({
        ...base,
        key: 'look',
        kind: 'research',
        title: 'Compare the offers on the market',
        status: 'done',
        summary: 'Three offers look worth a try.',
        started_at: new Date(Date.now() - HOUR),
        ended_at: new Date(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const launch = await trx
      .insertInto('task')
      .values({
        ...base,
        key: 'launch',
        kind: 'launch',
        title: `Launch two offers ${text}`,
        status: 'waiting_approval',
        risk_level: 'medium',
        risk_score: 0.42,
        expected_cost_micros: 25_000_000n,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await trx
      .insertInto('task')
      .values({ ...base, key: 'measure', kind: 'measure', title: 'Measure 14 market days', status: 'blocked' })
      .execute();
    await trx.insertInto('task_dependency').values({ task_id: launch.id, depends_on: look.id }).execute();
    const ids = await seedCalls(trx, goal.id, launch.id, text);
    await seedMoney(trx, goal.id, launch.id, ids.callId);
    await trx
      .insertInto('audit')
      .values({
        mode: 'practice',
        actor: 'console:owner',
        action: 'goal.accepted',
        subject_kind: 'goal',
        subject_id: goal.id,
        detail: JSON.stringify({ title: `Earn ${text}` }),
      })
      .execute();
    return { goalId: goal.id, taskId: launch.id, ...ids };
  });
}

async function seedCalls(trx: Trx, goalId: number, taskId: number, text: string) {
  const turn = await trx
    .insertInto('turn')
    .values({
      goal_id: goalId,
      task_id: taskId,
      attempt: 1,
      seq: 1,
      text: `I will launch two offers. ${text}`,
      model: 'practice-playbook',
      input_tokens: 812,
      output_tokens: 64,
      stop_reason: 'tool_calls',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const approval = await trx
    .insertInto('approval')
    .values({
      mode: 'practice',
      kind: 'act',
      goal_id: goalId,
      task_id: taskId,
      title: `Launch 2 offers for $25.00 ${text}`,
      status: 'pending',
      asked_by: 'agent:generalist',
      amount_micros: 25_000_000n,
      payee: 'practice market',
      risk_score: 0.42,
      risk_level: 'medium',
      factors: JSON.stringify(FACTORS),
      reversible: false,
      outward: true,
      story: JSON.stringify([
        { label: 'Why now', text: `The comparison is done. ${text}` },
        { label: 'Expected return', text: '$31.00 to $44.00' },
      ]),
      request_hash: 'f'.repeat(64),
      needed: 1,
      type_amount: false,
      expires_at: new Date(Date.now() + 24 * HOUR),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const call = await trx
    .insertInto('tool_call')
    .values({
      mode: 'practice',
      goal_id: goalId,
      task_id: taskId,
      turn_id: turn.id,
      call_ref: 'c1',
      attempt: 1,
      tool: 'market_launch',
      tool_version: '1',
      act: 'spend',
      touches: 'money',
      arguments: JSON.stringify({ offerId: 'o-3', budget: '12.50', note: text }),
      request_hash: 'e'.repeat(64),
      amount_micros: 12_500_000n,
      payee: 'practice market',
      effect: `Launch "Candle" for $12.50 ${text}`,
      tainted: false,
      risk_score: 0.42,
      risk_level: 'medium',
      factors: JSON.stringify(FACTORS),
      status: 'waiting_approval',
      idempotency_key: `key-${taskId}`,
      approval_id: approval.id,
      output: JSON.stringify({ ok: true, text }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('evidence')
    .values({ task_id: taskId, tool_call_id: call.id, kind: 'receipt', source: `launch:ext-1 ${text}`, sha256: 'a'.repeat(64) })
    .execute();
  const document = await trx
    .insertInto('document')
    .values({ mode: 'practice', goal_id: goalId, task_id: taskId, title: `Offers compared ${text}` })
    .returning('id')
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('document_version')
    .values({
      document_id: document.id,
      version: 1,
      body: `# Offers\n\nThe best is **Candle** at $24.10. ${text}\n\n| Offer | Price |\n|---|---|\n| Candle | $24.10 |\n| Poster | $18.00 |\n\n- cheap to make\n- sells in winter`,
      sha256: 'b'.repeat(64),
      figures: JSON.stringify([{ shown: '$24.10', callId: call.id, path: 'offers.3.listPriceMicros' }]),
      tool_call_id: call.id,
    })
    .execute();
  return { callId: call.id, approvalId: approval.id, documentId: document.id };
}

async function seedMoney(trx: Trx, goalId: number, taskId: number, callId: number): Promise<void> {
  const entries = [
    {
      kind: 'offer_spend',
      memo: 'Offer spend of day 3',
      lines: [
        ['offer_spend', 12_500_000n],
        ['cash', -12_500_000n],
      ],
    },
    {
      kind: 'revenue',
      memo: 'Order ord-1',
      lines: [
        ['processor', 24_100_000n],
        ['revenue', -24_100_000n],
      ],
    },
  ] as const;
  for (const [index, entry] of entries.entries()) {
    const journal = await trx
      .insertInto('journal')
      .values({
        mode: 'practice',
        source: 'practice',
        external_id: `ev-${goalId}-${index}`,
        kind: entry.kind,
        memo: entry.memo,
        occurred_at: new Date(),
        goal_id: goalId,
        task_id: taskId,
        tool_call_id: callId,
        tool: 'market_launch',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await trx
      .insertInto('posting')
      .values(entry.lines.map(([account, amount]) => ({ journal_id: journal.id, account, amount_micros: amount, currency: 'USD' })))
      .execute();
  }
}

export async function post(
  db: DatabaseOrTrx,
  card: Card,
  options: { channel?: Channel; goalId?: number | null; key?: string | null } = {},
): Promise<void> {
  await postMessage(db, { channel: options.channel ?? 'goals', goalId: options.goalId ?? null, key: options.key ?? null, card });
}
