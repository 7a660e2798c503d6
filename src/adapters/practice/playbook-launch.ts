// Launching: the best offers in one turn (one card for the person who approves), then every receipt read back.
import { type Micros, usd } from '../../core/money.ts';
import { findOffers, rankOffers } from './playbook-market.ts';
import { readOffersFirst } from './playbook-research.ts';
import { type Answer, callsOf, callTools, finish, inWords, lastError, type PastCall, type Situation } from './playbook-step.ts';

const OFFERS = 3;
const DAYS = 7;
const MICROS_PER_USD: Micros = usd(1);

export function launchStep(situation: Situation): Answer {
  const rounds = situation.turns.filter((turn) => turn.some((call) => call.name === 'market_launch'));
  if (rounds.length === 0) return launchBest(situation);
  const changed = rounds.length === 1 ? halved(rounds[0] ?? []) : [];
  if (changed.length > 0) return callTools('market_launch', changed);
  return readBack(situation);
}

function launchBest(situation: Situation): Answer {
  const read = findOffers(situation);
  if (read === null) return readOffersFirst(situation);
  if (!situation.tools.has('market_launch')) return finish(situation, 'nothing_done', 'There is no tool to launch an offer with.');
  const dollars = Number(BigInt(situation.facts.task.expectedCostMicros) / MICROS_PER_USD);
  const chosen = rankOffers(read).slice(0, Math.min(OFFERS, dollars));
  if (chosen.length === 0) {
    const why = dollars < 1 ? 'There is less than a dollar to launch with.' : 'Every offer runs already.';
    return finish(situation, 'nothing_done', why);
  }
  const budgetUsd = Math.floor(dollars / chosen.length);
  return callTools(
    'market_launch',
    chosen.map((offer) => ({ offerId: offer.id, budgetUsd, days: DAYS })),
  );
}

/** The calls a person wanted changed, once more with half the money. */
function halved(round: PastCall[]): Record<string, unknown>[] {
  return round
    .filter((call) => call.changesRequested)
    .map((call) => ({ ...call.input, budgetUsd: Math.floor(Number(call.input['budgetUsd']) / 2) }))
    .filter((input) => input.budgetUsd >= 1);
}

function readBack(situation: Situation): Answer {
  const launched = callsOf(situation.turns, 'market_launch').flatMap((call) => (call.output === null ? [] : [call.output['launchId']]));
  if (launched.length === 0)
    return finish(situation, 'nothing_done', `Nothing was launched: ${lastError(situation.turns, 'market_launch')}`);
  const readings = callsOf(situation.turns, 'market_results');
  const unread = launched.filter((id) => {
    const own = readings.filter((call) => String(call.input['launchId']) === String(id));
    return own.length < 2 && own.every((call) => call.output === null);
  });
  if (unread.length > 0 && situation.tools.has('market_results')) {
    return callTools(
      'market_results',
      unread.map((launchId) => ({ launchId })),
    );
  }
  const asked = new Set(callsOf(situation.turns, 'market_launch').map((call) => String(call.input['offerId']))).size;
  return finish(situation, 'done', `The market confirmed ${inWords(launched.length)} of ${inWords(asked)} launches.`);
}
