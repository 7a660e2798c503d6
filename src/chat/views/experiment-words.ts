// What the daily digest and the weekly report say of experiments: a line of counts, and one for each that is under way or ended lately.
import { formatUsd } from '../../core/money.ts';
import type { ExperimentMoney } from '../../domain/experiments/experiment-money-store.ts';
import type { Ends } from '../../domain/experiments/history-store.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

export interface ExperimentFigures {
  waiting: number;
  running: number;
  measuring: number;
  held: number;
  ends: Ends;
  /** Those under way and those that ended lately, the newest first. */
  newest: readonly ExperimentMoney[];
}

/** Empty where nothing was ever tried. */
export function experimentWords({ waiting, running, measuring, held, ends, newest }: ExperimentFigures): string {
  if (ends.all === 0) return '';
  const concluded = ends.scale + ends.keep + ends.kill + ends.inconclusive;
  const heldWords = held === 0 ? '' : ` (${held} held until somebody says go)`;
  const more = (newest[0]?.total ?? 0) - newest.length;
  return [
    `**Experiments:** ${running} running${heldWords}, ${measuring} waiting for late payments, ${waiting} waiting for a yes; of ${concluded} concluded, ${ends.profitable} brought more than they cost.`,
    ...newest.map(lineOf),
    ...(more > 0 ? [`- and [${more} more](/experiments)`] : []),
  ].join('\n');
}

function lineOf({ id, name, revenueMicros, profitMicros, ...state }: ExperimentMoney): string {
  const result = `revenue ${formatUsd(revenueMicros)}, ${profitMicros < 0n ? 'loss' : 'profit'} ${formatUsd(profitMicros)}`;
  return `- [Experiment ${id}](/experiments/${id}) ${escapeMarkdown(plainLine(name, 60))}: ${verdictOf(state)}; ${result}`;
}

function verdictOf({ state, held, verdict }: Pick<ExperimentMoney, 'state' | 'held' | 'verdict'>): string {
  if (verdict !== null) return `**verdict ${verdict}**`;
  if (held) return 'held, no verdict yet';
  const words: Record<ExperimentMoney['state'], string> = {
    draft: 'being drafted',
    proposed: 'waits for a yes',
    approved: 'approved, not begun',
    running: 'running, no verdict yet',
    measuring: 'waits for late payments, no verdict yet',
    concluded: 'concluded',
    cancelled: 'cancelled',
  };
  return words[state];
}
