// Tools of others that act outside: whoever said stop, or was written to lately, is not written to through them either.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServerTool } from '../../src/adapters/mcp/server-tool.ts';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import { readSigningKey } from '../../src/domain/orders/order-store.ts';
import { contactHash, findReceivers } from '../../src/domain/outreach/outreach.ts';
import { addSuppression } from '../../src/domain/outreach/outreach-store.ts';
import { guardOutreach } from '../../src/flows/guard-outreach.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { publishPage } from '../support/published-page.ts';

let database: TestDatabase;
let pool: pg.Pool;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ ...database.connection, max: 4 } as pg.PoolConfig, () => undefined);
  db = createDatabase(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('a mail address in the arguments is held to the list, the pause and the day’s number before the server hears of it', async () => {
  const sent: unknown[] = [];
  const definition = { name: 'send', title: 'Send', description: 'Sends a mail.', inputSchema: { type: 'object' } };
  const bare = createServerTool({
    server: 'post',
    definition: definition as Parameters<typeof createServerTool>[0]['definition'],
    hash: 'f'.repeat(64),
    risk: 'outside',
    closed: () => null,
    verify: async () => null,
    call: async (input) => {
      sent.push(input);
      return { kind: 'result', result: { content: [{ type: 'text', text: 'sent' }] } } as Awaited<
        ReturnType<Parameters<typeof createServerTool>[0]['call']>
      >;
    },
  });
  const tool = guardOutreach(db, bare, 'Example Ltd, hello@example.org');
  const own = new pg.Pool({ ...database.connection, max: 1 });
  for (const slug of ['one-page', 'two-page', 'six-page']) await publishPage(own, slug);
  const calls = (await own.query<{ id: string }>('select id from tool_call order by id')).rows.map(({ id }) => Number(id));
  const context = (toolCallId: number) => ({
    mode: 'practice' as const,
    goalId: 1,
    taskId: 1,
    toolCallId,
    idempotencyKey: 'k',
    now: () => new Date(),
    signal: AbortSignal.timeout(10_000),
  });
  const mail = (to: string) => ({ to, text: 'Hello. Yours, hello@example.org' });

  // Read by a person, whatever a grant permits.
  const first = await tool.quote(mail('Jane <Jane@Example.com>'), context(0));
  expect([first.effect.includes('First contact with 1 of them'), first.review]).toEqual([true, true]);
  const receivers = findReceivers({ to: ['@Jane.Doe', { id: 7 }], message: { userName: 'joe', text: 'to you' }, channel: 'news' }, 'Chat');
  expect(receivers).toEqual(['chat:jane.doe', 'chat:7', 'chat:joe']);
  expect((await tool.quote({ recipient: '@jane', text: 'Hi' }, context(0))).review).toBe(true);
  expect((await tool.quote({ text: 'nobody in particular' }, context(0))).review).toBeUndefined();
  // The same call again, as after a crash, is the same contact; another one is too soon, whatever the spelling.
  for (const _again of [1, 2]) expect(await tool.run(mail('jane@example.com'), context(calls[0] ?? 0))).toMatchObject({ ok: true });
  await expect(tool.quote(mail('jane+x@example.com'), context(0))).rejects.toThrow('not again within seven days');
  expect(await tool.run(mail('jane+x@example.com'), context(calls[1] ?? 0))).toMatchObject({
    ok: false,
    error: expect.stringContaining('j…@example.com'),
  });

  await addSuppression(db, {
    contact: contactHash(await readSigningKey(db), 'joe@example.net'),
    shown: 'j…',
    reason: 'said stop',
    by: 'a:b',
  });
  expect(await tool.run(mail('JOE@example.net'), context(calls[1] ?? 0))).toMatchObject({
    ok: false,
    error: expect.stringContaining('does not want'),
  });
  // One was written to today: ten more are one too many.
  const crowd = Array.from({ length: 10 }, (_, index) => `p${index}@crowd.example`).join(', ');
  expect(await tool.run(mail(crowd), context(calls[2] ?? 0))).toMatchObject({ ok: false, error: expect.stringContaining('24 hours') });
  expect(await tool.run({ text: 'nobody in particular' }, context(calls[2] ?? 0))).toMatchObject({ ok: true });
  expect(sent).toHaveLength(3);
  expect(JSON.stringify((await own.query('select contact from outreach_contact')).rows)).not.toContain('example');
  await own.end();
});
