// How well repeat purchases are foreseen on a log of purchases: fitted on the first half of its time, held against the second.
import { readFileSync } from 'node:fs';
import {
  type BgNbd,
  expectedWhileActive,
  fitBgNbd,
  type History,
  probabilityAlive,
  probabilityOfRepeats,
} from '../src/domain/value/bg-nbd.ts';
import { expectedSpend, fitGammaGamma, meanSpend } from '../src/domain/value/gamma-gamma.ts';
import { type Purchase, readPurchases } from './purchase-log.ts';
import { BenchInput, type Report, round } from './report.ts';

/** The papers count in weeks, so that parameters can be compared. */
const UNIT_DAYS = 7;

interface Customer extends History {
  /** Mean amount of the repeat purchases in the first half; null without any. */
  mean: number | null;
  /** Purchases in the second half, and what they came to. */
  later: number;
  laterAmount: number;
}

export interface Halves {
  customers: Customer[];
  /** Lengths in weeks. */
  calibration: number;
  holdout: number;
}

/** Purchases of one day are one. What has no amount above nothing going back (a return) is no purchase. @throws BenchInput */
export function cutInHalves(purchases: readonly Purchase[]): Halves {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const byCustomer = new Map<string, Map<number, number>>();
  for (const { customer, day, quantity, amount } of purchases) {
    if (amount < 0 || quantity < 0) continue;
    [first, last] = [Math.min(first, day), Math.max(last, day)];
    const days = byCustomer.get(customer) ?? new Map<number, number>();
    byCustomer.set(customer, days.set(day, (days.get(day) ?? 0) + amount));
  }
  const middle = first + Math.floor((last - first) / 2);
  if (!(middle > first)) throw new BenchInput('the purchases lie within less than three days: there are no two halves to compare');
  const customers = [...byCustomer.values()].flatMap((amounts) =>
    customerOf(
      [...amounts].sort(([a], [b]) => a - b),
      middle,
    ),
  );
  return { customers, calibration: (middle - first) / UNIT_DAYS, holdout: (last - middle) / UNIT_DAYS };
}

/** Whoever came in the second half is not foreseen. */
function customerOf(days: readonly (readonly [day: number, amount: number])[], middle: number): Customer[] {
  const begin = days[0]?.[0] ?? Number.POSITIVE_INFINITY;
  if (begin > middle) return [];
  const repeats = days.filter(([day]) => day > begin && day <= middle);
  const later = days.filter(([day]) => day > middle);
  const amountOf = (some: typeof days): number => some.reduce((sum, [, amount]) => sum + amount, 0);
  return [
    {
      repeats: repeats.length,
      recency: ((repeats.at(-1)?.[0] ?? begin) - begin) / UNIT_DAYS,
      age: (middle - begin) / UNIT_DAYS,
      mean: repeats.length === 0 ? null : amountOf(repeats) / repeats.length,
      later: later.length,
      laterAmount: amountOf(later),
    },
  ];
}

/** Pearson's; null where one side does not vary. */
function correlation(pairs: readonly (readonly [number, number])[]): number | null {
  const mean = (of: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[of], 0) / pairs.length;
  const [x, y] = [mean(0), mean(1)];
  const product = (left: 0 | 1, right: 0 | 1): number => {
    const around = [x, y];
    return pairs.reduce((sum, pair) => sum + (pair[left] - (around[left] ?? 0)) * (pair[right] - (around[right] ?? 0)), 0);
  };
  const scale = Math.sqrt(product(0, 0) * product(1, 1));
  return scale > 0 ? product(0, 1) / scale : null;
}

const amounts = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 2 });

export async function benchLtv(words: readonly string[]): Promise<Report> {
  const [file, ...more] = words;
  if (file === undefined || more.length > 0)
    throw new BenchInput('one file is needed: npm run bench -- ltv FILE.csv (customer, date YYYYMMDD, quantity, amount)');
  return measure(file, cutInHalves(readPurchases(readText(file))));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BenchInput(`${file} cannot be read`, { cause });
  }
}

function measure(file: string, { customers, calibration, holdout }: Halves): Report {
  const begin = performance.now();
  const fit = fitBgNbd(customers);
  const fitMs = Math.round(performance.now() - begin);
  const repeatBuyers = customers.filter(({ repeats }) => repeats > 0).length;
  if (fit === null)
    throw new BenchInput(`of ${customers.length} customers in the first half nobody came back in it: there is nothing to fit`);
  const { model, logLikelihood } = fit;
  const told = foresee(customers, model, holdout);
  const { p, q, v } = told.worth ?? {};
  return {
    title: `Repeat purchases in ${file.split('/').at(-1)}: fitted on ${round(calibration)} weeks, held against the next ${round(holdout)}`,
    columns: ['', 'figure', 'actual'],
    rows: [
      ['customers', amounts(customers.length), ''],
      ...(['r', 'alpha', 'a', 'b'] as const).map((name) => [name === 'alpha' ? 'alpha (weeks)' : name, model[name].toFixed(4), '']),
      ['log-likelihood', logLikelihood.toFixed(2), ''],
      ['no repeat in the first half', amounts(told.none), amounts(customers.length - repeatBuyers)],
      ['purchases in the second half', amounts(told.purchases), amounts(told.actual)],
      ['correlation by customer', told.held === null ? 'none: nothing varies' : told.held.toFixed(4), ''],
      ...(told.worth === null
        ? []
        : [
            ['p / q / v of amounts', [p, q, v].map((value) => value?.toFixed(3)).join(' / '), ''],
            ['mean amount of a purchase', amounts(meanSpend(told.worth)), ''],
            ['amount in the second half', amounts(told.spent), amounts(told.actualAmount)],
          ]),
    ],
    notes: [
      `BG/NBD and Gamma-Gamma by maximum likelihood, fitted in ${fitMs} ms. Purchases of one day count as one; returns are no purchases. Customers are those of the first half (${repeatBuyers} came back in it).`,
    ],
    json: {
      ...{ ...model, logLikelihood, holdoutCorrelation: told.held, customers: customers.length, repeatBuyers },
      ...{ holdoutExpected: told.purchases, holdoutActual: told.actual, ...told.worth, fitMs },
    },
  };
}

/** What the model says of the second half, beside what came. */
function foresee(customers: readonly Customer[], model: BgNbd, holdout: number) {
  // While active, only repeats and age matter: few pairs, however many customers.
  const known = new Map<string, number>();
  const whileActive = (customer: Customer): number => {
    const key = `${customer.repeats}/${customer.age}`;
    const value = known.get(key) ?? expectedWhileActive(model, customer, holdout);
    known.set(key, value);
    return value;
  };
  const expected = customers.map((customer) => probabilityAlive(model, customer) * whileActive(customer));
  const worth =
    fitGammaGamma(customers.flatMap(({ repeats, mean }) => (mean === null ? [] : [{ purchases: repeats, mean }])))?.model ?? null;
  const spendOf = ({ repeats, mean }: Customer): number =>
    worth === null ? 0 : expectedSpend(worth, { purchases: repeats, mean: mean ?? 0 });
  const total = (of: (customer: Customer, index: number) => number): number =>
    customers.reduce((sum, customer, index) => sum + of(customer, index), 0);
  const ages = Map.groupBy(customers, ({ age }) => age);
  return {
    worth,
    held: correlation(customers.map(({ later }, index) => [expected[index] ?? 0, later] as const)),
    none: [...ages].reduce((sum, [age, same]) => sum + same.length * probabilityOfRepeats(model, 0, age), 0),
    purchases: total((_, index) => expected[index] ?? 0),
    spent: total((customer, index) => (expected[index] ?? 0) * spendOf(customer)),
    actual: total(({ later }) => later),
    actualAmount: total(({ laterAmount }) => laterAmount),
  };
}
