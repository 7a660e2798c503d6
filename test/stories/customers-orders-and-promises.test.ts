// Who paid gets what they paid for: orders of the practice market by themselves, others by a person; refunds in any order; a customer's data handed out
// and erased, the books kept; what is owed and overdue said where people look.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Paid, refund, sale, tell } from '../support/pay.ts';
import { launchFirstGoal, type Story, startStory } from '../support/story.ts';

let story: Story;

beforeAll(async () => {
  story = await startStory({ seed: 1 });
});
afterAll(async () => {
  await story?.stop();
});

const payer = () => ({ port: story.app.port, rows: <Row>(sql: string, values?: unknown[]) => story.rows<Row>(sql, values) });
const token = (): string => new URL(story.app.consoleUrl).searchParams.get('token') ?? '';
const get = (path: string, as = token()) =>
  fetch(`http://127.0.0.1:${story.app.port}${path}`, { headers: { authorization: `Bearer ${as}` } });
const page = async (path: string): Promise<string> => {
  const response = await get(path);
  expect([path, response.status]).toEqual([path, 200]);
  return response.text();
};
const orderOf = async (charge: string) => {
  const [row] = await story.rows<{ id: number; status: string; way: string }>(
    'select id::int, status, way from customer_order where charge_id = $1',
    [charge],
  );
  return row ?? { id: 0, status: 'none', way: 'none' };
};
const status = (charge: string, wanted: string) =>
  vi.waitFor(async () => expect((await orderOf(charge)).status).toBe(wanted), { timeout: 10_000, interval: 30 });

const HOSTILE = '<script>alert(1)</script> @everyone \u202Egnp.exe';
const ann: Paid = { charge: 'ch_ann', customer: 'cus_ann', name: HOSTILE, email: 'ann@example.com', offer: 'lamp' };

test('every paid order of the practice market is fulfilled by itself, one order a charge, each with its receipt', async () => {
  await launchFirstGoal(story);
  await story.endDays(8);
  await vi.waitFor(
    async () => {
      const open = await story.rows(`select id from customer_order where status in ('paid', 'fulfilling')`);
      expect(open).toEqual([]);
    },
    { timeout: 10_000, interval: 50 },
  );
  const [sums] = await story.rows<Record<string, number>>(
    `select (select count(*) from journal where kind = 'sale')::int as sales, (select count(*) from customer_order)::int as orders, (select count(distinct customer) from journal where kind = 'sale')::int as buyers,
      (select count(*) from customer)::int as customers, (select count(*) from receipt where kind = 'delivery')::int + (select count(*) from customer_order where status = 'refunded' and attempt = 0)::int as delivered,
      (select count(*) from promise where status = 'open')::int as open, (select count(*) from journal where kind = 'refund')::int - (select count(*) from receipt where kind = 'refund')::int as unproven`,
  );
  expect(sums?.['sales']).toBeGreaterThan(2);
  expect(sums).toMatchObject({ orders: sums?.['sales'], customers: sums?.['buyers'], delivered: sums?.['sales'], open: 0, unproven: 0 });
  expect((await story.say('status')).card.fields).toContainEqual({ label: 'Promises to customers', value: 'none open' });
});

test('a refund that comes first, one in parts, and the same events again: one order, the right end', async () => {
  await story.say('delivery', { offer: 'lamp', way: 'person', days: 5 });
  const early: Paid = { charge: 'ch_early', customer: 'cus_x', offer: 'lamp', cents: 1000 };
  const parts: Paid = { charge: 'ch_parts', customer: 'cus_x', offer: 'lamp', cents: 1000 };
  await tell(payer(), [
    refund(early, 're_1', 1000),
    sale(early),
    sale(parts),
    refund(parts, 're_2', 400),
    refund(early, 're_1', 1000),
    sale(parts),
  ]);
  expect((await orderOf('ch_early')).status).toBe('refunded');
  await status('ch_parts', 'fulfilling');
  await story.say('order', { id: (await orderOf('ch_parts')).id, do: 'promise', what: 'refund', days: 3, note: 'the rest comes back too' });
  await tell(payer(), [refund(parts, 're_3', 600)]);
  expect(await orderOf('ch_parts')).toMatchObject({ status: 'refunded' });
  expect(
    await story.rows(
      `select p.kind, p.status, r.external_id as proof from promise p join customer_order o on o.id = p.order_id left join receipt r on r.id = p.receipt_id where charge_id = 'ch_parts' order by p.id`,
    ),
  ).toEqual([
    { kind: 'delivery', status: 'released', proof: null },
    { kind: 'refund', status: 'kept', proof: 're_3' },
  ]);
  expect(await story.rows(`select count(*)::int as n from customer where external_id = 'cus_x'`)).toEqual([{ n: 1 }]);
});

test('an order for a person: a card without the name, late once, Done with what proves it; the page has whom to', async () => {
  await tell(payer(), [sale(ann)]);
  await status('ch_ann', 'fulfilling');
  const { id } = await orderOf('ch_ann');
  const card = await story.card(`Order ${id}: waits for somebody`);
  expect(JSON.stringify(card)).not.toMatch(/ann@|script/);
  expect(card.buttons?.map(({ label }) => label)).toEqual(['Done…', 'Failed…']);
  await story.say('order', { id, do: 'promise', what: 'discount', days: 1, note: '10 % off the next one' });
  await story.rows(`update promise set due_at = now() - interval '1 hour' where order_id = $1 and kind = 'discount'`, [id]);
  await story.rows(`update customer_order set deliver_by = now() - interval '1 hour', next_at = null where id = $1`, [id]);
  await story.rows(`select pg_notify('jug_due', '')`);
  await story.card(`Late: Order ${id}`);
  expect((await story.say('digest')).card.fields).toContainEqual({ label: 'Promises to customers', value: '1 overdue of 2 open' });
  expect((await story.say('status')).card.fields).toContainEqual({ label: 'Promises to customers', value: '1 overdue of 2 open' });
  expect(await page('/promises?which=overdue')).toContain('10 % off the next one');

  const html = await page(`/orders/${id}`);
  expect(html).toContain('ann@example.com');
  expect(html).toContain('10 % off the next one');
  expect(html).not.toMatch(/<script>alert|\u202E/);
  const operator = await story.say('order', { id, do: 'done' });
  expect(operator).toMatchObject({ ok: false, error: { fields: { note: 'is missing' } } });
  await story.say('order', { id, do: 'done', note: 'parcel 4711, Ann signed' });
  expect((await orderOf('ch_ann')).status).toBe('fulfilled');
  expect(await story.say('order', { id, do: 'done', note: 'again' })).toMatchObject({ ok: false, status: 409 });
  const [promise] = await story.rows<{ id: number }>(`select id::int from promise where order_id = $1 and status = 'open'`, [id]);
  await story.say('order', { id, do: 'kept', promise: promise?.id, note: 'code SAVE10 given to Ann' });
  expect(
    await story.rows(`select kind, status, receipt_id is not null as proven from promise where order_id = $1 order by id`, [id]),
  ).toEqual([
    { kind: 'delivery', status: 'kept', proven: true },
    { kind: 'discount', status: 'kept', proven: true },
  ]);
  const metrics = await (await get('/metrics')).text();
  expect(metrics).toMatch(/juggernaut_orders\{mode="practice",status="fulfilled"\} \d+/);
  expect(metrics).not.toContain('juggernaut_promises_open{mode="practice",due="overdue"} 1');
});

test('a download link needs no sign-in, gives the file only for a press, and nothing when it is changed, ended or refunded', async () => {
  await story.say('delivery', { offer: 'ebook', way: 'download', days: 1 });
  const book: Paid = { charge: 'ch_book', customer: 'cus_book', offer: 'ebook' };
  await tell(payer(), [sale(book)]);
  await status('ch_book', 'fulfilled');
  const link = /href="(\/o\/[^"]+)"/.exec(await page(`/orders/${(await orderOf('ch_book')).id}`))?.[1] ?? '';
  const at = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${story.app.port}${path}`, { method });
  expect(await (await at(link)).text()).toContain('Download</button>');
  const file = await at(link, 'POST');
  expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="Practice-order-\d+\.md"$/);
  expect(await file.text()).toContain('This good is made up');
  expect((await at(`${link.slice(0, -2)}xx`, 'POST')).status).toBe(404);
  await tell(payer(), [refund(book, 're_book', 2000)]);
  expect((await at(link, 'POST')).status).toBe(410);
});

test("a customer's data is handed out to owners and erased; the books keep a key, and what comes later brings nothing back", async () => {
  const [customer] = await story.rows<{ id: number }>(`select id::int from customer where external_id = 'cus_ann'`);
  const id = customer?.id ?? 0;
  const held = (await (await get(`/customers/${id}/export.json`)).json()) as {
    customer: { email: string };
    orders: unknown[];
    receipts: { note: string }[];
  };
  expect(held).toMatchObject({ customer: { email: 'ann@example.com', consent: 'given' }, orders: [{ charge_id: 'ch_ann' }] });
  expect(held.receipts.map(({ note }) => note)).toContain('parcel 4711, Ann signed');
  expect(await (await get(`/customers/${id}/export.csv`)).text()).toMatch(/customer,\d+,email,ann@example.com\r\n/);
  const viewer = await story.say('team', { token: 'console:vera' });
  await story.say('team', { add: 'console:vera', role: 'viewer' });
  const hers = /`([\w-]{43})`/.exec(viewer.card.text ?? '')?.[1] ?? '';
  expect((await get(`/customers/${id}/export.json`, hers)).status).toBe(403);
  expect(await story.say('team', { erase: id }, hers)).toMatchObject({ ok: false, status: 403 });

  const before = await story.rows(
    'select count(*)::int as journals, sum(amount_micros)::text as sum from journal j join posting p on p.journal_id = j.id',
  );
  expect((await story.say('team', { erase: id })).card.title).toBe(`Customer ${id} is erased`);
  await tell(payer(), [sale({ ...ann, charge: 'ch_ann_2' }), refund(ann, 're_ann', 500)]);
  await story.say('team', { erase: id });
  for (const table of ['customer', 'customer_order', 'order_step', 'receipt', 'promise', 'payment_event', 'journal', 'audit', 'message']) {
    const found = await story.rows(`select * from ${table} t where t::text ~* 'ann@|Ann signed|given to Ann|alert\\(1\\)|Elm St.*cus_ann'`);
    expect([table, found]).toEqual([table, []]);
  }
  const after = await story.rows(
    `select count(*)::int as journals, sum(amount_micros)::text as sum from journal j join posting p on p.journal_id = j.id where j.external_id not in ('ch_ann_2', 're_ann')`,
  );
  expect(after).toEqual(before);
  expect(await story.rows(`select count(*)::int as n from journal where customer = 'cus_ann'`)).toEqual([{ n: 3 }]);
  expect(
    (await story.rows<{ action: string }>(`select action from audit where subject_kind = 'customer' order by id`)).map(
      ({ action }) => action,
    ),
  ).toEqual(['customer.exported', 'customer.exported', 'customer.erased', 'customer.erased']);
  expect(await page(`/customers/${id}`)).toContain('erased');
  for (const path of ['/orders', '/orders?all=1', '/customers', '/promises', '/promises?which=all'])
    expect(await page(path)).toContain('aria-current="page"');
});
