// A scan: what was looked at, what was found there, and the best of it.
import type { Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import type { Scan, ScanPart } from '../../domain/opportunities/scan-store.ts';
import type { Button, Card, Tone } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

export interface ScanFacts {
  scan: Scan;
  parts: readonly ScanPart[];
  best: readonly Opportunity[];
  /** What it searches for because of them. */
  lessons: readonly { id: number; detail: string }[];
}

export function scanCard({ scan, parts, best, lessons }: ScanFacts): Card {
  const open = scan.status === 'open';
  const fresh = parts.reduce((sum, part) => sum + part.fresh, 0);
  const error = scan.error === null ? '' : `**${escapeMarkdown(scan.error, 500)}**`;
  return {
    title: `Scan ${scan.id}${open ? ' is looking' : scan.status === 'failed' ? ' failed' : fresh === 0 ? ': nothing new' : `: ${fresh} new`}`,
    tone: toneOf(scan, fresh),
    text: [whyWords(scan), error, lessonWords(lessons), bestWords(best)].filter((line) => line !== '').join('\n\n'),
    ...(open ? { progress: { done: parts.filter((part) => part.status !== 'open').length, total: Math.max(1, parts.length) } } : {}),
    ...(parts.length === 0
      ? {}
      : { table: { columns: ['Source', 'Found', 'New', 'Duplicates', 'Refused', 'Trouble'], rows: parts.map(partRow) } }),
    buttons: [OPPORTUNITIES, ...(open ? [] : [SCAN_NOW])],
    ref: { kind: 'scan', id: scan.id },
  };
}

const OPPORTUNITIES: Button = { label: 'Opportunities', command: 'opportunities', args: {}, style: 'primary' };
const SCAN_NOW: Button = { label: 'Scan now', command: 'scan', args: {}, style: 'plain' };

function toneOf(scan: Scan, fresh: number): Tone {
  if (scan.status !== 'done') return scan.status === 'failed' ? 'bad' : 'info';
  return fresh > 0 ? 'good' : 'muted';
}

function whyWords(scan: Scan): string {
  switch (scan.why) {
    case 'schedule':
      return `By itself, as JUG_SCAN_CRON says: ${scan.slot_at?.toISOString() ?? ''}`;
    case 'market_day':
      return `By itself, at the end of market day ${scan.market_day}.`;
    case 'person':
      return `Asked for by ${escapeMarkdown(scan.asked_by ?? '?')}.`;
  }
}

const bestWords = (best: readonly Opportunity[]): string =>
  best.map((one) => `- [${escapeMarkdown(plainLine(one.name, 80))}](/opportunities/${one.id}) ${one.score ?? '–'}`).join('\n');

const lessonWords = (lessons: ScanFacts['lessons']): string =>
  lessons.length === 0
    ? ''
    : `**Lessons that moved it:** ${lessons.map(({ id, detail }) => `${id}: ${escapeMarkdown(detail, 200)}`).join('; ')}`;

function partRow(part: ScanPart): string[] {
  const counts = part.status === 'open' ? ['…', '', '', ''] : [part.found, part.fresh, part.merged, part.refused].map(String);
  return [plainLine(part.name, 60), ...counts, plainLine(part.error ?? '', 160)];
}
