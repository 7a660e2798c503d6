// Whom and what stories look at: people with tokens of their own, the far side's launches, and rows edited behind the bot's back.
import pg from 'pg';
import { vi } from 'vitest';
import type { Card } from '../../src/chat/card.ts';
import { type Answer, FIRST_DOLLAR, type Story } from './story.ts';

/** Gives a person of the console a role (null: none) and returns their token. */
export async function addPerson(
  story: Story,
  platformId: string,
  role: 'viewer' | 'operator' | 'approver' | 'owner' | null,
): Promise<string> {
  if (role !== null) await story.say('team', { add: platformId, role });
  const { card } = await story.say('team', { token: platformId });
  const token = /`([\w-]{20,})`/.exec(card.text ?? '')?.[1];
  if (token === undefined) throw new Error(`no token for ${platformId}: ${card.title} ${card.text}`);
  return token;
}

export interface FarLaunch {
  offer: string;
  cents: number;
  key: string;
}

/** Every launch the market was paid for, from its own journal. */
export function farLaunches(story: Story): Promise<FarLaunch[]> {
  return story.marketRows<FarLaunch>(
    `select l.offer_id as offer, (-j.amount_micros / 10000)::int as cents, j.idempotency_key as key
     from market.journal j join market.launch l on l.id = j.launch_id where j.kind = 'launch' order by j.id`,
  );
}

/** Edits rows as the database's superuser: what somebody with access to the database could do. */
export async function editBehindItsBack(story: Story, sql: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client(story.database.adminConnection);
  await client.connect();
  try {
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}

/** Makes the bot look at what time alone decides, now instead of at its next timer. */
export async function lookAtClock(story: Story): Promise<void> {
  await story.rows(`select pg_notify('jug_due', '')`);
}

export const field = (card: Card, label: string): string | undefined => card.fields?.find((one) => one.label === label)?.value;

/** Gives the goal and waits for the card that asks for its launches. */
export async function askForLaunch(story: Story, text = FIRST_DOLLAR): Promise<{ id: number; card: Card }> {
  await story.say('goal', { text });
  const card = await story.card(/^Approve \d+: .*market_launch/);
  return { id: card.ref?.id ?? 0, card };
}

/** Waits until a query has this answer. */
export function waitForRows(story: Story, sql: string, expected: unknown, values: unknown[] = []): Promise<void> {
  return vi.waitFor(
    async () => {
      const rows = await story.rows(sql, values);
      if (JSON.stringify(rows) !== JSON.stringify(expected))
        throw new Error(`${sql}\n  is ${JSON.stringify(rows)}\n  not ${JSON.stringify(expected)}`);
    },
    { timeout: 15_000, interval: 30 },
  );
}

export const goalStatus = `select status from goal order by id desc limit 1`;

/** What a refused command says. */
export const saysNo = (answer: Answer): string => `${answer.status} ${answer.error?.code}: ${answer.error?.message}`;
