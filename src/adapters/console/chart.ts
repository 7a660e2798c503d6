// A small chart as inline SVG, readable without it: a text summary and the numbers as a table.
import type { Card } from '../../chat/card.ts';
import { type Html, html } from './markup.ts';

type Chart = NonNullable<Card['chart']>;

const WIDTH = 560;
const HEIGHT = 160;
const PAD = { top: 10, right: 8, bottom: 20, left: 54 };
const MAX_POINTS = 400;

interface Scale {
  x: (index: number) => number;
  y: (value: number) => number;
  low: number;
  high: number;
  step: number;
}

function scaleOf(values: readonly number[], count: number): Scale {
  const low = Math.min(0, ...values);
  const top = Math.max(0, ...values);
  const high = top === low ? low + 1 : top;
  const inner = WIDTH - PAD.left - PAD.right;
  const step = inner / Math.max(1, count);
  return {
    low,
    high,
    step,
    x: (index) => PAD.left + step * (index + 0.5),
    y: (value) => PAD.top + (HEIGHT - PAD.top - PAD.bottom) * (1 - (value - low) / (high - low)),
  };
}

const px = (value: number) => value.toFixed(1);
const short = (value: number) => new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);

export function renderChart(chart: Chart): Html {
  const series = chart.series.map((one) => ({
    name: one.name,
    points: one.points.slice(0, MAX_POINTS).filter(({ y }) => Number.isFinite(y)),
  }));
  const count = Math.max(0, ...series.map(({ points }) => points.length));
  if (count === 0) return html`<p class="muted">${chart.title}: no points yet.</p>`;
  const scale = scaleOf(
    series.flatMap(({ points }) => points.map(({ y }) => y)),
    count,
  );
  const labels = series.find(({ points }) => points.length === count)?.points ?? [];
  const draw = chart.kind === 'bar' ? drawBars : drawLine;
  return html`<figure class="chart">
    <figcaption>${chart.title}${series.length > 1 && html` <span class="legend">${series.map(({ name }, index) => html`<span class="key s${index % 4}">${name}</span>`)}</span>`}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${summarise(chart.title, series)}">
      <line class="axis" x1="${PAD.left}" x2="${WIDTH - PAD.right}" y1="${px(scale.y(0))}" y2="${px(scale.y(0))}"/>
      ${[scale.high, scale.low].map((value) => html`<text class="tick" x="${PAD.left - 6}" y="${px(scale.y(value) + 4)}" text-anchor="end">${short(value)}</text>`)}
      ${series.map(({ points }, index) => draw(points, index, series.length, scale))}
      <text class="tick" x="${PAD.left}" y="${HEIGHT - 4}">${labels[0]?.x}</text>
      <text class="tick" x="${WIDTH - PAD.right}" y="${HEIGHT - 4}" text-anchor="end">${labels.length > 1 && labels.at(-1)?.x}</text>
    </svg>
    <details><summary>Numbers</summary><div class="scroll" tabindex="0"><table>
      <thead><tr><th scope="col"></th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${labels.map(({ x }, row) => html`<tr><th scope="row">${x}</th>${series.map(({ points }) => html`<td class="num">${points[row]?.y}</td>`)}</tr>`)}</tbody>
    </table></div></details>
  </figure>`;
}

interface Drawn {
  name: string;
  points: { x: string; y: number }[];
}

function summarise(title: string, series: readonly Drawn[]): string {
  const parts = series.map(({ name, points }) => {
    const values = points.map(({ y }) => y);
    return `${name}: ${points.length} points, from ${values[0]} to ${values.at(-1)}, lowest ${Math.min(...values)}, highest ${Math.max(...values)}`;
  });
  return `${title}. ${parts.join('. ')}`;
}

function drawLine(points: Drawn['points'], index: number, _of: number, scale: Scale): Html {
  const path = points.map(({ y }, at) => `${px(scale.x(at))},${px(scale.y(y))}`).join(' ');
  const last = points.length - 1;
  return html`<polyline class="line s${index % 4}" points="${path}"/><circle class="dot s${index % 4}" cx="${px(scale.x(last))}" cy="${px(scale.y(points[last]?.y ?? 0))}" r="3"/>`;
}

function drawBars(points: Drawn['points'], index: number, of: number, scale: Scale): Html {
  const width = Math.max(1, (scale.step * 0.7) / of);
  const bars = points.map(({ y }, at) => {
    const left = scale.x(at) - (width * of) / 2 + width * index;
    const top = Math.min(scale.y(y), scale.y(0));
    return html`<rect class="bar s${index % 4}" x="${px(left)}" y="${px(top)}" width="${px(width)}" height="${px(Math.max(1, Math.abs(scale.y(y) - scale.y(0))))}" rx="2"/>`;
  });
  return html`${bars}`;
}
