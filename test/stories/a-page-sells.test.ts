// The storefront from a goal to its end: a page is published after a yes that saw all of it, visitors are counted to the last one,
// its payments are booked to it, its price changes only by asking and never below the floor, and it can be taken down.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
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
import { type StripeDouble, startStripeDouble } from '../support/stripe-double.ts';
import { all, pay } from '../support/stripe-double-world.ts';
import { stripeEnv, untilBooked } from '../support/stripe-story.ts';
import { visit } from '../support/visits.ts';

const EVIL = '</title><script>alert(1)</script><img src=x onerror=alert(2)>';
const ANCHOR = '[pay here](javascript:alert(3)) https://evil.example';
const PAGE = {
  slug: 'launch-checklist',
  variant: 'a',
  name: `Launch ${EVIL}`,
  blocks: [
    { kind: 'hero', title: `Hero ${EVIL}`, subtitle: ANCHOR },
    { kind: 'list', heading: '"quoted" & <b>', items: [EVIL, ANCHOR] },
    { kind: 'faq', items: [{ question: EVIL, answer: ANCHOR }] },
    { kind: 'link', label: 'The other', to: '/o/other-offer' },
  ],
  amount: '19',
  currency: 'usd',
  unitCost: '2',
};
const POST = { slug: PAGE.slug, channel: 'forum', title: 'Post in the forum', text: 'We wrote a ```checklist```.', days: 3 };
/** What each task calls, one after the other; then it finishes. */
const ACTS: Record<string, [string, object][]> = {
  publish: [
    ['publish_page', { ...PAGE, amount: '2.40' }],
    [
      'publish_page',
      {
        ...PAGE,
        blocks: [
          { kind: 'hero', title: 'T' },
          { kind: 'html', html: '<p>' },
        ],
      },
    ],
    [
      'publish_page',
      {
        ...PAGE,
        blocks: [
          { kind: 'hero', title: 'T' },
          { kind: 'link', label: 'x', to: 'https://evil.example' },
        ],
      },
    ],
    ['publish_page', PAGE],
    ['page_status', { slug: PAGE.slug, variant: 'a' }],
  ],
  cheaper: [
    ['change_price', { slug: PAGE.slug, variant: 'a', amount: '2.40' }],
    ['change_price', { slug: PAGE.slug, variant: 'a', amount: '13' }],
    ['change_price', { slug: PAGE.slug, variant: 'a', amount: '15' }],
    ['page_status', { slug: PAGE.slug, variant: 'a' }],
  ],
  tell: [
    ['add_channel', { slug: PAGE.slug, channel: 'forum', name: 'The forum of shop owners' }],
    ['person_task', { ...POST, channel: 'nowhere' }],
    ['person_task', POST],
    ['person_task', { ...POST, to: 'Jane+lists@Example.com' }],
    ['person_task', { ...POST, to: 'jane@example.com' }],
    ['wait', { forReply: true, why: 'A person is asked.' }],
    ['person_task', { ...POST, to: 'jane@example.com' }],
    ['retire_page', { slug: PAGE.slug, why: 'The test is over.' }],
  ],
};

function answer(asked: Asked) {
  const task = (name: string, dependsOn: string[]) => sketchTask('shop', { key: name, kind: 'launch', dependsOn, expectedCostUsd: 0 });
  if (asked.facts.ask === 'plan') return planReply([task('publish', []), task('cheaper', ['publish']), task('tell', ['cheaper'])]);
  const next = ACTS[asked.facts.task.key]?.[asked.turn];
  return next === undefined ? finish() : call(next[0], next[1]);
}

let stripe: StripeDouble;
let shop: ScriptedStory;
beforeAll(async () => {
  stripe = await startStripeDouble();
  const env = {
    ...stripeEnv(stripe),
    JUG_PUBLIC_PORT: '0',
    JUG_IMPRINT: 'Example & Sons <Ltd>, 1 Road, Town',
    JUG_DISCOUNT_MONTHLY_USD: '5',
  };
  shop = await startScriptedStory(answer, { env });
});
afterAll(async () => {
  await shop.stop();
  await stripe.stop();
});

const SLUG = '/o/launch-checklist';
const links = () => all(stripe.world, 'payment_link');
const port = (): number | null => shop.story.app.publicPort;

/** Says yes to the one request that waits, and waits until its call is done. */
async function approve(tool: string): Promise<string> {
  const asked = await shop.story.card(new RegExp(`^Approve \\d+: ${tool}$`));
  await shop.story.say('approve', { id: asked.ref?.id });
  await shop.story.card(new RegExp(`^Request ${asked.ref?.id}`), (card) => card.table?.rows[0]?.[3]?.startsWith('done') === true);
  return `${asked.text} ${JSON.stringify(asked.table)}`;
}

async function counted(): Promise<{ visits: number; visitors: number }> {
  const [row] = await shop.story.rows<{ visits: number; visitors: number }>(
    'select coalesce(sum(visits), 0)::int as visits, coalesce(sum(visitors), 0)::int as visitors from page_visit',
  );
  return row ?? { visits: 0, visitors: 0 };
}

const errorsOf = async (tool: string): Promise<string> =>
  JSON.stringify(await shop.story.rows('select status, error from tool_call where tool = $1 order by id', [tool]));

/** Every payment of the double, told to the bot and booked. */
async function deliverAll(): Promise<void> {
  for (const event of stripe.world.events) expect(await stripe.deliver(shop.story.app.port, event)).toBe(200);
  await untilBooked(shop.story);
}

test('a page asks with all of it on the card; after the yes exactly that is served on the public port, with hostile words as words, and read back', async () => {
  await giveCase(shop.story, 'shop');
  const card = await approve('publish_page');
  expect(await errorsOf('publish_page')).toMatch(/\$2.40 is below the floor of \$2.44.*invalid.*invalid/s);
  for (const words of [
    'as visitors will read it',
    'Hero ',
    'evil.example',
    'button: Buy for $19.00',
    'floor $2.44 (unit cost $2.00 and fees)',
  ])
    expect(card).toContain(words);

  const page = await visit(port(), SLUG);
  expect(page.status).toBe(200);
  expect(links()).toHaveLength(1);
  expect(page.body).toContain(`href="${links()[0]?.['url']}"`);
  expect(page.body).toContain('written by an AI agent');
  expect(page.body).toContain('Responsible: Example &amp; Sons &lt;Ltd&gt;, 1 Road, Town');
  expect(page.body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page.body).not.toMatch(/<script|<img|<iframe|<b>|style=|href="(?!\/o\/|https:\/\/buy\.stripe\.example\/)/i);
  expect(page.headers['content-security-policy']).toBe(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(page.headers['set-cookie']).toBeUndefined();
  const style = await visit(port(), /href="([^"]+\.css)"/.exec(page.body)?.[1] ?? '');
  expect([style.status, style.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
  expect((await visit(port(), `${SLUG}/thanks`)).body).toContain('Thank you');
  for (const path of ['/o/other-offer', '/o/launch-checklist.', '/o/1.2.3', '/o/UPPER', '/o/unsubscribe'])
    expect((await visit(port(), path)).status, path).toBe(404);

  const [version] = await shop.story.rows<{ sha256: string }>('select sha256 from page_version');
  expect(page.body).toContain(`content="a.1.${version?.sha256}"`);
  await vi.waitFor(async () => {
    const proof = await shop.story.rows(`select kind, source from evidence where source like 'page:%@%' order by id`);
    const source = `page:launch-checklist/a@${version?.sha256.slice(0, 16)}`;
    expect(proof).toEqual([
      { kind: 'receipt', source },
      { kind: 'readback', source },
    ]);
  });
  // The bot's own reading is no visit; the one above is.
  expect(await counted()).toEqual({ visits: 1, visitors: 1 });
});

test('two hundred visitors at once, twice each, are 400 visits of 200 people; programs, looks ahead and operators are none', {
  timeout: 90_000,
}, async () => {
  const from = (index: number): string => `198.51.100.${index}`;
  const everybody = [...Array(200).keys(), ...Array(200).keys()].map((index) => visit(port(), `${SLUG}?c=unknown`, { from: from(index) }));
  const statuses = (await Promise.all(everybody)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(400);
  expect(await counted()).toEqual({ visits: 401, visitors: 201 });
  const [sums] = await shop.story.rows<{ rows: number }>(`select count(*)::int as rows from page_visit where channel = 'direct'`);
  expect(sums?.rows).toBe(1);

  const token = new URL(shop.story.app.consoleUrl).searchParams.get('token') ?? '';
  const nobody = [
    { method: 'HEAD' },
    { headers: { 'user-agent': 'Slackbot-LinkExpanding 1.0', accept: 'text/html' } },
    { headers: { accept: 'text/html' } },
    { more: { accept: 'application/json' } },
    { more: { 'sec-purpose': 'prefetch;prerender' } },
    { more: { 'sec-fetch-dest': 'image' } },
    { more: { cookie: `a=b; jug_${shop.story.app.port}=${token}` } },
  ];
  for (const one of nobody) expect((await visit(port(), SLUG, { ...one, from: '192.0.2.1' })).status).toBe(200);
  expect(await counted()).toEqual({ visits: 401, visitors: 201 });
  // Nothing that is kept tells who they were.
  const kept = JSON.stringify([
    await shop.story.rows('select * from visit_seen limit 3'),
    await shop.story.rows('select * from page_visit'),
  ]);
  expect(kept).not.toMatch(/198\.51|Firefox/);
});

test('a payment is booked to its page; a lower price asks, is held to the floor and the budget for discounts, and stops when that is given', async () => {
  pay(stripe.world, links()[0]?.id ?? '');
  await deliverAll();
  const sales = () =>
    shop.story.rows<{ variant: string; version: number; sales: number }>(
      `select n.variant, n.version, count(*)::int as sales from journal j join page_version n using (launch_id) where j.kind = 'sale' group by 1, 2 order by 2`,
    );
  expect(await sales()).toEqual([{ variant: 'a', version: 1, sales: 1 }]);

  const card = await approve('change_price');
  expect(await errorsOf('change_price')).toMatch(
    /below the floor.*\$6.00 off the list price of \$19.00 does not fit: \$0.00 of this month's \$5.00/s,
  );
  expect(card).toContain('for $15.00 instead of $19.00');
  await vi.waitFor(() => expect(links().map((link) => link['active'])).toEqual([false, true]), { timeout: 15_000 });
  const page = await visit(port(), SLUG);
  expect(page.body).toContain('Buy for $15.00');
  expect(page.body).toContain(`href="${links()[1]?.['url']}"`);

  pay(stripe.world, links()[1]?.id ?? '');
  await deliverAll();
  expect(await sales()).toEqual([
    { variant: 'a', version: 1, sales: 1 },
    { variant: 'a', version: 2, sales: 1 },
  ]);
  // $4 given of $5: the next sale would be beyond it.
  await vi.waitFor(() => expect(links().map((link) => link['active'])).toEqual([false, false]), { timeout: 15_000 });
});

test('a channel asks; a person gets the words with a tracked link, and nobody is written to twice, or after they said stop', async () => {
  expect(await approve('add_channel')).toContain('the page is to be shown there');
  const jane = await shop.story.card(/^To do \d+/, (card) => card.fields?.some(({ value }) => value === 'jane@example.com') === true);
  expect(jane.text).toContain('First contact');
  await vi.waitFor(async () => expect(await errorsOf('person_task')).toMatch(/has no channel nowhere.*not again within seven days/s), {
    timeout: 15_000,
  });
  const link = /http:\S+\?c=forum/.exec(jane.text ?? '')?.[0] ?? '';
  expect((await visit(port(), new URL(link).pathname + new URL(link).search, { from: '192.0.2.77' })).status).toBe(200);
  expect(await shop.story.rows(`select channel, visitors from page_visit where channel = 'forum'`)).toEqual([
    { channel: 'forum', visitors: 1 },
  ]);

  // Looking at the link does nothing; a changed one neither; one press is for ever.
  const stop = new URL(/http:\S+\/o\/unsubscribe\/\S+/.exec(jane.text ?? '')?.[0] ?? '').pathname;
  expect((await visit(port(), stop)).body).toContain('Stop all messages');
  expect((await visit(port(), `${stop}x`, { method: 'POST' })).status).toBe(404);
  expect(await shop.story.rows('select contact from suppression')).toEqual([]);
  for (const _twice of [1, 2]) expect((await visit(port(), stop, { method: 'POST' })).status).toBe(200);
  await shop.story.card(/^Was to do \d+/, (card) => card.text?.includes('do not want to be written to') === true);
  await expect(shop.story.rows('delete from suppression')).rejects.toThrow();

  const [open] = await shop.story.rows<{ id: number }>(`select id::int from person_task where status = 'open'`);
  expect(jane.buttons?.[0]).toMatchObject({ label: 'Done', command: 'outreach' });
  expect((await shop.story.say('outreach', { done: open?.id, note: 'Posted.' })).ok).toBe(true);
  expect((await shop.story.say('outreach', { done: open?.id })).error?.code).toBe('conflict');
  await vi.waitFor(async () => expect(await errorsOf('person_task')).toContain('does not want to be written to'), { timeout: 10_000 });
  expect((await shop.story.say('outreach')).card.text).toContain('1 are never written to again');
  expect(JSON.stringify(await shop.story.rows('select * from suppression'))).not.toContain('jane');
});

test('taking it down asks nobody, ends with 410, and what is left are its sums', async () => {
  await vi.waitFor(async () => expect((await visit(port(), SLUG)).status).toBe(410), { timeout: 10_000 });
  expect(await shop.story.rows(`select status, retired_why as why from offer_page`)).toEqual([
    { status: 'retired', why: 'The test is over.' },
  ]);
  expect((await shop.story.rows('select * from approval')).length).toBe(3);
  expect((await counted()).visitors).toBeGreaterThanOrEqual(201);

  // What people of ours see of it, hostile words as words.
  const token = new URL(shop.story.app.consoleUrl).searchParams.get('token') ?? '';
  const see = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${shop.story.app.port}${path}`, { headers: { authorization: `Bearer ${token}` } })).text();
  expect(await see('/pages')).toContain('/o/launch-checklist');
  const [page] = await shop.story.rows<{ id: number }>('select id::int from offer_page');
  const detail = await see(`/pages/${page?.id}`);
  for (const words of ['$34.00', 'forum', 'The test is over.', '$15.00', '$2.44']) expect(detail).toContain(words);
  const [call] = await shop.story.rows<{ id: number }>(`select id::int from tool_call where tool = 'publish_page' and status = 'done'`);
  const preview = await see(`/pages/preview/${call?.id}`);
  expect(preview).toContain('Buy for $19.00');
  expect(`${detail}${preview}`).not.toMatch(/<script>alert|<img/);
  expect(await see('/metrics')).toMatch(/juggernaut_page_visitors\{mode="practice",page="launch-checklist",variant="a"\} 20\d/);
});
