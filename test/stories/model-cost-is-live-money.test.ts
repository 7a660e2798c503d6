// Asking a real model costs real money, in practice mode too: reserved before, booked after, at a stated, reported or assumed price, under the live caps.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import {
  type Asked,
  call,
  finish,
  planReply,
  readAsked,
  type ScriptedStory,
  sketchTask,
  startScriptedStory,
} from '../support/played-cases.ts';
import { waitForRows } from '../support/witnesses.ts';

/** Planning has a stated price, $1 and $2 a million; doing has none. */
const MODELS = { plan: { primary: 'm' }, execute: { primary: 'x' }, prices: { m: { input: 1, output: 2 } } };
const TOKENS = { prompt_tokens: 1000, completion_tokens: 500 };

const USAGES: Record<string, Record<string, unknown> | null> = {
  counted: TOKENS,
  reported: { ...TOKENS, cost: 0.0123 },
  silent: null,
  absurd: { prompt_tokens: -1, completion_tokens: 1e99 },
};

function answer(asked: Asked): ScriptedReply {
  if (asked.facts.ask === 'plan') {
    const plan = planReply([
      sketchTask(asked.name, { key: 'play', kind: 'research' }),
      sketchTask('after', { key: 'after', kind: 'research', dependsOn: ['play'] }),
    ]);
    return { ...plan, usage: TOKENS } as ScriptedReply;
  }
  const usage = USAGES[asked.name] === undefined ? TOKENS : USAGES[asked.name];
  return { ...(asked.turn === 0 ? call('market_offers') : finish()), usage } as ScriptedReply;
}

interface Booked {
  amount: string;
  assumed: boolean;
  memo: string;
  mode: string;
  counted: string;
  reserved: string;
  status: string;
}

let scripted: ScriptedStory;

const giveGoal = async (name: string): Promise<number> =>
  (await scripted.story.say('goal', { text: `Earn $5 with a budget of $60 case:${name}` })).card.ref?.id ?? 0;

/** Journals of model calls with the reservations they settled; of the planning, or of the task that plays the case. */
function readBooked(goal: number, what: 'plan' | 'play'): Promise<Booked[]> {
  return scripted.story.rows<Booked>(
    `select p.amount_micros::text as amount, j.assumed, j.memo, j.mode, r.counted_micros::text as counted, r.amount_micros::text as reserved, r.status
     from journal j join posting p on p.journal_id = j.id and p.account = 'model_cost' join reservation r on j.external_id = 'reservation:' || r.id
     where j.goal_id = $1 and ${what === 'plan' ? 'j.task_id is null' : `j.task_id = (select id from task where goal_id = $1 and key = 'play')`} order by j.id`,
    [goal],
  );
}

const ends = (goal: number) => scripted.story.card(new RegExp(`^Goal ${goal}:`), (card) => card.tone === 'good' || card.tone === 'bad');

describe('what a call costs', () => {
  const goals = new Map<string, number>();

  beforeAll(async () => {
    scripted = await startScriptedStory(answer, { models: MODELS });
    for (const name of Object.keys(USAGES)) goals.set(name, await giveGoal(name));
    for (const goal of goals.values()) expect((await ends(goal)).tone).toBe('good');
  }, 60_000);
  afterAll(() => scripted.stop());

  test('tokens at the stated price, and exactly that settles the reservation', async () => {
    const [booked, ...more] = await readBooked(goals.get('counted') ?? 0, 'plan');
    expect(more).toEqual([]);
    expect(booked).toMatchObject({ amount: '2000', counted: '2000', assumed: false, mode: 'live', status: 'settled', memo: 'm' });
    expect(BigInt(booked?.reserved ?? 0)).toBeGreaterThan(8_192n);
  });

  test('tokens at the assumed ceiling when no price is stated, marked, with the line to add', async () => {
    for (const booked of await readBooked(goals.get('counted') ?? 0, 'play')) {
      expect(booked).toMatchObject({ amount: String(1000 * 30 + 500 * 120), assumed: true, mode: 'live' });
      expect(booked.memo).toBe('x, at an assumed price; add it to prices in JUG_MODELS: "x":{"input":…,"output":…}');
    }
  });

  test("the provider's own figure wins over both", async () => {
    expect((await readBooked(goals.get('reported') ?? 0, 'play')).map(({ amount, assumed }) => ({ amount, assumed }))).toEqual([
      { amount: '12300', assumed: false },
      { amount: '12300', assumed: false },
    ]);
  });

  test.for(['silent', 'absurd'])('the reserved amount when the usage is %s', async (name) => {
    const rows = await readBooked(goals.get(name) ?? 0, 'play');
    expect(rows.length).toBe(2);
    for (const row of rows) {
      expect(row).toMatchObject({ amount: row.reserved, counted: row.reserved, assumed: true });
      expect(BigInt(row.reserved)).toBeGreaterThan(4096n * 120n);
    }
  });

  test('it is live money, said apart from the practice sum, with the line that would make it exact', async () => {
    const { story } = scripted;
    expect(await story.rows(`select 1 from journal where mode = 'practice'`)).toEqual([]);
    const { card } = await story.say('revenue');
    expect(card.title).toBe('Revenue (practice)');
    expect(card.fields?.find((field) => field.label === 'Model cost')?.value).toBe('$0.00');
    const text = card.text?.replaceAll('\\', '');
    expect(text).toContain('$0.00: nothing has been earned or spent in practice mode.');
    expect(text).toMatch(/Live money, kept apart: model and tool calls cost \$\d/);
    expect(text).toContain('"x":{"input":…,"output":…}');
    expect(text).not.toContain('"m":{');
    const result = await story.card(new RegExp(`^Result of goal ${goals.get('counted')}:`));
    expect(result.text).toMatch(/Model calls cost \$[\d.]+ of live money, booked apart/);
    const { card: budget } = await story.say('budget');
    expect(JSON.stringify(budget.table)).toContain('live');
  });

  test('the money is reserved and marked as sent before the request arrives', async () => {
    const { double, story } = scripted;
    let seen: unknown[] = [];
    double.enqueue(async (request) => {
      seen = await story.rows(`select r.status, r.amount_micros > 0 as positive from reservation r where goal_id = $1 and kind = 'model'`, [
        readAsked(request).facts.goal.id,
      ]);
      return answer(readAsked(request));
    });
    await ends(await giveGoal('counted'));
    expect(seen).toEqual([{ status: 'sent', positive: true }]);
  });

  test('after a crash a reservation whose call never left comes back by time; one whose call left stays, and is booked when nothing can answer any more', async () => {
    const { story } = scripted;
    const reserve = async (status: string): Promise<number> => {
      const [row] = await story.rows<{ id: number }>(
        `select reservation_id::int as id from reserve('live', 'model', $1, null, null, 70000, $2, null, null, null, null, null, null)`,
        [goals.get('counted'), status],
      );
      return row?.id ?? 0;
    };
    const [held, sent] = [await reserve('held'), await reserve('sent')];
    const [rule] = await story.rows<{ minutes: number }>(
      'select extract(epoch from expires_at - created_at)::float8 / 60 as minutes from reservation where id = $1',
      [held],
    );
    expect(rule?.minutes).toBeLessThanOrEqual(5);
    await story.rows(`update reservation set expires_at = clock_timestamp() + interval '100 milliseconds' where id = any($1)`, [
      [held, sent],
    ]);
    await story.rows(`select pg_notify('jug_due', '')`);
    await vi.waitFor(
      async () =>
        expect(await story.rows('select status, counted_micros::int as counted from reservation where id = $1', [held])).toEqual([
          { status: 'released', counted: 0 },
        ]),
      10_000,
    );
    expect(await story.rows('select status, counted_micros::int as counted from reservation where id = $1', [sent])).toEqual([
      { status: 'sent', counted: 70_000 },
    ]);
    // No answer can come any more: it is owed as far as anybody knows.
    await scripted.story.rows(`update reservation set sent_at = clock_timestamp() - interval '20 minutes' where id = $1`, [sent]);
    await scripted.story.rows(`select pg_notify('jug_due', '')`);
    await waitForRows(scripted.story, 'select assumed from journal where external_id = $1', [{ assumed: true }], [`reservation:${sent}`]);
    expect(await scripted.story.rows('select status, counted_micros::int as counted from reservation where id = $1', [sent])).toEqual([
      { status: 'settled', counted: 70_000 },
    ]);
  });
});

describe('under a cap', () => {
  afterEach(() => scripted.stop());

  test('a call that would go beyond it is not sent, and the goal ends with what would raise it', async () => {
    scripted = await startScriptedStory(answer, { models: MODELS, env: { JUG_CAP_HOURLY_USD: '0.001' } });
    const card = await ends(await giveGoal('counted'));
    expect(card.tone).toBe('bad');
    expect(card.text?.replaceAll('\\', '')).toMatch(
      /The hour cap for live money is reached: .*\/budget shows the caps; the environment sets their ceilings/,
    );
    expect(scripted.double.requests).toEqual([]);
    expect(await scripted.story.rows('select 1 from reservation')).toEqual([]);
  });

  test('a task whose model is too dear is dead with the reason, and only the planning was paid for', async () => {
    const models = { ...MODELS, prices: { ...MODELS.prices, x: { input: 1000, output: 1000 } } };
    scripted = await startScriptedStory(answer, { models, env: { JUG_CAP_HOURLY_USD: '1' } });
    const goal = await giveGoal('counted');
    expect((await ends(goal)).tone).toBe('bad');
    expect(scripted.double.requests.map((request) => readAsked(request).facts.ask)).toEqual(['plan']);
    const [task] = await scripted.story.rows<{ status: string; stop_reason: string }>(
      `select status, stop_reason from task where goal_id = $1 and key = 'play'`,
      [goal],
    );
    expect(task?.status).toBe('dead');
    expect(task?.stop_reason).toMatch(/dead after 1 attempt: The hour cap for live money is reached: .* this model call could cost \$[56]/);
    expect((await readBooked(goal, 'plan')).map((row) => row.amount)).toEqual(['2000']);
    expect(await scripted.story.card(new RegExp(`^Result of goal ${goal}:`))).toBeDefined();
  });

  test('a price of 0 that is written out reserves and books nothing', async () => {
    const free = { input: 0, output: 0 };
    scripted = await startScriptedStory(answer, {
      models: { ...MODELS, prices: { m: free, x: free } },
      env: { JUG_CAP_HOURLY_USD: '0.000001' },
    });
    expect((await ends(await giveGoal('counted'))).tone).toBe('good');
    expect(await scripted.story.rows('select 1 from reservation union all select 1 from journal')).toEqual([]);
  });
});
