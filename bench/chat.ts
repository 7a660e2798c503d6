// Chat platforms: how fast clicks are acknowledged under load, how soon one decision changes the cards on both, how fast a backlog goes out.
// The bot is a process of its own; Slack and Discord are the protocol doubles of the tests, in this process.
import { type DiscordDouble, startDiscordDouble } from '../test/support/discord-double.ts';
import type { Person, PostedMessage } from '../test/support/discord-double-model.ts';
import { type SlackDouble, startSlackDouble } from '../test/support/slack-double.ts';
import type { SlackMessage } from '../test/support/slack-double-model.ts';
import { type BenchDatabase, makeDataDir, openBenchDatabase, removeDataDir } from './bench-database.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { percentile, type Report, round } from './report.ts';
import { readRssMb } from './rss.ts';

const CLICKS_PER_SECOND = 200;
const CLICK_SECONDS = 10;
const ROUNDS = 12;
/** Each in a channel of its own would be free of the pace of one message a second; these are edits, one for each card. */
const BACKLOG = 30;
const LIMIT_MS = 60_000;
const LOOK_MS = 5;

interface Stage {
  slack: SlackDouble;
  discord: DiscordDouble;
  approver: Person;
  bot: BotProcess;
  database: BenchDatabase;
}

export async function benchChat(): Promise<Report> {
  const dataDir = await makeDataDir('chat');
  const slack = await startSlackDouble({ channels: { C1: { name: 'goals' }, C2: { name: 'approvals' } } });
  const discord = await startDiscordDouble({ channels: ['goals', 'approvals'] });
  const approver = discord.addPerson('Ava');
  let bot: BotProcess | undefined;
  let database: BenchDatabase | undefined;
  try {
    bot = await startBot({ dataDir, env: environmentFor(slack, discord, approver) });
    database = await openBenchDatabase(dataDir);
    const stage = { slack, discord, approver, bot, database };
    await until('both platforms', async () => {
      const ready = (await (await fetch(`${bot?.url}/readyz`)).json()) as Record<string, string>;
      return ready['slack'] === 'ok' && ready['discord'] === 'ok';
    });
    const changes = await measureChanges(stage);
    const acks = await measureAcks(stage);
    const drained = await measureBacklog(stage);
    return report({ changes, acks, drained, rssMb: round(await readRssMb(bot.pid), 0) });
  } finally {
    await bot?.stop();
    await database?.close();
    await slack.stop();
    await discord.stop();
    await removeDataDir(dataDir);
  }
}

function environmentFor(slack: SlackDouble, discord: DiscordDouble, approver: Person): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    SLACK_CHANNEL_GOALS: 'C1',
    SLACK_CHANNEL_APPROVALS: 'C2',
    DISCORD_TOKEN: discord.token,
    DISCORD_APPLICATION_ID: discord.applicationId,
    DISCORD_GUILD_ID: discord.guildId,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_CHANNEL_GOALS: discord.channel('goals'),
    DISCORD_CHANNEL_APPROVALS: discord.channel('approvals'),
    JUG_OPERATORS: 'slack:T1/UOPERATOR',
    JUG_VIEWERS: 'slack:T1/UVIEWER',
    JUG_APPROVERS: `discord:${approver.id}`,
    PRACTICE_DAY_SECONDS: '0',
    JUG_STANDING_BUDGET_USD: '0',
    LOG_LEVEL: 'error',
  };
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<number> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return performance.now();
}

/** An operator's plan is asked for on both platforms; one click in Discord decides. From the click until each card shows it. */
async function measureChanges({ slack, discord, approver }: Stage): Promise<number[]> {
  const ms: number[] = [];
  const asks = discord.channel('approvals');
  for (let round = 1; round <= ROUNDS; round += 1) {
    await slack.slash({ channel: 'C1', user: 'UOPERATOR', text: `goal Earn the first practice dollar with a budget of $${round + 20}` });
    const title = new RegExp(`[Pp]lan.*goal ${round}\\b|goal ${round}\\b.*[Pp]lan`, 's');
    const isAsk = ({ text }: { text: string }): boolean => title.test(text);
    let onSlack: SlackMessage | undefined;
    let onDiscord: PostedMessage | undefined;
    await until('the request on both', () => {
      onSlack = slack.posted('C2').find((one) => isAsk(one) && one.edits === 0);
      onDiscord = discord.messagesIn(asks).find((one) => isAsk(one) && one.buttons.some(({ label }) => label === 'Approve plan'));
      return onSlack !== undefined && onDiscord !== undefined;
    });
    if (onSlack === undefined || onDiscord === undefined) throw new Error('no request');
    const [slackTs, discordId] = [onSlack.ts, onDiscord.id];
    const before = { slack: onSlack.edits, discord: onDiscord.edits };
    const clicked = performance.now();
    await discord.click({ message: onDiscord, label: 'Approve plan', user: approver });
    const changed = await until(
      'both cards changed',
      () =>
        (slack.find('C2', slackTs)?.edits ?? 0) > before.slack &&
        (discord.messagesIn(asks).find(({ id }) => id === discordId)?.edits ?? 0) > before.discord,
    );
    ms.push(changed - clicked);
  }
  return ms;
}

/** Many people press a button that answers with a card, 200 times a second; from the click until the platform hears the acknowledgement. */
async function measureAcks({ slack }: Stage): Promise<number[]> {
  const count = CLICKS_PER_SECOND * CLICK_SECONDS;
  const started = performance.now();
  const asked: Promise<number>[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = started + (index * 1000) / CLICKS_PER_SECOND;
    const wait = at - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    asked.push(
      slack
        .slash({ channel: 'C1', user: 'UVIEWER', text: 'goals' })
        .then((shown) => (shown.outcome === 'ack' ? shown.ms : Number.POSITIVE_INFINITY)),
    );
  }
  return Promise.all(asked);
}

/** Cards that changed while the platforms were away, from their return until every one is up to date. */
async function measureBacklog({ slack, discord, database }: Stage): Promise<{ messages: number; seconds: number }> {
  const { admin } = database;
  await admin.query(
    `insert into message (channel, key, card) select 'goals', 'bench:' || n, jsonb_build_object('title', 'Card ' || n, 'tone', 'info') from generate_series(1, ${BACKLOG}) n`,
  );
  const open = async (): Promise<number> => {
    const { rows } = await admin.query<{ n: number }>(
      'select (select count(*) from delivery where sent_version < wanted_version)::int + (select count(*) from message where routed_version < version)::int as n',
    );
    return rows[0]?.n ?? 0;
  };
  await waitFor('the cards to be posted', async () => (await open()) === 0, 4 * LIMIT_MS);
  await slack.stop();
  await discord.stop();
  await admin.query(`update message set card = card || '{"tone":"good"}', version = version + 1 where key like 'bench:%'`);
  await waitFor('the outage to be noticed', async () => (await open()) >= 2 * BACKLOG, LIMIT_MS);
  await slack.restart();
  await discord.restart();
  const started = performance.now();
  await waitFor('the backlog to be drained', async () => (await open()) === 0, 2 * LIMIT_MS);
  return { messages: 2 * BACKLOG, seconds: (performance.now() - started) / 1000 };
}

async function waitFor(what: string, look: () => Promise<boolean>, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Measured {
  changes: number[];
  acks: number[];
  drained: { messages: number; seconds: number };
  rssMb: number;
}

function report({ changes, acks, drained, rssMb }: Measured): Report {
  const spread = (values: readonly number[]) => ({ p50: round(percentile(values, 0.5)), p99: round(percentile(values, 0.99)) });
  const [ack, change] = [spread(acks), spread(changes)];
  const perSecond = round(drained.messages / drained.seconds);
  return {
    title: `Chat platforms: ${acks.length} commands at ${CLICKS_PER_SECOND}/s, ${changes.length} decisions, ${drained.messages} waiting edits`,
    columns: ['', 'p50 ms', 'p99 ms'],
    rows: [
      ['acknowledgement under load (Slack, Socket Mode)', String(ack.p50), String(ack.p99)],
      ['one click in Discord until both cards changed', String(change.p50), String(change.p99)],
      [`backlog after an outage: ${perSecond} messages/s`, '', ''],
      [`memory of the bot: ${rssMb} MB`, '', ''],
    ],
    notes: [
      'Goal: acknowledgement p99 ≤ 1000 ms; both cards within 5 s (a card is edited at most once in 3 s).',
      'The doubles, the database and the clicks share the machine with the bot. The backlog waits for the reconnection pause, at most 30 s.',
    ],
    json: { ackMs: ack, clickToCardsMs: change, messagesPerSecond: perSecond, rssMb },
  };
}
