// Things that happen at the same moment: whoever comes second still sees what the first has done, so nothing waits for a wake-up that is past.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
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
