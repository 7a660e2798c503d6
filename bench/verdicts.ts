// Verdicts under continuous looking: how often a wrong one in 10,000 looks, one after every visitor, and how many visitors a right one takes.
import { hashSeed, lognormal, type Random, randomFrom } from '../src/core/random.ts';
import { addOrder, lookAtBets, openBets } from '../src/domain/verdicts/betting.ts';
import { PROVEN } from '../src/domain/verdicts/judge.ts';
import { logEvidence } from '../src/domain/verdicts/mixture.ts';
import { readCounts } from './counts.ts';
import { percentile, type Report, round } from './report.ts';

const BREAK_EVEN = 0.02;
const LOOKS = 10_000;

interface Boundaries {
  /** By orders: from so many visitors on it is killed; up to so many it is scaled (0: never). */
  kill: (orders: number) => number;
  scale: (orders: number) => number;
}

/** The kill evidence rises with every visitor who does not order, the scale evidence only with an order: so each number of orders has two boundaries. */
function findBoundaries(breakEven: number): Boundaries {
  const remember = (find: (orders: number) => number) => {
    const known: number[] = [];
    return (orders: number): number => {
      const value = known[orders] ?? find(orders);
      known[orders] = value;
      return value;
    };
  };
  const firstFrom = (orders: number, holds: (visitors: number) => boolean): number => {
    let [low, high] = [orders - 1, LOOKS + 1];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (holds(middle)) high = middle;
      else low = middle;
    }
    return high;
  };
  return {
    kill: remember((orders) => firstFrom(orders, (visitors) => logEvidence({ visitors, orders }, breakEven).kill >= PROVEN)),
    scale: remember((orders) => firstFrom(orders, (visitors) => logEvidence({ visitors, orders }, breakEven).scale < PROVEN) - 1),
  };
}

interface Course {
  /** Visitors until killed or scaled, each as if the other did not exist; null when not within the looks. */
  kill: number | null;
  scale: number | null;
}

function follow(random: Random, rate: number, { kill, scale }: Boundaries): Course {
  const course: Course = { kill: null, scale: null };
  const logMiss = Math.log1p(-rate);
  let visitors = 0;
  for (let orders = 0; visitors <= LOOKS; orders += 1) {
    if (orders > 0 && course.scale === null && visitors <= scale(orders)) course.scale = visitors;
    const next = visitors + 1 + Math.floor(Math.log(1 - random()) / logMiss);
    const killed = Math.max(kill(orders), visitors);
    if (course.kill === null && killed < next && killed <= LOOKS) course.kill = killed;
    visitors = next;
  }
  return course;
}

const PRICE = 35;
const SPREAD = 0.6;
const COST = BREAK_EVEN * PRICE;
const MEAN_DRAWS = 400_000;

/** Orders of differing amounts (log-normal, mean as before, cut at three times of it), one in ten given back: the bets on revenue. */
function followBets(random: Random, rate: number): Course {
  const course: Course = { kill: null, scale: null };
  let bets = openBets({ cost: COST, most: 3 * PRICE, worst: 1 });
  let visitors = 0;
  for (let orders = 0; visitors < LOOKS && (course.kill === null || course.scale === null); orders += 1) {
    const next = Math.min(LOOKS, visitors + 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-rate)));
    // The kill side rises with every visitor who does not order: its highest point is just before the next order.
    if (course.kill === null && lookAtBets(bets, next - 1 - orders).kill >= PROVEN) course.kill = next - 1;
    visitors = next;
    bets = addOrder(bets, netOf(random));
    if (course.scale === null && lookAtBets(bets, visitors - orders - 1).scale >= PROVEN) course.scale = visitors;
  }
  return course;
}

const netOf = (random: Random): number => {
  const value = Math.min(lognormal(random, Math.log(PRICE) - SPREAD ** 2 / 2, SPREAD), 3 * PRICE);
  return random() < 0.1 ? -1 : value;
};

/** What an order brings on average, cut and refunds taken off: break-even is a visitor's cost over it. */
function meanNet(): number {
  const random = randomFrom(hashSeed('verdicts', 'mean'));
  let sum = 0;
  for (let draw = 0; draw < MEAN_DRAWS; draw += 1) sum += netOf(random);
  return sum / MEAN_DRAWS;
}

export async function benchVerdicts(words: readonly string[]): Promise<Report> {
  const { runs } = readCounts(words, { runs: 20_000 });
  const boundaries = findBoundaries(BREAK_EVEN);
  const measured = [0.25, 0.5, 0.75, 1, 1.5, 2, 3].map((times) => {
    const courses = Array.from({ length: runs }, (_, run) =>
      follow(randomFrom(hashSeed('verdicts', times, run)), BREAK_EVEN * times, boundaries),
    );
    const share = (side: keyof Course): number => courses.filter((course) => course[side] !== null).length / runs;
    const median = (side: keyof Course): number =>
      percentile(
        courses.map((course) => course[side] ?? Number.POSITIVE_INFINITY),
        0.5,
      );
    return { times, killed: share('kill'), scaled: share('scale'), toKill: median('kill'), toScale: median('scale') };
  });
  const betRuns = Math.max(20, Math.round(runs / 10));
  const breakEven = COST / meanNet();
  const bets = [0.5, 1, 2].map((times) => {
    const courses = Array.from({ length: betRuns }, (_, run) => followBets(randomFrom(hashSeed('bets', times, run)), breakEven * times));
    const count = (side: keyof Course): number => courses.filter((course) => course[side] !== null).length / betRuns;
    const half = (side: keyof Course): number =>
      percentile(
        courses.map((course) => course[side] ?? Number.POSITIVE_INFINITY),
        0.5,
      );
    return { times, killed: count('kill'), scaled: count('scale'), toKill: half('kill'), toScale: half('scale') };
  });
  const at = (times: number) => measured.find((one) => one.times === times);
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  const count = (value: number): string => (Number.isFinite(value) ? String(value) : '-');
  return {
    title: `Verdicts with break-even at ${BREAK_EVEN * 100} %, a look after each of ${LOOKS.toLocaleString('en-US')} visitors, ${runs} runs`,
    columns: ['true rate / break-even', 'killed', 'scaled', 'median to kill', 'median to scale'],
    rows: [...measured, ...bets].map(({ times, killed, scaled, toKill, toScale }, index) => [
      index < measured.length ? `${times}` : `${times}, differing amounts and refunds`,
      ...[percent(killed), percent(scaled), count(toKill), count(toScale)],
    ]),
    notes: ['Goals: at break-even killed ≤ 5 % and scaled ≤ 5 %; median to kill at half ≤ 950, to scale at twice ≤ 400.'],
    json: {
      falseKill: round(at(1)?.killed ?? 1, 4),
      falseScale: round(at(1)?.scaled ?? 1, 4),
      medianToKillAtHalf: at(0.5)?.toKill ?? null,
      medianToScaleAtTwice: at(2)?.toScale ?? null,
      looks: LOOKS,
      runs,
      bets: { falseKill: round(bets[1]?.killed ?? 1, 4), falseScale: round(bets[1]?.scaled ?? 1, 4), runs: betRuns },
    },
  };
}
