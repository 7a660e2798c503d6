// An experiment's one card: its contract, what it has cost and brought, the belief day by day, the verdict, and what comes next.
import { formatUsd } from '../../core/money.ts';
import { type Contract, contractLines, dayText, percent, sellsOnPage } from '../../domain/experiments/contract.ts';
import type { Experiment, Step, Variant } from '../../domain/experiments/experiment-store.ts';
import type { Reading } from '../../domain/experiments/review-store.ts';
import type { Undone } from '../../domain/experiments/undone-store.ts';
import type { LessonRow } from '../../domain/learning/lesson-store.ts';
import type { VariantWeight } from '../../domain/pages/weight-store.ts';
import type { Button, Card, Tone } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

export interface ExperimentView {
  experiment: Experiment;
  variants: readonly Variant[];
  /** Oldest first. */
  steps: readonly Step[];
  /** Of a page that is up: how its visitors are shared out over its variants. */
  shares: readonly VariantWeight[];
  /** Newest day first. */
  readings: readonly Reading[];
  /** What was learnt before and moved the choice or the first belief. */
  lessons: readonly LessonRow[];
  /** What its rollback did, as the receipts say. */
  undone: readonly Undone[];
}

interface Posterior {
  conversion: { mean: number; low: number; high: number };
  profitable: number;
  returnPerDollar: number;
}

const TONES: Record<Experiment['state'], Tone> = {
  draft: 'muted',
  proposed: 'ask',
  approved: 'info',
  running: 'info',
  measuring: 'info',
  concluded: 'good',
  cancelled: 'muted',
};

export function experimentCard(view: ExperimentView): Card {
  const { experiment, steps } = view;
  const contract = experiment.contract as unknown as Contract;
  const last = steps.at(-1);
  const picture = beliefPicture(view);
  return {
    title: `Experiment ${experiment.id}: ${plainLine(experiment.name, 100)}`,
    tone: experiment.held_at === null ? toneOf(experiment) : 'ask',
    text: [
      `**${stateWords(experiment)}**${last === undefined ? '' : `, since ${dayWords(contract, last.day)}: ${escapeMarkdown(last.reason, 500)}`}`,
      experiment.verdict_reason === null ? '' : escapeMarkdown(experiment.verdict_reason, 800),
      nextWords(experiment),
      view.lessons.length === 0
        ? ''
        : `**Lessons that moved it:** ${view.lessons.map((lesson) => `${lesson.id}: ${escapeMarkdown(lesson.words, 300)}`).join('; ')}`,
      ...view.undone.map(
        ({ tool, callId, receipt, status }) =>
          `**Undone:** ${tool}, [call ${callId}](/calls/${callId}), ${status}${receipt === null ? '' : `, receipt ${escapeMarkdown(receipt, 200)}`}`,
      ),
      ...contractLines(contract).map(({ label, text }) => `**${label}:** ${escapeMarkdown(text, 500)}`),
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: fieldsOf(view),
    ...(view.readings.length === 0 ? {} : { table: variantTable(view) }),
    ...(picture === null ? {} : { chart: picture }),
    buttons: buttonsOf(experiment),
    ref: { kind: 'experiment', id: experiment.id },
  };
}

function toneOf(experiment: Experiment): Tone {
  if (experiment.verdict === 'kill') return 'bad';
  if (experiment.verdict === 'inconclusive') return 'muted';
  return TONES[experiment.state];
}

export function stateWords(experiment: Pick<Experiment, 'state' | 'verdict' | 'held_at'>): string {
  if (experiment.held_at !== null) return 'held until a person says go';
  if (experiment.state === 'concluded') return `concluded: ${experiment.verdict}`;
  const words: Record<Experiment['state'], string> = {
    draft: 'being drafted',
    proposed: 'waits for a yes',
    approved: 'approved, launches on the next day',
    running: 'running',
    measuring: 'spends nothing more; late payments are waited for',
    concluded: 'concluded',
    cancelled: 'cancelled',
  };
  return words[experiment.state];
}

const dayWords = (contract: Contract, day: number | null): string =>
  day === null ? 'the start' : `${sellsOnPage(contract) ? '' : 'day '}${dayText(contract, day)}`;

function nextWords(experiment: Experiment): string {
  if (experiment.held_at !== null)
    return `**Held:** ${escapeMarkdown(experiment.hold_reason ?? '', 400)}. Nothing is spent on it until somebody decides.`;
  const contract = experiment.contract as unknown as Contract;
  if (sellsOnPage(contract)) return nextOnPage(experiment, contract);
  switch (experiment.state) {
    case 'proposed':
      return '**Next:** a person says yes or no to the contract below.';
    case 'approved':
      return '**Next:** its first look on the coming day.';
    case 'running':
      return `**Next:** each day its share of the money, by day ${experiment.deadline_day} at the latest its end.`;
    case 'measuring':
      return '**Next:** its verdict when late payments and refunds are in; it can open again before its last day.';
    default:
      return '';
  }
}

function nextOnPage(experiment: Experiment, contract: Contract): string {
  switch (experiment.state) {
    case 'proposed':
      return '**Next:** a person says yes or no to the page and the contract below.';
    case 'running':
      return `**Next:** its page sells and is read each day, until ${dayText(contract, experiment.deadline_day ?? 0)} at the latest.`;
    case 'measuring':
      return '**Next:** its page is down; its verdict comes when late payments and refunds are in.';
    default:
      return '';
  }
}

function fieldsOf({ experiment, variants, readings }: ExperimentView): NonNullable<Card['fields']> {
  const latest = latestOf(variants, readings);
  const total = (of: (reading: Reading) => bigint): bigint => latest.reduce((sum, reading) => sum + of(reading), 0n);
  const spend = total((reading) => reading.spend_micros);
  const earned = total((reading) => reading.revenue_micros - reading.refunded_micros - reading.fees_micros);
  return [
    { label: 'Mode', value: experiment.mode },
    { label: 'Spent', value: `${formatUsd(spend)} of ${formatUsd(experiment.budget_micros)} permitted` },
    { label: 'Earned', value: formatUsd(earned) },
    { label: earned < spend ? 'Loss' : 'Profit', value: formatUsd(earned < spend ? spend - earned : earned - spend) },
    { label: 'Visitors', value: String(latest.reduce((sum, reading) => sum + reading.visitors, 0)) },
    { label: 'Orders', value: String(latest.reduce((sum, reading) => sum + reading.orders, 0)) },
    ...latest.slice(0, 1).flatMap((reading) => sureFields(reading)),
    ...(experiment.channel === '' ? [] : [{ label: 'Channel', value: plainLine(experiment.channel, 60) }]),
    ...(experiment.category === '' ? [] : [{ label: 'Category', value: plainLine(experiment.category, 60) }]),
  ];
}

function sureFields(reading: Reading): NonNullable<Card['fields']> {
  const belief = reading.posterior as unknown as Posterior;
  const { howSure } = reading.evidence as unknown as { howSure: string };
  const { mean, low, high } = belief.conversion;
  return [
    { label: 'Buyers', value: `${percent(mean)} of visitors (95 %: ${percent(low)} to ${percent(high)})` },
    { label: 'Profitable', value: percent(belief.profitable) },
    { label: 'How sure', value: plainLine(howSure, 400) },
  ];
}

const latestOf = (variants: readonly Variant[], readings: readonly Reading[]): Reading[] =>
  variants.flatMap((variant) => readings.find((reading) => reading.variant_id === variant.id) ?? []);

/** What a variant gets today: money where a market sells it, a share of the visitors where a page of ours does. */
function todayWords({ variants, shares }: ExperimentView, reading: Reading): string {
  const letter = variants.find(({ id }) => id === reading.variant_id)?.page_variant ?? null;
  if (letter === null) return formatUsd(reading.allocated_micros);
  const own = shares.find(({ variant }) => variant === letter);
  const all = shares.reduce((sum, { weight }) => sum + weight, 0);
  return own === undefined ? 'down' : `${percent(own.weight / Math.max(1, all))} of visitors`;
}

function variantTable(view: ExperimentView): NonNullable<Card['table']> {
  const { variants, readings } = view;
  const latest = latestOf(variants, readings);
  return {
    columns: ['Variant', 'Visitors', 'Orders', 'Spent', 'Earned', 'Profitable', 'Today'],
    rows: latest.map((reading) => [
      plainLine(variants.find(({ id }) => id === reading.variant_id)?.name ?? '', 60),
      String(reading.visitors),
      String(reading.orders),
      formatUsd(reading.spend_micros),
      formatUsd(reading.revenue_micros - reading.refunded_micros - reading.fees_micros),
      percent((reading.posterior as unknown as Posterior).profitable),
      todayWords(view, reading),
    ]),
  };
}

/** The belief about the first variant's conversion, day by day, with the rate at which it breaks even. */
function beliefPicture({ experiment, variants, readings }: ExperimentView): NonNullable<Card['chart']> | null {
  const own = readings.filter((reading) => reading.variant_id === variants[0]?.id).toReversed();
  if (own.length < 2) return null;
  const { breakEven } = experiment.contract as unknown as Contract;
  const line = (name: string, of: (belief: Posterior) => number) => ({
    name,
    points: own.map((reading) => ({ x: String(reading.day), y: Number((of(reading.posterior as unknown as Posterior) * 100).toFixed(2)) })),
  });
  return {
    kind: 'line',
    title: 'Buyers in 100 visitors, by day',
    series: [
      line('believed', (belief) => belief.conversion.mean),
      line('at least (97.5 %)', (belief) => belief.conversion.low),
      line('at most (97.5 %)', (belief) => belief.conversion.high),
      line('breaks even', () => breakEven),
    ],
  };
}

function buttonsOf(experiment: Experiment): Button[] {
  const id = experiment.id;
  if (['concluded', 'cancelled'].includes(experiment.state)) return [];
  const go: Button[] =
    experiment.held_at === null ? [] : [{ label: 'Continue', command: 'experiment', args: { id, act: 'continue' }, style: 'primary' }];
  return [
    ...go,
    {
      label: 'Stop',
      command: 'experiment',
      args: { id, act: 'stop' },
      style: 'danger',
      confirm: `Stop experiment ${id} now? What still runs of it is stopped and its permission ends.`,
    },
  ];
}
