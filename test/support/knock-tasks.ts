// Small work in any number: goals with one research task each, whose agent knocks at a far side that counts (far-tool.ts) and finishes.
import type pg from 'pg';
import type { ChatModel, ChatReply, ChatRequest } from '../../src/domain/brain/chat-model.ts';
import type { ModelDouble } from './model-double.ts';

/** Adds running goals with one ready task each, and wakes whoever listens. @returns the task ids */
export async function addKnockTasks(own: pg.Pool, count: number): Promise<number[]> {
  const { rows } = await own.query<{ id: number }>(
    `with goals as (
       insert into goal (mode, title, request, means, metric, target_micros, status, given_by, given_by_person, may_start_alone)
       select 'practice', 'Knock ' || n, 'Knock.', 'other', 'document', 0, 'running', 'console:owner', 'console:owner', true from generate_series(1, $1) n returning id),
     plans as (
       insert into plan (goal_id, revision, status, summary, success_measure, tasks, model)
       select id, 1, 'approved', 'Knock.', 'It was heard.', '[]', 'test' from goals returning id, goal_id)
     insert into task (mode, goal_id, plan_id, key, kind, title, why, priority, status, expected_cost_micros, expected_evidence, risk_score, risk_level)
     select 'practice', goal_id, id, 'knock', 'research', 'Knock', 'To be heard.', 2, 'pending', 0, 'A knock.', 0, 'low' from plans order by id returning id::int`,
    [count],
  );
  await own.query(`select pg_notify('jug_ready', '')`);
  return rows.map((row) => row.id);
}

const KNOCK = { name: 'web_fetch', arguments: JSON.stringify({ url: 'https://far.example/' }) };
const FINISH = { name: 'finish', arguments: JSON.stringify({ outcome: 'done', summary: 'Knocked.' }) };
const GIVE_UP = { name: 'finish', arguments: JSON.stringify({ outcome: 'nothing_done', summary: 'It was not allowed.' }) };

/** First a knock; then the end, done or not as its result says. Two knocks make runs long enough to be interrupted. */
function nextCall(results: readonly string[], knocks: number): { name: string; arguments: string } {
  if (results.some((result) => result.includes('"error"'))) return GIVE_UP;
  return results.length < knocks ? { ...KNOCK, arguments: JSON.stringify({ url: `https://far.example/${results.length}` }) } : FINISH;
}

/** The agent in the test's own process, for stories in it. */
export function createKnockModel(knocks = 1): ChatModel {
  const offer = { model: 'knocker', price: { inputMicros: 0n, outputMicros: 0n }, practice: true };
  return {
    offers: () => [offer],
    chat: async (_offer, request: ChatRequest): Promise<ChatReply> => {
      const results = request.messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));
      return { text: '', toolCalls: [{ id: 'c', ...nextCall(results, knocks) }], finish: 'tool_calls', usage: null, model: 'knocker' };
    },
    health: () => 'ok',
  };
}

/**
 * The same agent behind the double's HTTP, for bots in processes of their own. @returns their environment
 * @param price dollars per million tokens; with a price every call is reserved and booked
 */
export function serveKnockModel(double: ModelDouble, knocks = 1, price = 0): Record<string, string> {
  double.otherwise(({ body }) => {
    const results = (body.messages as { role: string; content: string }[]).flatMap((message) =>
      message.role === 'tool' ? [message.content] : [],
    );
    return { toolCalls: [nextCall(results, knocks)] };
  });
  const models = { plan: { primary: 'knocker' }, execute: { primary: 'knocker' }, prices: { knocker: { input: price, output: price } } };
  return {
    OPENAI_API_KEY: double.apiKey,
    OPENAI_BASE_URL: double.baseUrl,
    JUG_MODELS: JSON.stringify(models),
    JUG_MAX_CONCURRENT_TASKS: '8',
  };
}
