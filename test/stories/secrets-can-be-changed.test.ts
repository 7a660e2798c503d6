// Signing secrets are changed while a request waits: old and new are believed side by side, and the yes that was pending still counts.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { signForSlack } from '../support/chat-signing.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import { type Story, startStory } from '../support/story.ts';
import { type StripeDouble, startStripeDouble } from '../support/stripe-double.ts';
import { stripeEnv } from '../support/stripe-story.ts';

const OLD = 'whsec_oldoldoldoldoldold';
const NEW = 'whsec_newnewnewnewnewnew';
let stripe: StripeDouble;
let slack: SlackDouble;
let story: Story;

const envOf = (webhooks: string, slackSecrets: string): Record<string, string> => ({
  ...stripeEnv(stripe),
  STRIPE_WEBHOOK_SECRET: webhooks,
  SLACK_BOT_TOKEN: slack.botToken,
  SLACK_API_URL: slack.apiUrl,
  SLACK_SIGNING_SECRET: slackSecrets,
});

beforeAll(async () => {
  stripe = await startStripeDouble();
  slack = await startSlackDouble();
  story = await startStory({ env: envOf(OLD, 'slack-old-secret') });
});
afterAll(async () => {
  await story.stop();
  await stripe.stop();
  await slack.stop();
});

/** @returns the status for an event signed with this secret */
async function tellPayment(port: number, secret: string): Promise<number> {
  const body = JSON.stringify({
    id: `evt_${secret.slice(6, 9)}_${port}`,
    object: 'event',
    type: 'customer.created',
    livemode: false,
    data: { object: {} },
  });
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` };
  return (await fetch(`http://127.0.0.1:${port}/webhooks/stripe`, { method: 'POST', headers, body })).status;
}

async function tellSlack(port: number, secret: string): Promise<number> {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c' });
  const { headers } = signForSlack(secret, body, { type: 'application/json' });
  return (await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body })).status;
}

test('old alone, then both, then new alone; a request asked for before is approved after', async () => {
  await story.say('goal', { text: 'Sell "Launch checklist" for $19 with a payment link' });
  const asked = await story.card(/^Approve \d+/);
  const { port } = story.app;
  expect([await tellPayment(port, OLD), await tellPayment(port, NEW)]).toEqual([200, 400]);
  expect([await tellSlack(port, 'slack-old-secret'), await tellSlack(port, 'slack-new-secret')]).toEqual([200, 401]);
  await story.app.stop();
  for (const [webhooks, signing, oldStill] of [
    [`${NEW},${OLD}`, 'slack-new-secret, slack-old-secret', true],
    [NEW, 'slack-new-secret', false],
  ] as const) {
    const dataDir = story.app.deps.config.db.dataDir;
    const config = readConfig(
      {
        PORT: '0',
        JUG_DATA_DIR: dataDir,
        PRACTICE_DAY_SECONDS: '0',
        LOG_LEVEL: 'silent',
        JUG_TIMEZONE: 'UTC',
        ...envOf(webhooks, signing),
      },
      dataDir,
    );
    const app = await startApp(config, { connection: story.database.connection, marketConnection: story.database.marketConnection });
    try {
      expect([await tellPayment(app.port, NEW), await tellPayment(app.port, OLD)]).toEqual([200, oldStill ? 200 : 400]);
      expect([await tellSlack(app.port, 'slack-new-secret'), await tellSlack(app.port, 'slack-old-secret')]).toEqual([
        200,
        oldStill ? 200 : 401,
      ]);
      if (oldStill) continue;
      const token = new URL(app.consoleUrl).searchParams.get('token');
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const said = await fetch(`http://127.0.0.1:${app.port}/api/commands/approve`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ input: { id: asked.ref?.id } }),
      });
      expect(said.status).toBe(200);
      await expect
        .poll(() => story.rows(`select status from tool_call where tool = 'payment_link'`), { timeout: 10_000 })
        .toEqual([{ status: 'done' }]);
    } finally {
      await app.stop();
    }
  }
}, 60_000);
