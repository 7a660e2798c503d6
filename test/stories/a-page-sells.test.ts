// The storefront from a goal to a refusal: a page is published after a yes that saw all of it, visitors are counted to the last one,
// its payments are booked to it, its price changes only by asking and never below the floor, and it can be taken down.
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Story, startStory } from '../support/story.ts';
import { type StripeDouble, startStripeDouble } from '../support/stripe-double.ts';
import { all, pay } from '../support/stripe-double-world.ts';
import { stripeEnv, untilBooked } from '../support/stripe-story.ts';

let stripe: StripeDouble;
let story: Story;
beforeAll(async () => {
  stripe = await startStripeDouble();
  story = await startStory({ env: { ...stripeEnv(stripe), JUG_PUBLIC_PORT: '0', JUG_IMPRINT: 'Example & Sons <Ltd>, 1 Road, Town' } });
});
afterAll(async () => {
  await story.stop();
  await stripe.stop();
});

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', accept: 'text/html,*/*' };

interface Seen {
  status: number;
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

/** As a tunnel brings it to the public port: with its own Host, and the visitor's address appended. */
function visit(path: string, options: { method?: string; headers?: Record<string, string>; from?: string } = {}): Promise<Seen> {
  const { method = 'GET', headers = BROWSER, from = '203.0.113.7' } = options;
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port: story.app.publicPort ?? 0, path, method };
    const sent = request({ ...at, headers: { host: 'shop.example', 'x-forwarded-for': from, ...headers } }, (response) => {
      response.setEncoding('utf8');
      let body = '';
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const counted = async (): Promise<{ visits: number; visitors: number }> => {
  const [row] = await story.rows<{ visits: number; visitors: number }>(
    'select coalesce(sum(visits), 0)::int as visits, coalesce(sum(visitors), 0)::int as visitors from page_visit',
  );
  return row ?? { visits: 0, visitors: 0 };
};
const SLUG = '/o/launch-checklist';

test('a page asks with all of it on the card, is served on the public port after the yes, and is read back there', async () => {
  expect((await visit(SLUG)).status).toBe(404);
  await story.say('goal', { text: 'Sell "Launch checklist" for $19 on an offer page' });
  const asked = await story.card(/^Approve \d+/);
  expect(all(stripe.world, 'payment_link')).toEqual([]);
  for (const words of [
    'as visitors will read it',
    '**Launch checklist**',
    'By a link, as soon as your payment is confirmed',
    'button: Buy for $19.00',
  ])
    expect(asked.text).toContain(words);
  expect(asked.table?.rows[0]?.[1]).toContain('floor $0.32 (unit cost $0.00 and fees)');
  await story.say('approve', { id: asked.ref?.id });
  await story.card(new RegExp(`^Request ${asked.ref?.id}`), (card) => card.table?.rows[0]?.[3]?.startsWith('done') === true);

  const page = await visit(SLUG);
  const link = all(stripe.world, 'payment_link')[0];
  expect(page.status).toBe(200);
  expect(page.body).toContain(`href="${link?.['url']}"`);
  expect(page.body).toContain('written by an AI agent');
  expect(page.body).toContain('Responsible: Example &amp; Sons &lt;Ltd&gt;, 1 Road, Town');
  expect(page.body).not.toMatch(/<script|<iframe|style=|on\w+=/i);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.headers['set-cookie']).toBeUndefined();
  const style = await visit('/o/page.css');
  expect([style.status, style.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
  expect(page.body).toContain('href="/o/page.css"');
  expect((await visit(`${SLUG}/thanks`)).body).toContain('Thank you');
  const [version] = await story.rows<{ sha256: string }>('select sha256 from page_version');
  expect(page.body).toContain(`content="a.1.${version?.sha256}"`);
  // The bot's own reading of it is the evidence that ends the task, and no visit; the one above is.
  const [read] = await story.rows<{ sources: string[] }>(
    `select array_agg(distinct source) as sources from evidence where source like 'page:%@%'`,
  );
  expect(read?.sources).toEqual([`page:launch-checklist/a@${version?.sha256.slice(0, 16)}`]);
  expect(await counted()).toEqual({ visits: 1, visitors: 1 });
});
