// Between the yes and the act somebody edits rows, a tool gets a new version, the market another list: nothing runs that was not approved.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createMarketClient } from '../../src/adapters/practice/market-client.ts';
import type { Card } from '../../src/chat/card.ts';
import { hashOf } from '../../src/core/canonical-json.ts';
import type { Database } from '../../src/db/database.ts';
import { readFarSide } from '../../src/domain/offers/far-side-store.ts';
import { requestHash } from '../../src/domain/tools/policy.ts';
import type { Tool } from '../../src/domain/tools/tool.ts';
import { createMarketTools } from '../../src/flows/tools/market-tools.ts';
import { createWriteDocument } from '../../src/flows/tools/write-document.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';
import { askForLaunch, editBehindItsBack, farLaunches, field, waitForRows } from '../support/witnesses.ts';

const open: Story[] = [];
const begin = async (options: Parameters<typeof startStory>[0]): Promise<Story> => {
  const story = await startStory(options);
  open.push(story);
  return story;
};
afterEach(async () => {
  for (const story of open.splice(0).toReversed()) await story.stop();
});

/** The next request after this one, once it is posted. */
async function nextRequest(story: Story, after: number): Promise<{ id: number; card: Card }> {
  const card = await story.card(/^Approve \d+/, (one) => (one.ref?.id ?? 0) > after);
  return { id: card.ref?.id ?? 0, card };
}

/** Approves while everything stands still, edits rows behind the bot's back, and lets it go on. */
async function approveThenEdit(story: Story, id: number, edit: () => Promise<void>): Promise<{ id: number; card: Card }> {
  await story.say('pause');
  expect((await story.say('approve', { id })).ok).toBe(true);
  await edit();
  await story.say('resume');
  return nextRequest(story, id);
}

interface CallRow {
  id: number;
  tool: string;
  tool_version: string;
  arguments: { budgetUsd: number };
  payee: string | null;
  request_hash: string;
}

const callsOf = (story: Story): Promise<CallRow[]> =>
  story.rows<CallRow>(
    `select id::int, tool, tool_version, arguments, payee, request_hash from tool_call where tool = 'market_launch' and status in ('approved', 'waiting_approval') order by id`,
  );

/** Gives the first launch three times its budget and makes its own hash fit, as somebody would who knows the code. */
async function forgeCall(story: Story): Promise<string> {
  const calls = await callsOf(story);
  const [first] = calls;
  if (first === undefined) throw new Error('no call');
  const forged = {
    tool: first.tool,
    version: first.tool_version,
    arguments: { ...first.arguments, budgetUsd: 60 },
    amountMicros: 60_000_000n,
    payee: first.payee,
  };
  await editBehindItsBack(story, 'update tool_call set arguments = $2, amount_micros = 60000000, request_hash = $3 where id = $1', [
    first.id,
    JSON.stringify(forged.arguments),
    requestHash(forged),
  ]);
  return hashOf(calls.map((call) => (call.id === first.id ? requestHash(forged) : call.request_hash)));
}

describe('rows edited after the yes', () => {
  test('every edit is caught before anything is launched, and what is true now is asked anew', { timeout: 60_000 }, async () => {
    const story = await begin({ seed: 1 });
    let { id, card } = await askForLaunch(story);
    const firstCall = `(select min(id) from tool_call where tool = 'market_launch')`;
    const put = (budget: number) =>
      editBehindItsBack(story, `update tool_call set arguments = jsonb_set(arguments, '{budgetUsd}', '${budget}') where id = ${firstCall}`);
    const edits: [string, () => Promise<void>][] = [
      ['the arguments', () => put(59)],
      ['the arguments, put back', () => put(20)],
      ['the amount', () => editBehindItsBack(story, `update tool_call set amount_micros = 1000000 where id = ${firstCall}`)],
      ['the payee', () => editBehindItsBack(story, `update tool_call set payee = 'somebody else' where id = ${firstCall}`)],
      ['the hash of the call', () => editBehindItsBack(story, `update tool_call set request_hash = 'x' where id = ${firstCall}`)],
      ['the hash of the request', () => editBehindItsBack(story, `update approval set request_hash = 'x' where id = ${id}`)],
      [
        'the sentence that was read',
        () => editBehindItsBack(story, `update tool_call set effect = 'Launches something nicer.' where id = ${firstCall}`),
      ],
      ['a call together with its hash', async () => void (await forgeCall(story))],
      ['arguments put back by hand', () => put(20)],
      [
        'a call, its hash and the hash of the request',
        async () => editBehindItsBack(story, 'update approval set request_hash = $2 where id = $1', [id, await forgeCall(story)]),
      ],
    ];
    for (const [what, edit] of edits) {
      ({ id, card } = await approveThenEdit(story, id, edit));
      expect(await farLaunches(story), what).toEqual([]);
      const [first] = await callsOf(story);
      expect(card.table?.rows[0]?.[2], what).toBe(`$${first?.arguments.budgetUsd}.00`);
      // Asked about what is true now, with its own risk: three times the money weighs more.
      expect(field(card, 'Risk'), what).toMatch(first?.arguments.budgetUsd === 20 ? /^medium/ : /^high/);
    }
    const [caught] = await story.rows<{ n: number }>(`select count(*)::int as n from audit where action = 'call.changed'`);
    expect(caught?.n).toBeGreaterThanOrEqual(edits.length);
    await put(20);
    ({ id } = await approveThenEdit(story, id, async () => {}));
    await story.say('approve', { id });
    await vi.waitFor(async () => expect((await farLaunches(story)).map((launch) => launch.cents)).toEqual([2000, 2000, 2000]), {
      timeout: 15_000,
    });
  });

  test('a yes that exists only in the rows, without a decision in the audit trail, starts nothing', { timeout: 60_000 }, async () => {
    const story = await begin({ seed: 1 });
    const { id } = await askForLaunch(story);
    await editBehindItsBack(
      story,
      `update approval set status = 'approved', decided_by = 'console:owner', decided_at = now() where id = ${id};
       update tool_call set status = 'approved' where approval_id = ${id};
       update task set status = 'pending' where status = 'waiting_approval'; select pg_notify('jug_due', '')`,
    );
    await nextRequest(story, id);
    expect(await farLaunches(story)).toEqual([]);
  });

  test('arguments no tool can read are refused by name; the other launches run as they were approved', { timeout: 60_000 }, async () => {
    const story = await begin({ seed: 1 });
    const { id } = await askForLaunch(story);
    await story.say('pause');
    await story.say('approve', { id });
    await editBehindItsBack(
      story,
      `update tool_call set arguments = '{"offerId":"offer_99","budgetUsd":"much"}' where id = (select min(id) from tool_call where approval_id = ${id})`,
    );
    await story.say('resume');
    await vi.waitFor(async () => expect(await farLaunches(story)).toHaveLength(2), { timeout: 15_000 });
    const [refused] = await story.rows<{ status: string; error: string }>(
      `select status, error from tool_call where tool = 'market_launch' order by id limit 1`,
    );
    expect(refused).toEqual({ status: 'refused', error: expect.stringContaining('can no longer be used') });
  });

  test('practice and live never meet: what is marked as the other mode is not made, and market tools exist in practice only', {
    timeout: 60_000,
  }, async () => {
    const story = await begin({ seed: 1 });
    // Experiments of the practice market as well.
    for (const tool of story.app.deps.tools.values())
      expect([tool.name, /^(market_|(start|extend)_experiment$)/.test(tool.name)]).toEqual([tool.name, !tool.modes.includes('live')]);
    const { id } = await askForLaunch(story);
    await story.say('pause');
    await story.say('approve', { id });
    await editBehindItsBack(story, `update tool_call set mode = 'live' where approval_id = ${id}`);
    await story.say('resume');
    await waitForRows(story, `select distinct status, error from tool_call where approval_id = ${id}`, [
      { status: 'refused', error: 'a call of live mode is never made in practice mode' },
    ]);
    expect(await farLaunches(story)).toEqual([]);
  });

  test('an approved act without money is held to the same', { timeout: 60_000 }, async () => {
    const published: unknown[] = [];
    const publish = (db: Database): Tool[] => {
      const tool = createWriteDocument(db) as Tool;
      return [
        {
          ...tool,
          act: 'publish',
          reach: 'public',
          version: '2',
          run: async (input, context) => {
            published.push(input);
            return tool.run(input, context);
          },
        },
      ];
    };
    const story = await begin({ seed: 1, overrides: { tools: publish } });
    await story.say('goal', { text: "Write a report on the practice market's offers" });
    const { id } = await nextRequest(story, 0);
    const again = await approveThenEdit(story, id, () =>
      editBehindItsBack(
        story,
        `update tool_call set arguments = jsonb_set(arguments, '{title}', '"Something else"') where tool = 'write_document'`,
      ),
    );
    expect(published).toEqual([]);
    expect(again.card.text).toContain('Something else');
    await story.say('approve', { id: again.id });
    await vi.waitFor(() => expect(published).toEqual([expect.objectContaining({ title: 'Something else' })]), { timeout: 15_000 });
  });
});

describe('the world changed after the yes', () => {
  test('a new version of the tool asks anew', { timeout: 60_000 }, async () => {
    let version = '1';
    const tools = (db: Database): Tool[] => {
      const market = createMarketClient({
        endpoint: async () => {
          const farSide = await readFarSide(db, null);
          return { url: farSide.url ?? '', apiKey: farSide.apiKey };
        },
      });
      return createMarketTools(market, db).map((tool) => (tool.name === 'market_launch' ? { ...tool, version } : tool));
    };
    const story = await begin({ seed: 1, overrides: { tools } });
    const { id } = await askForLaunch(story);
    await story.say('pause');
    await story.say('approve', { id });
    version = '2';
    await story.restart();
    await story.say('resume');
    const again = await nextRequest(story, id);
    expect(await farLaunches(story)).toEqual([]);
    await story.say('approve', { id: again.id });
    await vi.waitFor(async () => expect(await farLaunches(story)).toHaveLength(3), { timeout: 15_000 });
    expect(await story.rows(`select distinct tool_version from tool_call where tool = 'market_launch'`)).toEqual([{ tool_version: '2' }]);
  });

  test('the same offers under other names and prices are another act, so they are asked about anew', { timeout: 60_000 }, async () => {
    const before = await begin({ seed: 1 });
    await before.say('goal', { text: FIRST_DOLLAR });
    const { id, card } = await nextRequest(before, 0);
    await before.app.stop();
    // A market nobody has used yet takes the seed it is started with: other products behind the same ids.
    const after = await begin({ seed: 2, share: before.database });
    await after.say('approve', { id });
    const again = await nextRequest(after, id);
    expect(await farLaunches(after)).toEqual([]);
    expect(again.card.table?.rows.map((row) => row[2])).toEqual(card.table?.rows.map((row) => row[2]));
    expect(again.card.table?.rows[0]?.[1]).not.toBe(card.table?.rows[0]?.[1]);
  });
});
