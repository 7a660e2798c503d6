// How good the forecast is on a daily series: rolling origins, each with 90 days of history and 14 days to be guessed.
import { readFileSync } from 'node:fs';
import { forecast, MOST_DAYS } from '../src/domain/money/forecast.ts';
import { HORIZON } from '../src/domain/money/forecast-methods.ts';
import { BenchInput, type Report, round } from './report.ts';

const WEEK = 7;
/** Origins are spread over the series; not a multiple of a week, so that every weekday begins some. */
const STEP = 9;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Column 2 of `date,value`, in the order of the file; a header and lines that begin with # are passed over. */
export function readSeries(text: string): number[] {
  const rows = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#') && !/^\s*"?date/i.test(line));
  return rows.map((line, index) => {
    const value = Number(line.split(',')[1]?.replaceAll('"', '') || Number.NaN);
    if (!Number.isFinite(value)) throw new BenchInput(`row ${index + 1} is not "date,value": ${line.slice(0, 80)}`);
    return value;
  });
}

interface Scores {
  mase: number[];
  naiveMase: number[];
  within80: boolean[];
  within95: boolean[];
  totalError: number[];
  total80: boolean[];
}

/** MASE with m = 7 (Hyndman & Koehler 2006): mean absolute error over that of the seasonal naive inside the history. */
export function score(series: readonly number[]): Scores {
  const scores: Scores = { mase: [], naiveMase: [], within80: [], within95: [], totalError: [], total80: [] };
  for (let origin = MOST_DAYS; origin + HORIZON <= series.length; origin += STEP) {
    const history = series.slice(origin - MOST_DAYS, origin);
    const truth = series.slice(origin, origin + HORIZON);
    const scale = mean(history.slice(WEEK).map((value, index) => Math.abs(value - (history[index] ?? 0))));
    const guess = forecast(history);
    // A history in which every week repeats the last has no scale to measure by.
    if (guess === null || scale === 0) continue;
    const errorOf = (values: readonly number[]): number => mean(truth.map((value, step) => Math.abs(value - (values[step] ?? 0)))) / scale;
    scores.mase.push(errorOf(guess.days.map(({ value }) => value)));
    scores.naiveMase.push(errorOf(guess.naive));
    for (const [step, { within80, within95 }] of guess.days.entries()) {
      const value = truth[step] ?? 0;
      scores.within80.push(value >= within80.low && value <= within80.high);
      scores.within95.push(value >= within95.low && value <= within95.high);
    }
    const total = truth.reduce((sum, value) => sum + value, 0);
    scores.totalError.push(Math.abs(total - guess.total.value) / Math.max(Math.abs(total), 1e-9));
    scores.total80.push(total >= guess.total.within80.low && total <= guess.total.within80.high);
  }
  return scores;
}

export async function benchForecast(words: readonly string[]): Promise<Report> {
  const files =
    words.length > 0
      ? words
      : ['superstore-daily-sales.csv', 'us-births-2000-2003.csv'].map((name) => `${import.meta.dirname}/data/${name}`);
  const all = files.map((file) => ({ file, scores: score(readSeries(readFileSync(file, 'utf8'))) }));
  const short = all.find(({ scores }) => scores.mase.length === 0);
  if (short !== undefined) throw new BenchInput(`${short.file} has no ${MOST_DAYS + HORIZON} days that differ: nothing to measure`);
  const share = (hits: readonly boolean[]): number => round(hits.filter(Boolean).length / hits.length, 3);
  const figures = all.map(({ file, scores }) => ({
    file: file.split('/').at(-1) ?? file,
    origins: scores.mase.length,
    mase: round(mean(scores.mase), 3),
    naiveMase: round(mean(scores.naiveMase), 3),
    coverage80: share(scores.within80),
    coverage95: share(scores.within95),
    totalError: round(mean(scores.totalError), 3),
    total80: share(scores.total80),
  }));
  const average = (of: (one: (typeof figures)[number]) => number): number => round(mean(figures.map(of)), 3);
  return {
    title: `Forecast: ${HORIZON} days ahead from ${MOST_DAYS} days of history, an origin every ${STEP} days`,
    columns: ['series', 'origins', 'MASE7', 'naive MASE7', 'ratio', '80 % covers', '95 % covers', '14-day total off by', 'its 80 % covers'],
    rows: figures.map((one) => [
      one.file,
      String(one.origins),
      one.mase.toFixed(3),
      one.naiveMase.toFixed(3),
      (one.mase / one.naiveMase).toFixed(3),
      `${(one.coverage80 * 100).toFixed(1)} %`,
      `${(one.coverage95 * 100).toFixed(1)} %`,
      `${(one.totalError * 100).toFixed(1)} %`,
      `${(one.total80 * 100).toFixed(1)} %`,
    ]),
    notes: [
      'Goals: ratio ≤ 0.85; 80 % intervals cover 78 to 85 %, 95 % intervals at least 91 %. The two series under bench/data were used to develop it.',
    ],
    json: {
      mase: average((one) => one.mase),
      coverage80: average((one) => one.coverage80),
      coverage95: average((one) => one.coverage95),
      naiveMase: average((one) => one.naiveMase),
      series: figures,
    },
  };
}
