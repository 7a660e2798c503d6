// Opportunities: the board as a card, and one of them with why it stands where it stands.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { ScorePart } from '../../db/tables/opportunity-tables.ts';
import type { OpportunitySource } from '../../db/tables/states.ts';
import type { Conversion, Evidence, Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import type { Scan } from '../../domain/opportunities/scan-store.ts';
import type { StandingBudget } from '../../domain/opportunities/standing-budget.ts';
import type { Button, Card, Tone } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { standingWords } from './standing-words.ts';

export const SOURCE_WORDS: Record<OpportunitySource, string> = {
  practice_market: 'practice market',
  web: 'web',
  mcp: 'tool',
  csv: 'CSV',
  idea: 'idea',
};

export interface BoardFacts {
  status: Opportunity['status'];
  rows: readonly Opportunity[];
  /** Why it is not tried yet, by its number; absent where nothing keeps it. */
  waits: ReadonlyMap<number, string>;
  conversion: Conversion;
  lastScan: Scan | undefined;
  standing: StandingBudget;
}

const SCAN_NOW: Button = { label: 'Scan now', command: 'scan', args: {}, style: 'plain' };
const SHOW_BUTTONS = 3;

export function boardCard({ status, rows, waits, conversion, lastScan, standing }: BoardFacts): Card {
  return {
    title: rows.length === 0 ? `No opportunity is ${status}` : `Opportunities: ${rows.length} ${status}`,
    tone: rows.length === 0 ? 'muted' : 'info',
    text: [
      standingWords(standing),
      lastScanWords(lastScan),
      ...waitsWords(waits),
      'The whole board: [opportunities](/opportunities).',
    ].join('\n\n'),
    fields: conversionFields(conversion),
    ...(rows.length === 0
      ? {}
      : {
          table: {
            columns: ['Opportunity', 'Score', 'From', 'Price', 'For it', 'Against it'],
            rows: rows.map((one) => [
              `[${one.id} ${plainLine(one.name, 60).replaceAll(/[[\]]/g, '')}](/opportunities/${one.id})`,
              scoreWords(one),
              SOURCE_WORDS[one.source],
              dollars(one.price_micros),
              ...reasonsOf(one.score_parts),
            ]),
          },
        }),
    buttons: [
      ...rows
        .slice(0, SHOW_BUTTONS)
        .map((one) => ({ label: `Show ${one.id}`, command: 'opportunities', args: { id: one.id }, style: 'plain' as const })),
      SCAN_NOW,
    ],
  };
}

const waitsWords = (waits: ReadonlyMap<number, string>): string[] =>
  waits.size === 0 ? [] : [[...waits].map(([id, why]) => `${id} is not tried: ${why}.`).join(' ')];

/** What gains and what costs it most, seen from a part's full weight. */
export function reasonsOf(parts: readonly ScorePart[]): [best: string, worst: string] {
  const words = (part: ScorePart | undefined): string => (part === undefined ? '' : plainLine(`${part.name}: ${part.note}`, 80));
  const byPoints = parts.toSorted((a, b) => b.points - a.points);
  const byLoss = parts.toSorted((a, b) => lossOf(b) - lossOf(a));
  return [words(byPoints[0]), words(byLoss[0])];
}

const lossOf = (part: ScorePart): number => 100 * part.weight - part.points;
export const scoreWords = (one: Pick<Opportunity, 'score'>): string => (one.score === null ? '–' : one.score.toFixed(1));
const dollars = (micros: Micros | null): string => (micros === null ? '' : formatUsd(micros));

const lastScanWords = (scan: Scan | undefined): string =>
  scan === undefined
    ? 'No scan has run yet.'
    : `Last scan: ${scan.id}, ${scan.status === 'open' ? 'under way' : `${scan.status} ${scan.ended_at?.toISOString() ?? ''}`}.`;

export function conversionFields(conversion: Conversion): { label: string; value: string }[] {
  const { found, taken, concluded, profitable, refused } = conversion;
  return [
    { label: 'Found', value: `${found}, ${refused} of them refused` },
    { label: 'Taken', value: `${taken} (${share(taken, found)})` },
    { label: 'Profitable', value: `${profitable} of ${concluded} tried to an end (${share(profitable, concluded)})` },
  ];
}

const share = (part: number, whole: number): string => (whole === 0 ? 'none yet' : `${((100 * part) / whole).toFixed(1)} %`);

const TONES: Record<Opportunity['status'], Tone> = { open: 'info', taken: 'good', closed: 'muted', refused: 'bad', merged: 'muted' };

/** @param facts.waits why an open one is not tried yet */
export function opportunityCard({ one, evidence, waits }: { one: Opportunity; evidence: readonly Evidence[]; waits: string | null }): Card {
  const buttons = buttonsOf(one);
  return {
    title: `Opportunity ${one.id}: ${plainLine(one.name, 120)} (${scoreWords(one)})`,
    tone: TONES[one.status],
    text: [
      `**${one.status}**${one.reason === null ? '' : `: ${escapeMarkdown(one.reason, 500)}`}`,
      waits === null ? '' : `**Not tried yet:** ${waits}.`,
      escapeMarkdown(one.sells, 1_000),
      one.tainted ? 'Words of strangers had a hand in this: they are shown, and never followed.' : '',
      evidence.length === 0 ? '' : `Found at:\n${evidence.map(evidenceLine).join('\n')}`,
      `[All of it](/opportunities/${one.id})`,
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: fieldsOf(one),
    ...(one.score_parts.length === 0
      ? {}
      : {
          table: {
            columns: ['Part', 'Weight', 'Value', 'Points', 'Why'],
            rows: one.score_parts.map((part) => [
              part.name,
              `${(100 * part.weight).toFixed(0)} %`,
              part.value.toFixed(2),
              part.points.toFixed(1),
              plainLine(part.note, 160),
            ]),
          },
        }),
    ...(buttons.length === 0 ? {} : { buttons }),
    ref: { kind: 'opportunity', id: one.id },
  };
}

const evidenceLine = (place: Evidence): string =>
  `- evidence ${place.id} (${place.kind}): ${escapeMarkdown(plainLine(place.origin, 200))}${place.scan_id === null ? '' : `, scan ${place.scan_id}`}${place.tool_call_id === null ? '' : `, [call ${place.tool_call_id}](/calls/${place.tool_call_id})`}`;

function fieldsOf(one: Opportunity): { label: string; value: string }[] {
  const said: [string, string][] = [
    ['From', `${SOURCE_WORDS[one.source]}, ${plainLine(one.external_id, 80)}`],
    ['For', plainLine(one.buyer, 160)],
    ['Category', plainLine(one.category, 80)],
    ['Channel', plainLine(one.channel, 80)],
    ['Price', dollars(one.price_micros)],
    ['A piece costs', dollars(one.unit_cost_micros)],
    ['A visitor costs', dollars(one.visitor_cost_micros)],
    ['Capital', dollars(one.capital_micros)],
    ['Visitors a day', one.capacity_per_day === null ? '' : String(one.capacity_per_day)],
    ['First dollar after', one.days_to_first_dollar === null ? '' : `${one.days_to_first_dollar} days`],
    ['Effort', one.effort_hours === null ? '' : `${one.effort_hours} hours`],
    ['Needs', plainLine(one.capabilities.join(', '), 200)],
    ['Found', one.created_at.toISOString()],
    ['Found by', plainLine(one.found_by, 80)],
  ];
  return said.filter(([, value]) => value !== '').map(([label, value]) => ({ label, value }));
}

function buttonsOf({ id, status, merged_into: into }: Opportunity): Button[] {
  const refuse: Button = { label: 'Refuse…', command: 'opportunities', args: { id, refuse: '' }, style: 'danger' };
  const reopen: Button = { label: 'Open again', command: 'opportunities', args: { id, reopen: true }, style: 'plain' };
  switch (status) {
    case 'open':
      return [refuse];
    case 'closed':
    case 'refused':
      return [reopen];
    case 'merged':
      return into === null ? [] : [{ label: `Show ${into}`, command: 'opportunities', args: { id: into }, style: 'plain' }];
    case 'taken':
      return [];
  }
}
