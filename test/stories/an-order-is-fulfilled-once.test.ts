// A process that is killed between an order's webhook and its row: the far side counts, under one key, and the receipt comes once.
import { createHmac } from 'node:crypto';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { endBots, startBot } from '../support/bot-process.ts';
import { HOOK_URL, type HookDouble, startHookDouble } from '../support/hook-double.ts';
import { sale, tell } from '../support/pay.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let own: pg.Pool;
let far: HookDouble;

afterEach(async () => {
  await endBots();
  await far.close();
  await own.end();
  await database.drop();
});

const rows = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> => (await own.query(sql, values)).rows as Row[];

test('killed after the far side has it: the next process sends the same key, and there is one order, one receipt, one kept promise', {
  timeout: 60_000,
}, async () => {
  database = await createTestDatabase();
  own = new pg.Pool({ ...database.connection, max: 2 });
  far = await startHookDouble();
  await rows(`insert into delivery_rule (mode, offer_id, way, url, days, set_by) values ('practice', 'lamp', 'webhook', $1, 2, 'test')`, [
    HOOK_URL,
  ]);
  const first = await startBot({ database, hookPort: far.port });
  far.answer = 'silence';
  await tell({ port: first.port, rows }, [sale({ charge: 'ch_1', customer: 'cus_1', email: 'ann@example.com', offer: 'lamp' })]);
  await vi.waitFor(() => expect(far.heard).toHaveLength(1), { timeout: 20_000 });
  await first.kill();
  expect(await rows('select status, attempt from customer_order')).toEqual([{ status: 'fulfilling', attempt: 1 }]);

  // A server that is busy, then one that takes it.
  far.answer = 503;
  await startBot({ database, hookPort: far.port });
  await vi.waitFor(() => expect(far.heard.length).toBe(2), { timeout: 20_000 });
  await vi.waitFor(
    async () => expect(await rows(`select trouble from customer_order`)).toEqual([{ trouble: 'the webhook answered 503' }]),
    { timeout: 20_000 },
  );
  far.answer = 200;
  await rows(`update customer_order set next_at = clock_timestamp()`);
  await vi.waitFor(async () => expect(await rows('select status from customer_order')).toEqual([{ status: 'fulfilled' }]), {
    timeout: 20_000,
  });

  const [order] = await rows<{ id: string; key: string }>('select id, key from customer_order');
  expect(far.heard.map(({ key }) => key)).toEqual([order?.key, order?.key, order?.key]);
  for (const { body, signature } of far.heard) {
    const told = JSON.parse(body) as { id: string; customer: { email: string }; order: { offer: string } };
    expect(told).toMatchObject({ id: order?.key, customer: { email: 'ann@example.com' }, order: { offer: 'lamp', charge: 'ch_1' } });
    const [, seconds, mac] = /^t=(\d+),v1=(\w+)$/.exec(signature) ?? [];
    const [{ secret: root = '' } = {}] = await rows<{ secret: string }>('select secret from signing_key');
    const secret = `whsec_${createHmac('sha256', root).update(`hook:${HOOK_URL}`).digest('base64url')}`;
    expect(mac).toBe(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
  }
  expect(await rows(`select kind, source, external_id from receipt order by id`)).toEqual([
    { kind: 'payment', source: 'practice market', external_id: 'ch_1' },
    { kind: 'delivery', source: 'webhook', external_id: order?.key },
  ]);
  expect(await rows('select kind, status, receipt_id is not null as proven from promise')).toEqual([
    { kind: 'delivery', status: 'kept', proven: true },
  ]);
  expect(await rows('select from_status, to_status from order_step order by id')).toEqual([
    { from_status: null, to_status: 'paid' },
    { from_status: 'paid', to_status: 'fulfilling' },
    { from_status: 'fulfilling', to_status: 'fulfilled' },
  ]);
});
