// Words for the states of a thing: which of them say the same, and which exclude each other.
import { fold } from './words.ts';

/** Each row: states of which a thing is in one at a time; what stands in one place says the same. */
export const STATES: readonly (readonly string[])[] = [
  [
    'succeeded|success|successful|successfully|went through|gone through|passed|passing|green|ok|without any problems|done',
    'failed|failing|failure|broken|red|error|gave up|crashed|aborted',
    'cancelled|canceled|aborted',
  ],
  ['open|still open|unresolved', 'closed|shut|resolved|fixed|solved'],
  [
    'running|active|live|under way|in progress|ongoing|started',
    'ended|stopped|completed|complete|done|finished|over',
    'paused|on hold',
    'cancelled|canceled',
    'pending|queued|not started|planned|scheduled',
    'past due|overdue',
    'trialing|trialling|on trial|on a trial|in trial',
  ],
  ['approved|accepted', 'denied|rejected|declined|refused', 'expired', 'pending|awaiting'],
  ['paid|settled', 'refunded', 'unpaid|outstanding', 'overdue'],
  ['delivered|arrived', 'shipped|in transit|on its way|under way', 'delayed|held up', 'returned', 'processing', 'lost'],
  ['enabled|on|switched on', 'disabled|off|switched off'],
  ['online|up|connected|operational', 'offline|down|disconnected|major outage', 'degraded|partial outage'],
  ['healthy|normal|fine', 'warning|degraded', 'critical|faulty'],
  ['green', 'amber|yellow', 'red'],
  ['won', 'lost', 'negotiation|negotiating', 'proposal', 'qualified'],
  ['in stock|available', 'out of stock|sold out|unavailable', 'backordered|on backorder'],
  ['public', 'private'],
  ['low', 'medium|moderate', 'high', 'critical'],
];
const RISKY = new Set([
  'on',
  'off',
  'up',
  'down',
  'over',
  'low',
  'high',
  'lost',
  'error',
  'started',
  'live',
  'fine',
  'passing',
  'complete',
  'ok',
  'red',
  'normal',
  'done',
  'operational',
  'major outage',
]);

/** Behind these at the end of a sentence, a word of many meanings is a state. */
const COPULA = / (?:is|are|was|were|still|currently|now|remains?|stays?|went|all|both)$/;

/** The places of a row that a text speaks of. */
export function spokenOf(row: readonly string[], text: string, isLabel: boolean): Set<number> {
  const found = new Set<number>();
  for (const [at, same] of row.entries())
    for (const phrase of same.split('|'))
      if (
        text.includes(` ${phrase} `) &&
        (isLabel || !RISKY.has(phrase) || (text.endsWith(` ${phrase} `) && COPULA.test(text.slice(0, -phrase.length - 2))))
      )
        found.add(at);
  return found;
}

export const plainOf = (text: string): string =>
  ` ${fold(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;

export interface State {
  row: number;
  place: number;
}

/** The states a text speaks of. */
export const statesIn = (text: string, isLabel = false): State[] =>
  STATES.flatMap((row, at) => [...spokenOf(row, plainOf(text), isLabel)].map((place) => ({ row: at, place })));
