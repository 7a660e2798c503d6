// Things that happen at the same moment: whoever comes second still sees what the first has done, so nothing waits for a wake-up that is past.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
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
import { waitForRows } from '../support/witnesses.ts';

let scripted: ScriptedStory;
const clients: pg.Client[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
  await scripted.stop();
});

/** Keeps the bot's own transactions from posting until told; `waiting` of them stand in line, everything they did before done. */
async function holdPosts(): Promise<{ line(waiting: number): Promise<void>; open(): Promise<void> }> {
  const client = new pg.Client(scripted.story.database.adminConnection);
  clients.push(client);
  await client.connect();
  await client.query('begin');
  await client.query('lock table message in exclusive mode');
  const inLine = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return {
    line: (waiting) => waitForRows(scripted.story, inLine, [{ n: waiting }]),
    open: async () => void (await client.query('commit')),
  };
}

const goalStatusOf = (goal: number) => `select status from goal where id = ${goal}`;

test.for(['done', 'nothing_done'] as const)(
  'two tasks that end at the same moment as %s settle their goal all the same',
  async (outcome) => {
    const { promise: both, resolve: letGo } = Promise.withResolvers<void>();
    const script = async ({ facts, name, turn }: Asked) => {
      if (facts.ask === 'plan')
        return planReply([
          sketchTask(name, { key: 'one', kind: 'research' }),
          sketchTask(name, { key: 'two', kind: 'research' }),
          sketchTask(name, { key: 'after', kind: 'research', dependsOn: ['one', 'two'] }),
        ]);
      if (turn === 0) return call('market_offers');
      await both;
      return finish(outcome);
    };
    scripted = await startScriptedStory(script, { seed: 1 });
    const { story, double } = scripted;
    const goal = await giveCase(story, 'twins');
    await vi.waitFor(() => expect(double.requests).toHaveLength(5), { timeout: 15_000 });
    const posts = await holdPosts();
    letGo();
    await posts.line(2);
    await posts.open();
    await waitForRows(story, goalStatusOf(goal), [{ status: outcome === 'done' ? 'done' : 'failed' }]);
  },
);

/** Plays one task; its answer after the first ones is held back until `letGo`, and then says `held`. */
async function playHeld(kind: 'research' | 'launch', before: ((asked: Asked) => ScriptedReply)[], held: ScriptedReply) {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: heldBack, resolve: isHeld } = Promise.withResolvers<void>();
  scripted = await startScriptedStory(
    async (asked) => {
      const { facts, name, turn } = asked;
      const after = sketchTask(name, { key: 'after', kind: 'research', dependsOn: ['play'] });
      if (facts.ask === 'plan') return planReply([sketchTask(name, { key: 'play', kind }), after]);
      if (turn > before.length) return finish('nothing_done');
      if (turn < before.length) return before[turn]?.(asked) ?? finish();
      isHeld();
      await gate;
      return held;
    },
    { seed: 1 },
  );
  const goal = await giveCase(scripted.story, 'held');
  return { goal, heldBack, letGo };
}

test('a reply that comes while the model decides to wait for one wakes the task at once', async () => {
  const { goal, heldBack, letGo } = await playHeld('research', [], call('wait', { forReply: true, why: 'Which one?' }));
  await heldBack;
  await scripted.story.say('goal', { id: goal, text: 'The second one.' });
  letGo();
  await waitForRows(scripted.story, goalStatusOf(goal), [{ status: 'failed' }]);
  expect(scripted.double.requests.at(-1)?.body.messages[1].content).toContain('The second one.');
});

/** A verified event of a paid order of the one launch there is, as the webhook keeps it. */
async function takeOrder(): Promise<void> {
  const [launch] = await scripted.story.rows<{ id: string }>('select external_id as id from launch');
  const object = {
    id: 'ch_1',
    amount: 1_000,
    currency: 'usd',
    metadata: { launch_id: launch?.id },
    balance_transaction: { id: 'txn_1', amount: 1_000, fee: 50, net: 950 },
  };
  const body = { id: 'evt_1', type: 'charge.succeeded', created: 1_800_000_000, livemode: false, data: { object } };
  await scripted.story.rows(
    `with kept as (insert into payment_event (source, event_id, mode, type, body) values ('test', 'evt_1', 'practice', 'charge.succeeded', $1) returning id)
     select graphile_worker.add_job('book_payment', json_build_object('eventId', kept.id)) from kept`,
    [JSON.stringify(body)],
  );
}

test('an order that comes while the model decides to wait for one wakes the task at once', { timeout: 60_000 }, async () => {
  const launch = ({ results }: Asked) => {
    const read = JSON.parse(results[0] ?? '{}') as { output?: { offers?: { id: string }[] } };
    return call('market_launch', { offerId: read.output?.offers?.[0]?.id, budgetUsd: 20, days: 7 });
  };
  const { goal, heldBack, letGo } = await playHeld(
    'launch',
    [() => call('market_offers'), launch],
    call('wait', { forOrder: true, why: 'Somebody may buy.' }),
  );
  const asked = await scripted.story.card(/^Approve \d+/);
  await scripted.story.say('approve', { id: asked.ref?.id });
  await heldBack;
  await takeOrder();
  await waitForRows(scripted.story, `select count(*)::int as n from journal where kind = 'sale'`, [{ n: 1 }]);
  letGo();
  await waitForRows(scripted.story, goalStatusOf(goal), [{ status: 'failed' }]);
});

test('a task that falls asleep before it hears that it is cancelled is cancelled', async () => {
  const { goal, heldBack, letGo } = await playHeld('research', [], call('wait', { minutes: 600, why: 'Only time can help.' }));
  await heldBack;
  // As `cancel` writes it, its message to the process still on the way.
  await scripted.story.rows('update task set cancel_requested = true where id = 1');
  letGo();
  await waitForRows(scripted.story, 'select status, lease_owner from task where id = 1', [{ status: 'cancelled', lease_owner: null }]);
  await waitForRows(scripted.story, goalStatusOf(goal), [{ status: 'failed' }]);
});
