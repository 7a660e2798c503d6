// What thinking costs beside the model: time, statements and prompt tokens of a step; how soon an answer begins to show; a hundred people who ask at once.
// The bot is a process of its own; the model is a server in this one.
import { inTransaction } from '../src/db/database.ts';
import { wake } from '../src/db/wake.ts';
import { addAnswer } from '../src/domain/conversations/answer-store.ts';
import { addWords, openConversation } from '../src/domain/conversations/conversation-store.ts';
import { type BenchDatabase, makeDataDir, openBenchDatabase, removeDataDir } from './bench-database.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { type Provider, SENTENCE_MS, startProvider } from './brain-provider.ts';
import { percentile, type Report, round } from './report.ts';

/** With two reads each below the 60 reads a minute that the tool is made for. */
const GOALS = 24;
const PEOPLE = 100;
const ROUNDS = 8;
const LIMIT_MS = 60_000;
const LOOK_MS = 5;
const CHARACTERS_PER_TOKEN = 4;

interface Stage {
  bot: BotProcess;
  database: BenchDatabase;
  provider: Provider;
}

export async function benchBrain(): Promise<Report> {
  const dataDir = await makeDataDir('brain');
  const provider = await startProvider();
  let bot: BotProcess | undefined;
  let database: BenchDatabase | undefined;
  try {
    bot = await startBot({ dataDir, env: environmentFor(provider) });
    database = await openBenchDatabase(dataDir);
    const stage = { bot, database, provider };
    const steps = await measureSteps(stage);
    const first: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) first.push((await ask(stage, [`console:solo${round}`])).shown[0] ?? Number.NaN);
    const crowd = await ask(
      stage,
      Array.from({ length: PEOPLE }, (_, at) => `console:p${at}`),
    );
    return report({ steps, first, crowd });
  } finally {
    await bot?.stop();
    await database?.close();
    await provider.stop();
    await removeDataDir(dataDir);
  }
}

const environmentFor = (provider: Provider): Record<string, string> => ({
  OPENAI_BASE_URL: provider.baseUrl,
  JUG_MODELS: JSON.stringify({ execute: { primary: 'bench' }, prices: { bench: { input: 0, output: 0 } } }),
  JUG_MAX_CONCURRENT_TASKS: '1',
  JUG_MAX_TASKS_PER_HOUR: '100000',
  JUG_VIEWERS: [
    ...Array.from({ length: PEOPLE }, (_, at) => `console:p${at}`),
    ...Array.from({ length: ROUNDS }, (_, at) => `console:solo${at}`),
  ].join(','),
  PRACTICE_DAY_SECONDS: '0',
  LOG_LEVEL: 'error',
});

async function measureSteps({ bot, database, provider }: Stage): Promise<{ gaps: number[]; sqlPerStep: number; tokens: number[] }> {
  const give = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const response = await fetch(`${bot.url}/api/commands/goal`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bot.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ input: { text: `Earn $5 with a budget of $10, number ${at}` } }),
      });
      if (!response.ok) throw new Error(`no goal: ${await response.text()}`);
    }
  };
  const ended = async (count: number): Promise<boolean> => {
    const { rows } = await database.admin.query<{ n: number }>(`select count(*)::int as n from task where ended_at is not null`);
    return rows[0]?.n === count;
  };
  // The first goal loads the client and warms the code; then all are planned before the first statement is counted.
  await give(1);
  await until('the first goal', () => ended(2));
  await control(bot, 'pause');
  await give(GOALS);
  provider.gaps.length = 0;
  provider.promptCharacters.length = 0;
  await control(bot, 'resume');
  await until('the plans', async () => {
    const { rows } = await database.admin.query<{ n: number }>(`select count(*)::int as n from task`);
    return rows[0]?.n === 2 * (GOALS + 1);
  });
  const [before, at] = [provider.steps(), await database.countStatements()];
  await until('the tasks', () => ended(2 * (GOALS + 1)));
  const statements = (await database.countStatements()).bot - at.bot;
  return {
    gaps: provider.gaps,
    sqlPerStep: statements / Math.max(1, provider.steps() - before),
    tokens: provider.promptCharacters.map((size) => size / CHARACTERS_PER_TOKEN),
  };
}

async function control(bot: BotProcess, command: string): Promise<void> {
  await fetch(`${bot.url}/api/commands/${command}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bot.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ input: {} }),
  });
}

/** Everybody asks at the same moment. @returns for each: milliseconds until the first words could be read, and until the whole answer */
async function ask({ database }: Stage, people: readonly string[]): Promise<{ shown: number[]; ended: number[]; failed: number }> {
  const asked = new Map<number, number>();
  await Promise.all(
    people.map(async (person) => {
      const at = performance.now();
      asked.set(await keepQuestion(database, person), at);
    }),
  );
  const [shown, over] = [new Map<number, number>(), new Map<number, number>()];
  let failed = 0;
  await until('the answers', async () => {
    const { rows } = await database.admin.query<{ id: string; status: string; begun: boolean }>(
      `select id, status, text <> '' as begun from conversation_message where id = any($1::bigint[])`,
      [[...asked.keys()]],
    );
    const now = performance.now();
    for (const { id, status, begun } of rows) {
      const since = now - (asked.get(Number(id)) ?? now);
      if (begun && !shown.has(Number(id))) shown.set(Number(id), since);
      if (['pending', 'answering'].includes(status) || over.has(Number(id))) continue;
      over.set(Number(id), since);
      if (status !== 'done') failed += 1;
    }
    return over.size === people.length;
  });
  return { shown: [...shown.values()], ended: [...over.values()], failed };
}

const keepQuestion = ({ db }: BenchDatabase, person: string): Promise<number> =>
  inTransaction(db, async (trx) => {
    const at = { mode: 'practice', surface: 'console', place: null, thread: null, goalId: null, person } as const;
    const conversation = await openConversation(trx, at, 'How are you?');
    const asker = { platformId: person, surface: 'console' };
    const questionId = await addWords(trx, { ...asker, conversationId: conversation.id, text: 'Tell me a long story, please.' });
    const answerId = await addAnswer(trx, {
      conversation_id: conversation.id,
      platform_id: person,
      surface: 'console',
      aside: false,
      questionId,
    });
    await wake(trx, { job: 'answer', answerId });
    return answerId;
  });

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function report(found: {
  steps: Awaited<ReturnType<typeof measureSteps>>;
  first: number[];
  crowd: Awaited<ReturnType<typeof ask>>;
}): Report {
  const { steps, first, crowd } = found;
  const spread = (values: readonly number[]) => ({ p50: round(percentile(values, 0.5)), p99: round(percentile(values, 0.99)) });
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const json = {
    stepOverheadMs: spread(steps.gaps).p50,
    stepOverheadP99Ms: spread(steps.gaps).p99,
    sqlPerStep: round(steps.sqlPerStep, 2),
    promptTokensPerStep: round(mean(steps.tokens), 0),
    firstCharacterMs: spread(first),
    conversations: { count: crowd.ended.length, failed: crowd.failed, firstCharacterMs: spread(crowd.shown), endMs: spread(crowd.ended) },
  };
  const row = (name: string, { p50, p99 }: { p50: number; p99: number }): string[] => [name, String(p50), String(p99)];
  return {
    title: 'Thinking, without the model',
    columns: ['ms', 'p50', 'p99'],
    rows: [
      row('one step with a read, model to model', spread(steps.gaps)),
      row('question to the first words that can be read', json.firstCharacterMs),
      row(`${PEOPLE} at once: to the first words`, json.conversations.firstCharacterMs),
      row(`${PEOPLE} at once: to the whole answer`, json.conversations.endMs),
    ],
    notes: [
      `${json.sqlPerStep} statements and ${json.promptTokensPerStep} prompt tokens a step (4 characters a token, tools included), over ${2 * GOALS} tasks of 2 steps, claiming, ending, cards and audit included.`,
      `The answers are ${SENTENCE_MS} ms a sentence, 8 sentences: no answer can end sooner than ${8 * SENTENCE_MS} ms. What is shown first is a whole checked sentence, after 700 ms at the soonest. ${crowd.failed} of ${PEOPLE} failed.`,
    ],
    json,
  };
}
