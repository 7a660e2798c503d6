// A model claims; rows decide. Whatever it says, a task is done only with the evidence its kind demands, and no figure stands without its source.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PlannedTask, TaskKind } from '../../src/domain/brain/plan.ts';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import {
  type Asked,
  call,
  finish,
  giveCase,
  planReply,
  type ScriptedStory,
  sketchTask,
  startScriptedStory,
} from '../support/played-cases.ts';
import { farLaunches } from '../support/witnesses.ts';

interface Result {
  callId: number;
  output?: { launchId?: string; offers?: { id: string; listPriceMicros: number }[] };
  error?: string;
}
const resultsOf = (asked: Asked): Result[] => asked.results.map((text) => JSON.parse(text) as Result);
const offersOf = (asked: Asked): Result | undefined => resultsOf(asked).find((result) => result.output?.offers !== undefined);
const write = (body: string, figures: object[] = []): ScriptedReply => call('write_document', { title: 'A report', body, figures });

interface Case {
  kind: TaskKind;
  act: (asked: Asked) => ScriptedReply;
  /** What the refused calls say. */
  says: RegExp;
  /** Launches a person approved in it. */
  launches?: number;
}

/** Reads the offers first, then writes this. */
const afterReading =
  (body: string, figures: (callId: number, price: number) => object[] = () => []) =>
  (asked: Asked): ScriptedReply => {
    const read = offersOf(asked);
    if (read === undefined) return call('market_offers');
    if (asked.turn > 1) return finish('done', 'The report is written.');
    return write(body, figures(read.callId, read.output?.offers?.[0]?.listPriceMicros ?? 0));
  };

/** Launches an offer, has it approved, then goes on. */
const afterLaunching =
  (next: (asked: Asked, launchId: string) => ScriptedReply) =>
  (asked: Asked): ScriptedReply => {
    const launched = resultsOf(asked).find((result) => result.output?.launchId !== undefined)?.output?.launchId;
    if (launched !== undefined) return next(asked, launched);
    const read = offersOf(asked);
    if (read === undefined) return call('market_offers');
    // Another offer for each goal: one runs once at a time.
    return call('market_launch', { offerId: read.output?.offers?.[asked.facts.goal.id % 12]?.id, budgetUsd: 5, days: 1 });
  };

const CASES: Record<string, Case> = {
  'research-unread': {
    kind: 'research',
    act: () => finish('done', 'I have read a lot.'),
    says: /evidence is missing: a successful read from outside/,
  },
  'research-refused': {
    kind: 'research',
    act: (asked) =>
      asked.turn === 0 ? call('web_fetch', { url: 'http://169.254.169.254/latest/meta-data/' }) : finish('done', 'Read it.'),
    says: /evidence is missing: a successful read from outside/,
  },
  'write-unwritten': {
    kind: 'write',
    act: () => finish('done', 'The report is in your inbox.'),
    says: /evidence is missing: a stored document/,
  },
  'write-reading-only': {
    kind: 'write',
    act: (asked) => (asked.turn === 0 ? call('market_offers') : finish()),
    says: /evidence is missing: a stored document/,
  },
  'refund-without-receipt': {
    kind: 'write',
    act: afterReading('All customers were refunded (receipt 7).'),
    says: /there is no receipt 7; "customers were refunded" needs the receipt of the refund/,
  },
  'summary-without-receipt': {
    kind: 'research',
    act: (asked) => (asked.turn === 0 ? call('market_offers') : finish('done', 'The offers are read, and the parcel has been sent.')),
    says: /the summary cannot be told like this: "has been sent" needs the receipt of the delivery/,
  },
  'figure-without-source': { kind: 'write', act: afterReading('We earned $4,200 last week.'), says: /"\$4,200" has no source/ },
  'figure-in-disguise': {
    kind: 'write',
    act: afterReading('We earned $10k, that is 5x more, .75 of the plan, ٤٢ % and 1e6 in all; 3rd best.'),
    says: /"\$10k" has no source; "5x" has no source; "\.75" has no source; "٤٢" has no source; "1e6" has no source; "3rd" has no source/,
  },
  'figure-that-differs': {
    kind: 'write',
    act: afterReading('The first offer sells at $1.00.', (callId) => [{ shown: '$1.00', callId, path: 'offers.0.listPriceMicros' }]),
    says: /"\$1\.00" is not what call \d+ says at offers\.0\.listPriceMicros/,
  },
  'figure-from-nowhere': {
    kind: 'write',
    act: afterReading('The first offer sells at $1.00.', (callId) => [{ shown: '$1.00', callId, path: 'offers.99.listPriceMicros' }]),
    says: /has nothing at offers\.99/,
  },
  'figure-of-another-goal': {
    kind: 'write',
    act: afterReading('The day is 1.', () => [{ shown: '1', callId: 1, path: 'day' }]),
    says: /call 1 has nothing at day/,
  },
  'launch-unlaunched': {
    kind: 'launch',
    act: () => finish('done', 'Launched and live!'),
    says: /evidence is missing: a receipt of the far side/,
  },
  'launch-not-read-back': {
    kind: 'launch',
    act: afterLaunching(() => finish('done', 'Launched.')),
    says: /evidence is missing: launch_\d+ read back by a second call/,
    launches: 1,
  },
  'launch-of-another': {
    kind: 'launch',
    act: afterLaunching((asked) => (asked.turn === 2 ? call('market_results', { launchId: 'launch_999' }) : finish())),
    says: /evidence is missing: launch_\d+ read back by a second call/,
    launches: 1,
  },
  'measure-unmeasured': {
    kind: 'measure',
    act: () => finish('done', 'Numbers are great.'),
    says: /evidence is missing: results measured outside/,
  },
};

/** A measure task needs a launch to measure; that one is done as it should be. */
const launchWell = afterLaunching((asked, launchId) => (asked.turn === 2 ? call('market_results', { launchId }) : finish()));

function planOf(name: string): PlannedTask[] {
  const kind = CASES[name]?.kind ?? 'research';
  const first = sketchTask(name, { key: 'play', kind, expectedCostUsd: kind === 'launch' ? 5 : 0 });
  if (kind !== 'measure') return [first, sketchTask(name, { key: 'after', kind: 'write', dependsOn: ['play'] })];
  return [sketchTask(name, { key: 'launch', kind: 'launch', expectedCostUsd: 5 }), { ...first, dependsOn: ['launch'] }];
}

let scripted: ScriptedStory;
const script = (asked: Asked): ScriptedReply => {
  if (asked.facts.ask === 'plan') return planReply(planOf(asked.name));
  return asked.facts.task.key === 'launch' ? launchWell(asked) : (CASES[asked.name]?.act(asked) ?? finish('nothing_done', 'unknown case'));
};

const goals = new Map<string, number>();
const approved = new Set<number>();

async function approveWhatAsks(): Promise<void> {
  for (const { id } of await scripted.story.rows<{ id: number }>(`select id::int from approval where status = 'pending'`)) {
    approved.add(id);
    await scripted.story.say('approve', { id });
  }
}

beforeAll(async () => {
  scripted = await startScriptedStory(script, { seed: 1 });
  // A first goal, so that its calls are another goal's to all the others.
  for (const name of ['first', ...Object.keys(CASES)]) goals.set(name, await giveCase(scripted.story, name));
  await vi.waitFor(
    async () => {
      await approveWhatAsks();
      const open = await scripted.story.rows<{ id: number; status: string }>(
        `select id::int, status from goal where status not in ('done', 'failed')`,
      );
      if (open.length > 0) throw new Error(`still open: ${JSON.stringify(open)}`);
    },
    { timeout: 60_000, interval: 100 },
  );
}, 90_000);
afterAll(() => scripted.stop());

describe('a claim without its evidence', () => {
  test.for(Object.entries(CASES))(
    '%s: refused with what is missing, the task fails by name, the goal with it',
    async ([name, { says }]) => {
      const goal = goals.get(name) ?? 0;
      const { story } = scripted;
      const [task] = await story.rows<{ id: number; status: string; stop_reason: string }>(
        `select id::int, status, stop_reason from task where goal_id = $1 and key = 'play'`,
        [goal],
      );
      expect(task).toMatchObject({
        status: 'failed',
        stop_reason: expect.stringMatching(/^(repetition|nothing was done|invalid calls|words only)/),
      });
      const errors = await story.rows<{ error: string }>(`select error from tool_call where task_id = $1 and error is not null`, [
        task?.id,
      ]);
      expect(errors.map((row) => row.error).join('\n')).toMatch(says);
      expect(await story.rows('select status from goal where id = $1', [goal])).toEqual([{ status: 'failed' }]);
      expect(await story.rows(`select status from task where goal_id = $1 and key = 'after' and status <> 'blocked'`, [goal])).toEqual([]);
    },
  );

  test('no document was kept, and the market saw only what a person approved', async () => {
    const { story } = scripted;
    expect(await story.rows('select 1 from document_version')).toEqual([]);
    expect(await story.rows(`select 1 from evidence where kind = 'document'`)).toEqual([]);
    const launched = await farLaunches(story);
    expect(launched.map((launch) => launch.cents)).toEqual(launched.map(() => 500));
    expect(launched).toHaveLength(3);
    expect(approved.size).toBe(3);
    expect(await story.rows(`select count(*)::int as n from journal where mode = 'practice' and kind = 'spend'`)).toEqual([{ n: 3 }]);
  });
});

test('the same claims with their evidence count: a figure that is there, a launch that was read back', async () => {
  const { story } = scripted;
  CASES['figure-with-source'] = {
    kind: 'write',
    act: afterReading('The market is on its day 1. Offers:\n1. the first\n2. the second', (callId) => [
      { shown: '1', callId, path: 'day' },
    ]),
    says: /./,
  };
  const goal = await giveCase(story, 'figure-with-source');
  await vi.waitFor(
    async () =>
      expect(await story.rows(`select status, stop_reason from task where goal_id = $1 and key = 'play'`, [goal])).toEqual([
        { status: 'done', stop_reason: null },
      ]),
    { timeout: 15_000 },
  );
  // The task after it, of the same script, may have written its own by now.
  const written = `select count(*)::int as n from document_version v join tool_call c on c.id = v.tool_call_id join task t on t.id = c.task_id where t.goal_id = $1 and t.key = 'play'`;
  expect(await story.rows(written, [goal])).toEqual([{ n: 1 }]);
  expect(await story.rows(`select distinct status from task where key = 'launch'`)).toEqual([{ status: 'done' }]);
});

test('what was done to a customer is said with its receipt, which the agent reads without a name', async () => {
  const { story } = scripted;
  const [order] = await story.rows<{ id: number; receipt: number }>(
    `with buyer as (insert into customer (mode, source, external_id, name, first_order_at, last_order_at) values ('practice', 's', 'c', 'Ann', now(), now()) returning id),
      sold as (insert into customer_order (mode, source, charge_id, customer_id, goal_id, currency, amount_micros, status, way, paid_at, deliver_by, key)
        select 'practice', 's', 'ch', buyer.id, $1, 'USD', 1, 'fulfilled', 'person', now(), now(), 'k' from buyer returning id)
      insert into receipt (mode, kind, order_id, source, external_id) select 'practice', 'delivery', id, 'a person', 'k' from sold returning order_id::int as id, id::int as receipt`,
    [goals.get('first')],
  );
  const proven = `Order ${order?.id} was delivered (receipt ${order?.receipt})`;
  CASES['claim-with-receipt'] = {
    kind: 'write',
    act: (asked) =>
      [call('customer_orders'), write(`${proven}.`), finish('done', `${proven}; nothing else is known.`)][asked.turn] ?? finish(),
    says: /./,
  };
  const goal = await giveCase(story, 'claim-with-receipt');
  await vi.waitFor(
    async () =>
      expect(await story.rows(`select status from task where goal_id = $1 and key = 'play'`, [goal])).toEqual([{ status: 'done' }]),
    { timeout: 15_000 },
  );
  const read = `select c.output from tool_call c join task t on t.id = c.task_id where c.tool = 'customer_orders' and t.goal_id = $1 and t.key = 'play'`;
  expect(await story.rows(read, [goal])).toEqual([{ output: { orders: [] } }]);
});

test('a lie about a number is done work all the same, and nobody reads it as a fact', async () => {
  const { story } = scripted;
  const truth = 'The market is on its day 1.';
  CASES['words-not-borne-out'] = {
    kind: 'research',
    act: (asked) => (asked.turn === 0 ? call('market_offers') : finish('done', `${truth} It lists 4,217 offers. Offer_1 sells at $1.01.`)),
    says: /./,
  };
  const goal = await giveCase(story, 'words-not-borne-out');
  const read = () =>
    story.rows<{ id: number; summary: string }>(
      `select id::int, summary from task where goal_id = $1 and key = 'play' and status = 'done'`,
      [goal],
    );
  const [task] = await vi.waitFor(
    async () => {
      const rows = await read();
      expect(rows).toHaveLength(1);
      return rows;
    },
    { timeout: 15_000 },
  );
  expect(task?.summary).toBe(`${truth} [withheld: the record says offer count 12] Offer_1 sells at $1.01. (unverified)`);
});
