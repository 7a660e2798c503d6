// The far side of the brain bench: an OpenAI-compatible server that plans two small tasks, has each read once and finish, and answers questions
// in sentences that come one by one. It notes when each request came and when its answer had left.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readAskFacts, readFacts } from '../src/domain/brain/facts.ts';

export interface Provider {
  baseUrl: string;
  /** Milliseconds between the answer to a task's first step and the arrival of its second. */
  gaps: number[];
  /** Characters of the prompts of tasks, with their tools. */
  promptCharacters: number[];
  steps(): number;
  stop(): Promise<void>;
}

/** One sentence each. */
const SENTENCES = Array.from({ length: 8 }, (_, at) => `This is sentence ${'abcdefgh'[at]} of the answer.`);
export const SENTENCE_MS = 100;

interface Message {
  role: string;
  content: string | null;
}

export async function startProvider(): Promise<Provider> {
  const gaps: number[] = [];
  const promptCharacters: number[] = [];
  const leftAt = new Map<number, number>();
  let steps = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { messages: Message[]; tools?: unknown };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const user = body.messages[1]?.content ?? '';
      if (readAskFacts(user) !== null) return void speak(response);
      const facts = readFacts(user);
      if (facts?.ask !== 'task') return end(response, { content: PLAN }, 'stop');
      steps += 1;
      const size = JSON.stringify([body.messages, body.tools]).length;
      promptCharacters.push(size);
      const isFirst = !body.messages.some(({ role }) => role === 'tool');
      const left = leftAt.get(facts.task.id);
      if (!isFirst && left !== undefined) gaps.push(performance.now() - left);
      const call = isFirst ? { name: 'market_offers', arguments: '{}' } : { name: 'finish', arguments: FINISH };
      end(response, { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: call }] }, 'tool_calls', size);
      leftAt.set(facts.task.id, performance.now());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    gaps,
    promptCharacters,
    steps: () => steps,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const FINISH = JSON.stringify({ outcome: 'done', summary: 'It was read.' });
const task = (key: string) => ({
  ...{ key, kind: 'research', title: `Read ${key}`, why: 'The bench wants it.', dependsOn: [], expectedCostUsd: 0 },
  ...{ expectedEvidence: 'A read.', priority: 'medium' },
});
const PLAN = JSON.stringify({
  ...{ outcome: 'plan', question: null, reply: null, summary: 'Two reads.', successMeasure: 'Both are done.' },
  tasks: [task('one'), task('two')],
});

const line = (choice: object, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'b', object: 'chat.completion.chunk', created: 0, model: 'bench', choices: [choice], ...more })}\n\n`;

function end(response: ServerResponse, delta: object, reason: string, size = 400): void {
  response.write(line({ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: null }));
  const usage = { prompt_tokens: Math.ceil(size / 4), completion_tokens: 20, total_tokens: Math.ceil(size / 4) + 20 };
  response.end(`${line({ index: 0, delta: {}, finish_reason: reason }, { usage })}data: [DONE]\n\n`);
}

async function speak(response: ServerResponse): Promise<void> {
  for (const sentence of SENTENCES) {
    response.write(line({ index: 0, delta: { content: `${sentence} ` }, finish_reason: null }));
    await new Promise((resolve) => setTimeout(resolve, SENTENCE_MS));
  }
  end(response, { content: '' }, 'stop');
}
