// A card's chart as a PNG, drawn here: no browser, no service, and the letters come from a font that is installed with us.
import { createRequire } from 'node:module';
import type { Card } from '../chat/card.ts';
import { clipText, makeVisible } from '../core/visible-text.ts';

type Chart = NonNullable<Card['chart']>;

const WIDTH = 800;
const HEIGHT = 400;
/** Pixels for each unit: sharp on the screens of phones. */
const SCALE = 2;
const MAX_SERIES = 8;
const MAX_POINTS = 400;
const FONT = 'DejaVu Sans';
const PAPER = '#ffffff';
const INK = '#374151';
const COLOURS = ['#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed', '#0891b2', '#be185d', '#4b5563'];

interface Drawn {
  name: string;
  points: { x: string; y: number }[];
}

/** What a drawing can hold: finite numbers, names a reader sees as they are. */
function readSeries(chart: Chart): Drawn[] {
  return chart.series.slice(0, MAX_SERIES).map(({ name, points }) => ({
    name: showWord(name, 40),
    points: points.filter(({ y }) => Number.isFinite(y)).slice(-MAX_POINTS),
  }));
}

const showWord = (text: string, max: number): string => makeVisible(clipText(text.replace(/\s+/g, ' ').trim(), max));

/** The chart in words, for those who don't see it. */
export function chartAltText(chart: Chart): string {
  const parts = readSeries(chart).map(({ name, points }) => {
    const values = points.map(({ y }) => y);
    if (values.length === 0) return `${name}: no points yet`;
    const span = points.length === 1 ? '' : ` from ${showWord(points[0]?.x ?? '', 30)} to ${showWord(points.at(-1)?.x ?? '', 30)}`;
    return `${name}: ${points.length} point${points.length === 1 ? '' : 's'}${span}, first ${values[0]}, last ${values.at(-1)}, lowest ${Math.min(...values)}, highest ${Math.max(...values)}`;
  });
  const left = chart.series.length - parts.length;
  return clipText(
    [`${chart.kind === 'bar' ? 'Bar' : 'Line'} chart: ${showWord(chart.title, 150)}`, ...parts, left > 0 ? `${left} more series` : '']
      .filter((part) => part !== '')
      .join('. '),
    900,
  );
}

/** Loaded with the first chart, as it takes most of a second. */
async function loadPen() {
  const [{ init, use }, { BarChart, LineChart }, { GridComponent, LegendComponent, TitleComponent }, { SVGRenderer }, { Resvg }] =
    await Promise.all([
      import('echarts/core'),
      import('echarts/charts'),
      import('echarts/components'),
      import('echarts/renderers'),
      import('@resvg/resvg-js'),
    ]);
  use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const { resolve } = createRequire(import.meta.url);
  const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
  return { init, Resvg, fontFiles };
}

let pen: ReturnType<typeof loadPen> | null = null;

/** @returns a PNG of 1600 × 800 pixels. */
export async function drawChart(chart: Chart): Promise<Buffer> {
  pen ??= loadPen();
  const { init, Resvg, fontFiles } = await pen;
  const canvas = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  try {
    canvas.setOption(describeDrawing(chart));
    const image = new Resvg(canvas.renderToSVGString(), {
      background: PAPER,
      fitTo: { mode: 'zoom', value: SCALE },
      font: { loadSystemFonts: false, fontFiles, defaultFontFamily: FONT, sansSerifFamily: FONT },
    });
    return image.render().asPng();
  } finally {
    canvas.dispose();
  }
}

/** Series of different lengths share their labels: a label missing in one is a gap there. */
function describeDrawing(chart: Chart) {
  const series = readSeries(chart);
  const labels = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))];
  const words = { fontFamily: FONT, color: INK };
  return {
    animation: false,
    backgroundColor: PAPER,
    color: COLOURS,
    textStyle: words,
    title: { text: showWord(chart.title, 80), left: 16, top: 12, textStyle: { ...words, fontSize: 17, fontWeight: 'bold' as const } },
    ...(series.length > 1 ? { legend: { bottom: 6, data: series.map(({ name }) => name), textStyle: words } } : {}),
    grid: { left: 24, right: 28, top: 56, bottom: series.length > 1 ? 42 : 20, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'category' as const,
      data: labels.map((label) => showWord(label, 20)),
      boundaryGap: chart.kind === 'bar',
      axisLabel: { ...words, hideOverlap: true },
    },
    yAxis: { type: 'value' as const, axisLabel: words, splitLine: { lineStyle: { color: '#e5e7eb' } } },
    series: series.map(({ name, points }) => {
      const values = new Map(points.map(({ x, y }) => [x, y]));
      const numbers = labels.map((label) => values.get(label) ?? '-');
      return chart.kind === 'bar'
        ? { name, type: 'bar' as const, data: numbers, barMaxWidth: 48 }
        : { name, type: 'line' as const, data: numbers, showSymbol: points.length <= 31, symbolSize: 6, lineStyle: { width: 2.5 } };
    }),
  };
}
