// A card's chart as Slack's native chart block: at most 6 series of 20 points, longer ones in buckets of weeks; else as a line of text.
import type { Card, Series } from '../../chat/card.ts';
import { type Block, type Drawn, type Look, note, restIs, section } from './block-parts.ts';
import { clipRendered, escapeControl, literal } from './mrkdwn.ts';

type Chart = NonNullable<Card['chart']>;
type Point = Series['points'][number];

const MOST_SERIES = 6;
const MOST_POINTS = 20;
const TITLE_MAX = 50;
const LABEL_MAX = 20;
const SPARKS = '▁▂▃▄▅▆▇█';

export function renderChart(chart: Chart, look: Look): Drawn {
  const series = chart.series
    .slice(0, MOST_SERIES)
    .map(({ name, points }) => ({ name, points: points.filter(({ y }) => Number.isFinite(y)) }))
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return { blocks: [], whole: true };
  const left = chart.series.length - series.length;
  const missing = left > 0 ? [note(`_${left} more series are ${restIs(look)}._`)] : [];
  const size = bucketSize(series);
  const drawn = series.map(({ name, points }) => ({ name, points: fill(points, size, chart.kind) }));
  const native = look.surface === 'message' ? drawNative(chart, drawn) : null;
  if (native === null)
    return {
      blocks: [section(clipRendered(drawn.map((one) => renderSparks(chart.title, one)).join('\n'), 2_900)), ...missing],
      whole: false,
    };
  const how = chart.kind === 'bar' ? 'added up' : 'the last one of each';
  const coarse = size > 1 ? [note(`_Each point stands for ${size} points (${how})._`)] : [];
  return { blocks: [native, ...coarse, ...missing], whole: size === 1 && left <= 0 };
}

/** Points that go into one: whole weeks, since our points are days. */
function bucketSize(series: readonly Series[]): number {
  const longest = Math.max(...series.map(({ points }) => points.length));
  return longest <= MOST_POINTS ? 1 : Math.ceil(longest / MOST_POINTS / 7) * 7;
}

/** Amounts of a bar chart add up; of a line, the state at the end of the bucket holds. */
function fill(points: readonly Point[], size: number, kind: Chart['kind']): Point[] {
  if (size === 1) return [...points];
  const buckets: Point[] = [];
  for (let at = 0; at < points.length; at += size) {
    const bucket = points.slice(at, at + size);
    const y = kind === 'bar' ? bucket.reduce((sum, point) => sum + point.y, 0) : (bucket.at(-1)?.y ?? 0);
    buckets.push({ x: bucket[0]?.x ?? '', y });
  }
  return buckets;
}

/** Null where Slack would refuse it: names and labels must be unique, and all series must have the same labels. */
function drawNative(chart: Chart, series: readonly Series[]): Block | null {
  const drawn = series.map(({ name, points }) => ({
    name: label(name, LABEL_MAX),
    data: points.map(({ x, y }) => ({ label: label(x, LABEL_MAX), value: y })),
  }));
  const categories = drawn[0]?.data.map((point) => point.label) ?? [];
  const isAlike = drawn.every(({ data }) => data.map((point) => point.label).join('\n') === categories.join('\n'));
  const isUnique = new Set(categories).size === categories.length && new Set(drawn.map(({ name }) => name)).size === drawn.length;
  if (!isAlike || !isUnique) return null;
  return {
    type: 'data_visualization',
    title: label(chart.title, TITLE_MAX),
    chart: { type: chart.kind, series: drawn, axis_config: { categories } },
  };
}

function label(text: string, max: number): string {
  const line = escapeControl(text.replace(/\s+/g, ' ').trim());
  if (line === '') return '–';
  return line.length <= max ? line : `${clipShort(line, max - 1)}…`;
}

/** The beginning, never half an entity or half a character. */
const clipShort = (line: string, max: number): string => line.slice(0, max).replace(/&[a-z]*$|[\uD800-\uDBFF]$/, '');

function renderSparks(title: string, { name, points }: Series): string {
  const values = points.map(({ y }) => y);
  const low = Math.min(0, ...values);
  const span = Math.max(0, ...values) - low || 1;
  const sparks = values.map((value) => SPARKS[Math.round(((value - low) / span) * (SPARKS.length - 1))] ?? '').join('');
  return `${clipRendered(literal(title), 150)}, ${clipRendered(literal(name), 100)}: ${sparks} (${values[0] ?? 0} → ${values.at(-1) ?? 0})`;
}
