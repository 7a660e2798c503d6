// What happens to one experiment on the morning of a day, by its contract alone. Pure: figures in, an event or a hold out.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { ExperimentState, Verdict } from '../../db/tables/states.ts';
import type { Contract } from './contract.ts';
import { dayText, percent, sellsOnPage } from './contract.ts';
import type { ExperimentEvent } from './lifecycle.ts';

/** What is known of an experiment, its variants together. */
export interface Morning {
  state: ExperimentState;
  held: boolean;
  today: number;
  startedDay: number | null;
  deadlineDay: number | null;
  /** The last day on which late payments are waited for; null before it measures. */
  measureUntil: number | null;
  contract: Contract;
  /** The first launch's day; null before there is a receipt. */
  firstLaunchDay: number | null;
  /** Money that left, less what came back. */
  spendMicros: Micros;
  /** Revenue less refunds and fees. */
  earnedMicros: Micros;
  maxLossMicros: Micros;
  /** What its permission still allows. */
  allowedMicros: Micros;
  /** Less than this buys nothing. */
  leastMicros: Micros;
  visitors: number;
  /** P(profitable) of its best variant. */
  profitable: number;
  /** What the evidence says of its best variant. */
  judged: 'scale' | 'kill' | 'close' | 'reopen' | 'go-on';
  /** The last day with a payment. */
  lastOrderDay: number | null;
  /** The last day with a visit or an order. */
  lastHeardDay: number | null;
  /** Days with spending since then. */
  silentDays: number;
  /** Days since its last launch, today not counted. */
  starvedDays: number;
}

export type NextMove =
  | { kind: 'event'; event: Extract<ExperimentEvent, 'launch' | 'stop_spending' | 'reopen'>; reason: string }
  | { kind: 'conclude'; reason: string }
  | { kind: 'hold'; reason: string }
  | { kind: 'none' };

const NONE: NextMove = { kind: 'none' };

export function nextMove(morning: Morning): NextMove {
  switch (morning.state) {
    case 'approved':
      return morning.firstLaunchDay === null
        ? NONE
        : { kind: 'event', event: 'launch', reason: 'its first money has left, as the receipt says' };
    case 'running':
      return whileRunning(morning);
    case 'measuring':
      return whileMeasuring(morning);
    default:
      return NONE;
  }
}

function whileRunning(morning: Morning): NextMove {
  const why = whyStop(morning);
  if (why !== null) return { kind: 'event', event: 'stop_spending', reason: why };
  if (!morning.held && morning.silentDays >= morning.contract.silentDays)
    return {
      kind: 'hold',
      reason: `${morning.silentDays} days ${sellsOnPage(morning.contract) ? 'on sale' : 'of spending'} without a visit or an order`,
    };
  return NONE;
}

/** The kill rule and the limits, most telling first; null while it may go on. */
function whyStop(morning: Morning): string | null {
  const { contract, profitable, visitors, judged } = morning;
  const lossMicros = morning.spendMicros - morning.earnedMicros;
  if (judged === 'kill') return `its kill rule: proven to lose after ${visitors} visitors`;
  if (visitors >= contract.minVisitors && profitable < contract.killBelow)
    return `its kill rule: after ${visitors} visitors the chance that it is profitable is ${percent(profitable)}, below ${percent(contract.killBelow)}`;
  if (lossMicros >= morning.maxLossMicros) return `its maximum loss: ${formatUsd(lossMicros)} of ${formatUsd(morning.maxLossMicros)}`;
  if (morning.deadlineDay !== null && morning.today > morning.deadlineDay)
    return `its last day ${sellsOnPage(contract) ? 'on sale' : 'of spending'}, ${dayText(contract, morning.deadlineDay)}, is over`;
  if (morning.allowedMicros < morning.leastMicros && profitable < 0.5)
    return `its permission of ${formatUsd(morning.maxLossMicros)} is used up, and at ${percent(profitable)} nobody is asked for more`;
  // One whose permission is used up and that is likely to earn waits for people, not for a share.
  if (!morning.held && morning.starvedDays >= contract.starvedDays && morning.allowedMicros >= morning.leastMicros)
    return `no share of the money in ${morning.starvedDays} days: at ${percent(profitable)} likely to be profitable, other things came first`;
  return null;
}

function whileMeasuring(morning: Morning): NextMove {
  const { contract, today, deadlineDay, measureUntil, lastOrderDay } = morning;
  const lossMicros = morning.spendMicros - morning.earnedMicros;
  const mayGoOn =
    deadlineDay !== null && today <= deadlineDay && lossMicros < morning.maxLossMicros && morning.allowedMicros >= morning.leastMicros;
  // Only something new speaks for it; a chance that was too small before is too small still.
  const isNew = measureUntil !== null && lastOrderDay !== null && lastOrderDay >= measureUntil - contract.measureDays;
  if (isNew && mayGoOn && morning.judged !== 'kill' && morning.profitable >= Math.max(0.15, contract.killBelow * 3))
    return { kind: 'event', event: 'reopen', reason: `late payments make it ${percent(morning.profitable)} likely to be profitable` };
  if (measureUntil !== null && today > measureUntil)
    return {
      kind: 'conclude',
      reason: `late payments were waited for until ${sellsOnPage(contract) ? '' : 'day '}${dayText(contract, measureUntil)}`,
    };
  return NONE;
}

/** So much of what it could lose is a loss by its rule, whatever one may still hope for. */
const LOST_PART = 9n;

/** The end by its contract: what the evidence says, unless its money is lost or there were too few visitors to say anything. */
export function verdictFor(
  morning: Pick<Morning, 'spendMicros' | 'earnedMicros' | 'maxLossMicros' | 'visitors' | 'judged' | 'contract'>,
  said: Verdict,
): Verdict {
  if (morning.judged === 'scale' || morning.judged === 'kill') return said;
  const lossMicros = morning.spendMicros - morning.earnedMicros;
  if (lossMicros > 0n && lossMicros * 10n >= morning.maxLossMicros * LOST_PART) return 'kill';
  return morning.visitors < morning.contract.minVisitors && said !== 'kill' ? 'inconclusive' : said;
}

export const VERDICT_WORDS: Record<Verdict, string> = {
  scale: 'proven to earn: worth more money',
  keep: 'likely to earn: worth trying again with its own figures as the start',
  kill: 'does not earn: closed',
  inconclusive: 'nothing certain: too few visitors to say',
};
