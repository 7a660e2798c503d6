// The line on experiments in the daily digest and the weekly report.
import type { Ends } from '../../domain/experiments/history-store.ts';

export interface ExperimentFigures {
  waiting: number;
  running: number;
  measuring: number;
  held: number;
  ends: Ends;
}

/** Empty where nothing was ever tried. */
export function experimentWords({ waiting, running, measuring, held, ends }: ExperimentFigures): string {
  if (ends.all === 0) return '';
  const concluded = ends.scale + ends.keep + ends.kill + ends.inconclusive;
  const heldWords = held === 0 ? '' : ` (${held} held until somebody says go)`;
  return `**Experiments:** ${running} running${heldWords}, ${measuring} waiting for late payments, ${waiting} waiting for a yes; of ${concluded} concluded, ${ends.profitable} brought more than they cost.`;
}
