// The practice model's mind: which playbook answers a request. Reads schema name, tools, tool results and the facts
// block, never prose, so nothing anyone writes can talk it into an act.
import { readAskFacts, readFacts } from '../../domain/brain/facts.ts';
import { PLAN_SCHEMA_NAME } from '../../domain/brain/plan.ts';
import { answerStep } from './playbook-ask.ts';
import { readConversation } from './playbook-conversation.ts';
import { launchStep } from './playbook-launch.ts';
import { measureStep } from './playbook-measure.ts';
import { planGoal } from './playbook-plan.ts';
import { researchStep } from './playbook-research.ts';
import { publishStep, watchStep } from './playbook-sell.ts';
import { type Answer, type Situation, say } from './playbook-step.ts';
import { writeStep } from './playbook-write.ts';

const PLAYBOOKS: ReadonlyMap<string, (situation: Situation) => Answer> = new Map([
  ['research', researchStep],
  ['write', writeStep],
  [
    'launch',
    (situation) => (situation.facts.goal.sale === undefined ? launchStep(situation) : publishStep(situation, situation.facts.goal.sale)),
  ],
  ['measure', (situation) => (situation.facts.goal.sale === undefined ? measureStep(situation) : watchStep(situation))],
]);

const NO_PLAYBOOK = 'I follow fixed playbooks for the practice market and am no language model, so I have no answer to this.';
/** Every playbook ends well before this; a caller that never accepts its end must not turn it into a loop. */
const MAX_TURNS = 16;

/** `body` is the parsed request body. The same body always gets the same answer. */
export function answerRequest(body: Record<string, unknown>): Answer {
  const { facts, asked, turns, tools, schemaName } = readRequest(body);
  if (asked !== null && schemaName === null && turns.length <= MAX_TURNS) return answerStep(asked, turns, tools);
  if (schemaName === PLAN_SCHEMA_NAME) return say(JSON.stringify(planGoal(facts?.ask === 'plan' ? facts : null)));
  if (facts?.ask !== 'task' || turns.length > MAX_TURNS) return say(NO_PLAYBOOK);
  const step = PLAYBOOKS.get(facts.task.kind);
  return step === undefined ? say(NO_PLAYBOOK) : step({ facts, tools, turns });
}

function readRequest(body: Record<string, unknown>) {
  const messages = records(body['messages']);
  return {
    facts: firstFacts(messages, readFacts),
    asked: firstFacts(messages, readAskFacts),
    turns: readConversation(messages),
    tools: new Set(records(body['tools']).map((tool) => String(record(tool['function'])['name']))),
    schemaName: record(record(body['response_format'])['json_schema'])['name'] ?? null,
  };
}

/** The first block in a user message: our prompts put it before anything a stranger wrote. */
function firstFacts<Facts>(messages: Record<string, unknown>[], read: (prompt: string) => Facts | null): Facts | null {
  for (const message of messages) {
    if (message['role'] !== 'user' || typeof message['content'] !== 'string') continue;
    const facts = read(message['content']);
    if (facts !== null) return facts;
  }
  return null;
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
